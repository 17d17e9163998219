package postcode

import (
	"encoding/binary"
	"maps"
	"slices"
)

// encode writes the body of an index; see the format.
func (b *builder) encode() []byte {
	var body, units, borders, runs []byte

	for _, text := range []string{b.opt.Source, b.opt.Date, b.opt.Attribution} {
		body = appendText(body, text)
	}
	codes := slices.Sorted(slices.Values(b.names))
	body = binary.AppendUvarint(body, uint64(len(codes)))
	entries := make([]uint16, firstCode+len(b.names)) // from a plan's number to the entry
	for i, code := range codes {
		body = append(body, code...)
		entries[b.codes[code]] = uint16(i + 1)
	}

	keys := slices.Sorted(maps.Keys(b.sectors))
	var districts []byte
	count := uint64(0)
	var exist, split uint16
	for i, key := range keys {
		existing, changes, codes := b.sectors[key].runs()
		digit := key & 0xF
		exist |= 1 << digit
		units = encodeUnits(units, existing)
		if changes != (unitSet{}) {
			split |= 1 << digit
			borders = encodeUnits(borders, changes)
		}
		for _, code := range codes {
			runs = binary.LittleEndian.AppendUint16(runs, entries[code])
		}
		if i+1 == len(keys) || keys[i+1]>>4 != key>>4 {
			districts = binary.LittleEndian.AppendUint32(districts, key>>4)
			districts = binary.LittleEndian.AppendUint16(districts, exist)
			districts = binary.LittleEndian.AppendUint16(districts, split)
			exist, split = 0, 0
			count++
		}
	}
	body = binary.AppendUvarint(body, count)
	return slices.Concat(body, districts, units, borders, runs)
}

// runs gives the units of a sector, those whose constituency differs from the
// one before, and the numbers of the constituencies in turn.
func (p *plan) runs() (existing, changes unitSet, codes []uint16) {
	for unit, code := range p.codes {
		if code == absent {
			continue
		}
		existing.add(unit)
		if len(codes) > 0 && codes[len(codes)-1] == code {
			continue
		}
		if len(codes) > 0 {
			changes.add(unit)
		}
		codes = append(codes, code)
	}
	return existing, changes, codes
}

func appendText(body []byte, text string) []byte {
	body = binary.AppendUvarint(body, uint64(len(text)))
	return append(body, text...)
}
