package parliament

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a file, in words for the person who made it.
type Problem struct {
	Line int // counted from 1; 0 for the file as a whole
	Text string
}

// String is the problem as one line: "line 12: email is not an email address".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// FileError is everything that is wrong with a file, in the order of its lines.
type FileError struct{ Problems []Problem }

// Error lists the problems, one a line.
func (e *FileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Add notes a problem. Errors are for the reader of a CSV to collect, so that
// an operator mends a file once and not line by line.
func (e *FileError) Add(line int, format string, args ...any) {
	e.Problems = append(e.Problems, Problem{line, fmt.Sprintf(format, args...)})
}

// OrNil returns the error if there is any problem.
func (e *FileError) OrNil() error {
	if len(e.Problems) == 0 {
		return nil
	}
	slices.SortStableFunc(e.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return e
}
