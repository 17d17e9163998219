package postcode

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Options say where the data for an index comes from and how to read it.
type Options struct {
	// Source and Date name the data, as in "ONSPD" and "2025-05"; both are
	// required and stay in the index, as does Attribution.
	Source, Date, Attribution string

	// Known tells the ONS codes of the present constituencies, so that any
	// other is refused. Without it only codes that ended in 2024 are.
	Known func(code string) bool

	// Progress, if set, is called often with the number of bytes read and
	// their total.
	Progress func(done, total int64)
}

// Summary says what Build read and made.
type Summary struct {
	Rows       int // below the header
	Terminated int // skipped: the postcode is no longer in use
	Outside    int // skipped: Channel Islands, Isle of Man and the like
	Info           // of the index; its Postcodes are the live rows
}

// Why a row is refused; a RowError wraps one of these or ErrMalformed.
var (
	ErrOldBoundaries = errors.New("the boundaries of before July 2024")
	ErrUnknownCode   = errors.New("not the code of a constituency")
	ErrRepeated      = errors.New("listed before")
	ErrContradiction = errors.New("listed before in another constituency")
	errTooMany       = errors.New("one more sector or constituency than an index can hold")
)

// RowError tells which row of a postcode table is wrong, and why.
type RowError struct {
	Line           int // counted from 1, the header
	Postcode, Code string
	FirstLine      int // of the row that this one repeats or contradicts
	Err            error
}

func (e *RowError) Unwrap() error { return e.Err }

func (e *RowError) Error() string {
	at := fmt.Sprintf("line %d: %s", e.Line, e.Postcode)
	switch e.Err {
	case ErrOldBoundaries:
		return fmt.Sprintf("%s has the constituency code %s, from %v: download an ONSPD or NSPL "+
			"of 2025 or later from https://geoportal.statistics.gov.uk", at, e.Code, e.Err)
	case ErrUnknownCode:
		return fmt.Sprintf("%s has the code %q, which is %v", at, e.Code, e.Err)
	case ErrMalformed:
		return fmt.Sprintf("line %d: %q is %v", e.Line, e.Postcode, e.Err)
	case ErrRepeated, ErrContradiction:
		return fmt.Sprintf("%s (%s) is %v, on line %d", at, e.Code, e.Err, e.FirstLine)
	}
	return fmt.Sprintf("%s: %v", at, e.Err)
}

// maxFaults is how many wrong rows are reported before giving up.
const maxFaults = 20

// Build makes an index file from a postcode table: ONSPD or NSPL with the
// headers of any year, or any CSV with the columns pcds and pcon24cd; plain, in
// gzip, or in the official zip. It streams, and the same rows in any order give
// the same bytes. Wrong rows are reported together, as RowErrors; codes from
// before 2024 at once.
func Build(file io.ReaderAt, size int64, opt Options) ([]byte, Summary, error) {
	if opt.Source == "" || opt.Date == "" {
		return nil, Summary{}, errors.New("build index: the source and the date of the data must be named")
	}
	for _, text := range []string{opt.Source, opt.Date, opt.Attribution} {
		if len(text) > maxText || !utf8.ValidString(text) {
			return nil, Summary{}, fmt.Errorf("build index: the source, the date and the attribution must be "+
				"UTF-8 of at most %d bytes", maxText)
		}
	}
	b := &builder{opt: opt, most: maxTable, sectors: make(map[uint32]*plan), codes: make(map[string]uint16)}
	data, err := b.build(file, size)
	if err != nil {
		return nil, Summary{}, fmt.Errorf("build index: %w", err)
	}
	return data, b.summary, nil
}

// builder is an index in progress.
type builder struct {
	opt     Options
	summary Summary
	faults  []error
	most    int64 // bytes of an unpacked table

	sectors map[uint32]*plan  // by sectorKey
	codes   map[string]uint16 // their numbers in a plan; refused for a bad one
	names   []string          // of the numbers from firstCode
}

