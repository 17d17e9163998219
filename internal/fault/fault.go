// Package fault is the one error type that carries what a person may see.
//
// Everything below the web wraps errors with what was being done; where a
// person has to be told something, the error becomes a *fault.Error with a
// code (which decides the HTTP status and the exit code) and the key of a
// sentence in the message catalogue. Everything else is internal: it is logged
// once and the person sees a general apology.
package fault

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sort"
	"strings"
)

// Code says what kind of problem an error is. It decides the HTTP status.
type Code string

// The codes, the whole list.
const (
	Invalid      Code = "invalid"      // what was typed cannot be used
	NotFound     Code = "not_found"    // there is no such thing
	Conflict     Code = "conflict"     // the thing is no longer in a state that allows this
	Unauthorized Code = "unauthorized" // nobody is signed in
	Forbidden    Code = "forbidden"    // signed in, but not allowed
	RateLimited  Code = "rate_limited" // too many, too fast
	Unavailable  Code = "unavailable"  // try again later
	Internal     Code = "internal"     // ours to mend; never shown
)

// Error is an error whose code and sentence may be shown to a person.
type Error struct {
	Code   Code
	Safe   string            // key of a sentence in the message catalogue
	Fields map[string]string // field name to the key of the sentence beside it
	Err    error             // the cause, for the log only
}

// New returns an error with a code and the catalogue key of its sentence.
func New(code Code, safe string) *Error { return &Error{Code: code, Safe: safe} }

// Wrap is New with the cause that goes to the log.
func Wrap(err error, code Code, safe string) *Error {
	return &Error{Code: code, Safe: safe, Err: err}
}

// Fieldwise returns an Invalid error for one or more fields of a form.
func Fieldwise(fields map[string]string) *Error {
	return &Error{Code: Invalid, Safe: "error.fields", Fields: fields}
}

// Error names the code, the sentence's key and the fields in error; it never
// contains what was typed.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Safe)
	if len(e.Fields) > 0 {
		names := make([]string, 0, len(e.Fields))
		for name := range e.Fields {
			names = append(names, name)
		}
		sort.Strings(names)
		fmt.Fprintf(&b, " (%s)", strings.Join(names, ", "))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first *Error in err's chain, else Internal;
// for nil it returns the empty code.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Panicked returns what was recovered as an error that may be logged: its type
// and the stack. The value itself may quote what somebody typed.
func Panicked(recovered any) error {
	return fmt.Errorf("panic with a %T\n%s", recovered, debug.Stack())
}

// SafeOf returns the key of the sentence of the first *Error in err's chain, or
// "" if there is none.
func SafeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Safe
	}
	return ""
}
