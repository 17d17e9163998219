package postcode

import (
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	for _, typed := range []string{"LS6 3HN", "ls6 oab", "EC1A1BB", "ECIA lBB", "GIR 0AA", "BFPO 57", "ASCN 1ZZ",
		"AI-2640", "KY1-1001", "P0l2 IAA", "ＬＳ６　３ＨＮ", "LS6\u200b3HN", "\xff\xfe", "", "SLO 1AA", "MSR 1110"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		p, err := Parse(typed)
		if err != nil {
			if p != (Postcode{}) {
				t.Errorf("an error and %q", p)
			}
			return
		}
		again, err := Parse(p.String())
		if err != nil || again != p {
			t.Errorf("%q reads as %q, and that as %q, %v", typed, p, again, err)
		}
		if literal, ok := parseLiteral(p.String()); !ok || literal != p {
			t.Errorf("%q, of %q, is not literal", p, typed)
		}
		if !utf8.ValidString(typed) {
			t.Errorf("%q is no text, but reads as %q", typed, p)
		}
	})
}

// FuzzOpen gives the reader files that are damaged anywhere.
func FuzzOpen(f *testing.F) {
	file := sampleFile(f)
	f.Add(file)
	f.Add(file[:headerSize])
	f.Add(resum(file[:len(file)/2]))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) >= headerSize {
			file = resum(append([]byte(nil), file...))
		}
		if x, err := Open(file); err == nil {
			probe(t, x)
		}
	})
}

// FuzzDecode gives it bodies that are wrong under a right checksum.
func FuzzDecode(f *testing.F) {
	body, err := unseal(sampleFile(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte{0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		if x, err := decode(body); err == nil {
			probe(t, x)
		}
	})
}

// probe looks up every unit of every sector of an index, and counts.
func probe(t *testing.T, x *Index) {
	exist := 0
	for stem, area := range x.areas {
		if area == 0 {
			continue
		}
		for number := range uint32(100) {
			exist += probeDistrict(t, x, uint32(stem)<<numberBits|number)
		}
	}
	if exist != x.Info().Postcodes {
		t.Fatalf("%d postcodes exist, and it says %d", exist, x.Info().Postcodes)
	}
}

func probeDistrict(t *testing.T, x *Index, out uint32) (exist int) {
	if x.district(out) == 0 {
		return 0
	}
	for digit := range byte(10) {
		for unit := range unitsPerSector {
			p := Postcode{out, packInward(digit, unit)}
			if !x.sectors[x.sector(p)].units.has(unit) {
				continue // whose candidates would take most of the time
			}
			exist++
			if r := x.Lookup(p); r.Answer == Found && !isCode(r.Constituency) {
				t.Fatalf("found in %q", r.Constituency)
			}
		}
	}
	if r := x.Lookup(Postcode{out, packInward(0, 0)}); r.Answer == Malformed {
		t.Fatal("an outward code of the index is malformed")
	}
	return exist
}
