package postcode

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"testing"
)

func TestEmbedded_everyRow(t *testing.T) {
	t.Parallel()
	rows := facts(t)
	x := openEmbedded(t)
	for _, row := range rows {
		r := x.Find(row.pcds)
		want := Result{Answer: Found, Postcode: r.Postcode, Constituency: row.code}
		if row.code == "" {
			want.Answer = NonGeographic
		}
		if r.Answer != want.Answer || r.Constituency != want.Constituency || r.Postcode.String() != row.pcds {
			t.Fatalf("Find(%q) = %+v, want %+v", row.pcds, r, want)
		}
	}
	const all, nowhere = 1_734_274, 868
	if info := x.Info(); len(rows) != all || info.Postcodes != all || info.NonGeographic != nowhere {
		t.Errorf("%d facts, and the index says it holds %d, %d of them non-geographic; want %d and %d",
			len(rows), info.Postcodes, info.NonGeographic, all, nowhere)
	}
}

// realSector is what the facts say of a sector.
type realSector struct {
	units unitSet
	codes map[string]bool
}

// realSectors gives those of the facts, by their keys.
func realSectors(t *testing.T) map[uint32]*realSector {
	t.Helper()
	needFacts(t, factsPostcodes)
	sectors, err := readSectors()
	if err != nil {
		t.Fatal(err)
	}
	return sectors
}

var readSectors = sync.OnceValues(func() (map[uint32]*realSector, error) {
	rows, err := readFacts()
	if err != nil {
		return nil, err
	}
	sectors := map[uint32]*realSector{}
	for _, row := range rows {
		p, err := Parse(row.pcds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.pcds, err)
		}
		s := sectors[sectorKey(p)]
		if s == nil {
			s = &realSector{codes: map[string]bool{}}
			sectors[sectorKey(p)] = s
		}
		s.units.add(int(p.in & unitMask))
		if row.code != "" {
			s.codes[row.code] = true
		}
	}
	return sectors, nil
})

// Every unit of every real sector that is not in the facts must be unknown, and
// where its sector has constituencies, those are the candidates.
func TestEmbedded_noOtherUnit(t *testing.T) {
	t.Parallel()
	sectors := realSectors(t)
	x := openEmbedded(t)
	for key, s := range sectors {
		for unit := range unitsPerSector {
			if s.units.has(unit) {
				continue
			}
			p := Postcode{key >> 4, packInward(byte(key&0xF), unit)}
			r := x.Lookup(p)
			if r.Answer != UnknownUnit || r.Constituency != "" {
				t.Fatalf("%s does not exist, but is %+v", p, r)
			}
			if len(s.codes) == 0 {
				continue // the district's, which another test covers
			}
			if len(r.Candidates) != len(s.codes) || r.Within != p.sector() {
				t.Fatalf("the candidates for %s are %v within %q, not the %d of its sector",
					p, r.Candidates, r.Within, len(s.codes))
			}
			for _, code := range r.Candidates {
				if !s.codes[code] {
					t.Fatalf("%s is a candidate for %s, but not in its sector", code, p)
				}
			}
		}
	}
}

func TestEmbedded_noOtherSector(t *testing.T) {
	t.Parallel()
	sectors := realSectors(t)
	x := openEmbedded(t)
	districts := map[uint32]bool{}
	for key := range sectors {
		districts[key>>4] = true
	}
	for out := range uint32(firstSpecial) {
		if out&numberMask >= 100 {
			continue
		}
		if !districts[out] {
			if d := x.district(out); d != 0 {
				t.Fatalf("the outward code %#x does not exist, but has district %d", out, d)
			}
			continue
		}
		for digit := range byte(10) {
			p := Postcode{out, packInward(digit, 0)}
			if got := x.sector(p) != 0; got != (sectors[sectorKey(p)] != nil) {
				t.Fatalf("the index has the sector of %s: %v", p, got)
			}
		}
	}
}

func TestEmbedded_sizes(t *testing.T) {
	data := readEmbedded(t)
	if most := 500_000; len(data) > most {
		t.Errorf("the file has %d bytes, more than %d", len(data), most)
	}
	before := heapInUse()
	x, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	used := heapInUse() - before
	runtime.KeepAlive(x)
	runtime.KeepAlive(data)
	if most := 3_000_000; used > most {
		t.Errorf("the index takes %d bytes of memory, more than %d", used, most)
	}
	t.Logf("file %d bytes, memory %d bytes", len(data), used)
}

func heapInUse() int {
	runtime.GC()
	runtime.GC() // the second frees what a finalizer held in the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// The embedded file is what the command makes of the facts, to the byte. A new
// release of the compressor may pack differently: build it again then.
func TestEmbedded_isBuiltFromTheFacts(t *testing.T) {
	t.Parallel()
	needFacts(t, factsPostcodes)
	table, err := unpackFacts()
	if err != nil {
		t.Fatal(err)
	}
	built, _, err := Build(bytes.NewReader(table), int64(len(table)), embeddedOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(built, readEmbedded(t)) {
		t.Errorf("%s differs from what Build makes of %s", embeddedIndex, factsPostcodes)
	}
}