// plan holds what is known of a sector's units: the number of the constituency
// of each, and the line that told.
type plan struct {
	codes [unitsPerSector]uint16
	lines [unitsPerSector]uint32
}

const (
	absent    = 0 // no such unit
	noCode    = 1 // non-geographic
	firstCode = 2
	refused   = 1<<16 - 1
)

// sectorKey numbers sectors in the order of the index.
func sectorKey(p Postcode) uint32 { return p.out<<4 | uint32(p.in>>unitBits) }

func (b *builder) build(file io.ReaderAt, size int64) ([]byte, error) {
	table, err := openTable(file, size, b.opt.Progress)
	if err != nil {
		return nil, err
	}
	defer table.Close()
	rows, err := readHeader(&bounded{table, b.most})
	if err != nil {
		return nil, err
	}
	for {
		r, err := rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, errors.Join(append(b.faults, err)...)
		}
		if err := b.add(r); err != nil {
			b.faults = append(b.faults, err)
			if len(b.faults) == maxFaults || errors.Is(err, ErrOldBoundaries) {
				break
			}
		}
	}
	switch {
	case len(b.faults) == maxFaults:
		return nil, fmt.Errorf("%w\nand perhaps more after these", errors.Join(b.faults...))
	case len(b.faults) > 0:
		return nil, errors.Join(b.faults...)
	case b.summary.Rows == 0:
		return nil, errors.New("the table has no rows below its header")
	case len(b.names) == 0:
		return nil, errors.New("no row has a constituency code")
	}
	data, err := seal(b.encode())
	if err != nil {
		return nil, err
	}
	// What is written must be readable, so it is read, and counted there.
	index, err := Open(data)
	if err != nil {
		return nil, err
	}
	b.summary.Info = index.Info()
	return data, nil
}

// add takes in one row; its only errors are RowErrors.
func (b *builder) add(r row) error {
	b.summary.Rows++
	if r.term != "" {
		b.summary.Terminated++
		return nil
	}
	fault := func(err error) error {
		return &RowError{Line: r.line, Postcode: r.pcds, Code: r.code, Err: err}
	}
	p, ok := parseLiteral(r.pcds)
	if !ok {
		return fault(ErrMalformed)
	}
	if place := p.Place(); p.isGirobank() || place != NoPlace && place != NorthernIreland {
		b.summary.Outside++
		return nil
	}
	code, err := b.number(r.code)
	if err != nil {
		return fault(err)
	}
	if code == refused {
		return nil
	}
	s := b.sectors[sectorKey(p)]
	if s == nil {
		if len(b.sectors) == maxEntries {
			return fault(errTooMany)
		}
		s = new(plan)
		b.sectors[sectorKey(p)] = s
	}
	unit := p.in & unitMask
	if before := s.codes[unit]; before != absent {
		why := ErrRepeated
		if before != code {
			why = ErrContradiction
		}
		return &RowError{Line: r.line, Postcode: r.pcds, Code: r.code, FirstLine: int(s.lines[unit]), Err: why}
	}
	s.codes[unit] = code
	s.lines[unit] = uint32(r.line)
	return nil
}

// number gives a code's number in a plan. A wrong code is an error when it is
// first met, and refused from then on.
func (b *builder) number(code string) (uint16, error) {
	if n, ok := b.codes[code]; ok {
		return n, nil
	}
	n, err := uint16(refused), error(nil)
	known := isCode(code) && (b.opt.Known == nil || b.opt.Known(code))
	switch {
	case code == "" || isPseudo(code):
		n = noCode
	case isOld(code) && (b.opt.Known == nil || !known):
		err = ErrOldBoundaries
	case !known:
		err = ErrUnknownCode
	case len(b.names) == maxEntries-firstCode:
		err = errTooMany
	default:
		n = uint16(firstCode + len(b.names))
		b.names = append(b.names, code)
	}
	b.codes[code] = n
	return n, err
}
