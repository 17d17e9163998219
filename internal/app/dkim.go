package app

import (
	"errors"
	"fmt"

	"postbag/internal/config"
	"postbag/internal/mailer"
)

// ReadDKIM reads the keys that mail is signed with. The error says of every key
// that cannot be used what to do about it.
func ReadDKIM(cfg config.Config) ([]mailer.DKIMKey, error) {
	var keys []mailer.DKIMKey
	var errs []error
	for _, named := range cfg.DKIM {
		key, err := mailer.ReadDKIMKey(named.Selector, named.File)
		if err != nil {
			errs = append(errs, fmt.Errorf("POSTBAG_DKIM %w", err))
			continue
		}
		keys = append(keys, key)
	}
	return keys, config.Wrong(errors.Join(errs...))
}
