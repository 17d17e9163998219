package postcode

import (
	"math/bits"
	"slices"
)

// Index holds every postcode of a country and the constituency of each. It
// never changes once opened, so any number of goroutines may use it.
//
// Three small tables lead from an outward code to its district and on to its
// sectors; entry 0 of each stands for what is not there, and leads to a sector
// without units. In a sector one bit tells whether a unit exists.
type Index struct {
	areas     [stems]uint16 // by area and trailing letter: the first of 100 entries of districts, in hundreds
	districts []uint16      // by number: the first of ten entries of sectorOf, in tens
	sectorOf  []uint16      // by digit: the sector
	sectors   []sector
	runs      []uint16 // the constituency of each run of units, 0 for none
	codes     []string // ONS codes from 1, sorted
	postcodes []int    // how many each has
	info      Info
}

// sector takes two cache lines, which the processor loads together. Its borders
// are the units whose constituency differs from that of the unit before, and
// start a run.
type sector struct {
	units   unitSet
	borders unitSet
	before  uint64 // the number of borders before each word, in nine bits apiece
	run     uint32 // the first of its runs in Index.runs
}

const countBits = 9

// setBorders takes in the borders of a split sector, and gives their number.
func (s *sector) setBorders(borders unitSet) (n int) {
	s.borders = borders
	for w, word := range borders {
		s.before |= uint64(n) << (w * countBits)
		n += bits.OnesCount64(word)
	}
	return n
}

// runOf gives the run that a unit belongs to. It has neither loop nor branch,
// which would be guessed wrong in every other lookup.
func (s *sector) runOf(unit int) int {
	word := unit / 64
	before := s.before >> (word * countBits) & (1<<countBits - 1)
	return int(s.run) + int(before) + bits.OnesCount64(s.borders[word]<<(63-unit%64))
}

// unitSet has a bit for each unit of a sector.
type unitSet [(unitsPerSector + 63) / 64]uint64

func (s *unitSet) has(unit int) bool { return s[unit/64]>>(unit%64)&1 != 0 }

func (s *unitSet) add(unit int) { s[unit/64] |= 1 << (unit % 64) }

// upTo counts the members up to and including unit.
func (s *unitSet) upTo(unit int) (n int) {
	for _, word := range s[:unit/64] {
		n += bits.OnesCount64(word)
	}
	return n + bits.OnesCount64(s[unit/64]<<(63-unit%64))
}

func (s *unitSet) count() int { return s.upTo(unitsPerSector - 1) }

// sector gives the number of the postcode's sector, 0 if it has none.
func (x *Index) sector(p Postcode) uint16 {
	return x.sectorOf[int(x.district(p.out))*10+int(p.in>>unitBits)]
}

func (x *Index) district(out uint32) uint16 {
	return x.districts[int(x.areas[out>>numberBits%stems])*100+int(out&numberMask)]
}

// eachRun visits the runs of a sector: the number of their constituency, 0 for
// none, and of their units.
func (x *Index) eachRun(s *sector, visit func(code uint16, units int)) {
	before, run := 0, int(s.run)
	for w, word := range s.borders {
		for ; word != 0; word &= word - 1 {
			border := w*64 + bits.TrailingZeros64(word)
			until := s.units.upTo(border) - 1
			visit(x.runs[run], until-before)
			before = until
			run++
		}
	}
	visit(x.runs[run], s.units.count()-before)
}

// Postcodes returns how many postcodes a constituency has, by its ONS code; 0 for
// one that the index does not know.
func (x *Index) Postcodes(constituency string) int {
	i, ok := slices.BinarySearch(x.codes[1:], constituency)
	if !ok {
		return 0
	}
	return x.postcodes[1+i]
}

// Info tells where the index comes from and what it holds.
func (x *Index) Info() Info { return x.info }

// Info describes an index.
type Info struct {
	Source      string `json:"source"`      // the name of the data it was built from
	Date        string `json:"date"`        // of the data, as its publisher gives it
	Attribution string `json:"attribution"` // what the data's licences ask to be shown
	Version     int    `json:"version"`     // of the file format
	Checksum    string `json:"checksum"`    // SHA-256 of all the file but itself, in hexadecimal
	Bytes       int    `json:"bytes"`       // size of the file

	Postcodes      int     `json:"postcodes"`      // all that exist
	NonGeographic  int     `json:"non_geographic"` // of these, those without a constituency
	Nations        Nations `json:"nations"`
	Sectors        int     `json:"sectors"`
	Districts      int     `json:"districts"`
	Constituencies int     `json:"constituencies"`
}

// Nations counts the postcodes that have a constituency, by its nation.
type Nations struct {
	England         int `json:"england"`
	Wales           int `json:"wales"`
	Scotland        int `json:"scotland"`
	NorthernIreland int `json:"northern_ireland"`
}

// of gives the count for the nation of an ONS code, or nil.
func (n *Nations) of(code string) *int {
	switch code[0] {
	case 'E':
		return &n.England
	case 'W':
		return &n.Wales
	case 'S':
		return &n.Scotland
	case 'N':
		return &n.NorthernIreland
	}
	return nil
}
