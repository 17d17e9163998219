package postcode

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// Open reads an index file, checks all of it, and keeps nothing of data. It
// refuses a file with ErrForeign, ErrNewer, ErrTruncated or ErrDamaged.
func Open(data []byte) (*Index, error) {
	body, err := unseal(data)
	if err != nil {
		return nil, err
	}
	x, err := decode(body)
	if err != nil {
		return nil, err
	}
	x.info.Version = formatVersion
	x.info.Bytes = len(data)
	x.info.Checksum = hex.EncodeToString(data[checksumAt:headerSize])
	return x, nil
}

// decode builds the index from a body, which may hold anything: every length
// and reference is checked here, so that a lookup cannot go astray. Memory is
// in proportion to the body, whose size is bounded.
func decode(body []byte) (*Index, error) {
	r := &reader{rest: body}
	x := &Index{
		districts: make([]uint16, 100),
		sectorOf:  make([]uint16, 10),
		sectors:   make([]sector, 1),
	}
	x.info.Source, x.info.Date, x.info.Attribution = r.text(), r.text(), r.text()
	x.decodeCodes(r)
	split := x.decodeDistricts(r)
	x.decodeSectors(r, split)
	if r.err == nil && len(r.rest) > 0 {
		r.fail("%d bytes are left over", len(r.rest))
	}
	if r.err != nil {
		return nil, r.err
	}
	return x, nil
}

func (x *Index) decodeCodes(r *reader) {
	all := string(r.list(codeSize, maxEntries))
	x.codes = make([]string, 1, 1+len(all)/codeSize)
	for ; all != ""; all = all[codeSize:] {
		code := all[:codeSize]
		if !isCode(code) || code <= x.codes[len(x.codes)-1] {
			r.fail("its list of constituencies is wrong")
			return
		}
		x.codes = append(x.codes, code)
	}
	x.info.Constituencies = len(x.codes) - 1
}

// decodeDistricts fills the tables down to the sectors, and tells which sectors
// are split.
func (x *Index) decodeDistricts(r *reader) (split []bool) {
	const size = 8
	list := r.list(size, maxEntries)
	x.info.Districts = len(list) / size
	x.sectorOf = make([]uint16, 10*(1+x.info.Districts))
	split = make([]bool, 1)
	previous := uint32(0)
	for d := 1; len(list) > 0; list, d = list[size:], d+1 {
		out := binary.LittleEndian.Uint32(list)
		exist := binary.LittleEndian.Uint16(list[4:])
		splits := binary.LittleEndian.Uint16(list[6:])
		if out <= previous || out >= firstSpecial || out&numberMask >= 100 ||
			exist == 0 || exist >= 1<<10 || splits&^exist != 0 {
			r.fail("its district %d is wrong", d)
			return nil
		}
		previous = out
		area := &x.areas[out>>numberBits]
		if *area == 0 {
			*area = uint16(len(x.districts) / 100)
			x.districts = append(x.districts, make([]uint16, 100)...)
		}
		x.districts[int(*area)*100+int(out&numberMask)] = uint16(d)
		for ; exist != 0; exist &= exist - 1 {
			digit := bits.TrailingZeros16(exist)
			x.sectorOf[d*10+digit] = uint16(len(split))
			split = append(split, splits>>digit&1 != 0)
		}
	}
	if len(split) > 1+maxEntries {
		r.fail("it has more than %d sectors", maxEntries)
		return nil
	}
	x.info.Sectors = max(len(split)-1, 0)
	return split
}

func (x *Index) decodeSectors(r *reader, split []bool) {
	if r.err != nil {
		return
	}
	existing := r.take(x.info.Sectors * bitmapSize)
	splits := 0
	for _, s := range split {
		if s {
			splits++
		}
	}
	changes := r.take(splits * bitmapSize)
	if r.err != nil {
		return
	}
	x.sectors = make([]sector, len(split))
	runs := 0
	for i := 1; i < len(split); i++ {
		s := &x.sectors[i]
		s.run = uint32(runs)
		s.units, existing = decodeUnits(existing)
		if s.units == (unitSet{}) {
			r.fail("its sector %d is empty", i)
			return
		}
		runs++
		if !split[i] {
			continue
		}
		var b unitSet
		b, changes = decodeUnits(changes)
		for w := range b {
			if b[w]&^s.units[w] != 0 {
				r.fail("its sector %d has a border without a unit", i)
				return
			}
		}
		runs += s.setBorders(b)
	}
	x.decodeRuns(r, runs)
}

func (x *Index) decodeRuns(r *reader, n int) {
	list := r.take(2 * n)
	if r.err != nil {
		return
	}
	x.runs = make([]uint16, len(list)/2)
	for i := range x.runs {
		x.runs[i] = binary.LittleEndian.Uint16(list[2*i:])
		if int(x.runs[i]) >= len(x.codes) {
			r.fail("its run %d has no constituency", i)
			return
		}
	}
	x.count()
}

// count fills the counts of postcodes.
func (x *Index) count() {
	counts := make([]int, len(x.codes))
	for i := range x.sectors[1:] {
		x.eachRun(&x.sectors[1+i], func(code uint16, units int) { counts[code] += units })
	}
	x.postcodes = counts
	x.info.NonGeographic = counts[0]
	for code, units := range counts {
		x.info.Postcodes += units
		if code > 0 {
			*x.info.Nations.of(x.codes[code]) += units
		}
	}
}
