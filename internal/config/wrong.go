package config

import "errors"

// wrong is an error that is mended by changing a setting.
type wrong struct{ error }

func (w wrong) Unwrap() error { return w.error }

// Wrong marks an error of a start as one that is mended by changing a setting:
// what is wrong with a file that a setting names is found where it is read. Of
// nil it is nil.
func Wrong(err error) error {
	if err == nil {
		return nil
	}
	return wrong{err}
}

// IsWrong reports whether an error is mended by changing a setting.
func IsWrong(err error) bool {
	var w wrong
	return errors.As(err, &w)
}
