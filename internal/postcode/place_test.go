package postcode

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestPostcode_Place(t *testing.T) {
	for _, test := range []struct {
		typed, want string
		place       Place
	}{
		{"LS6 3HN", "LS6 3HN", NoPlace},
		{"B1 1AA", "B1 1AA", NoPlace},
		{"GIR 0AA", "GIR 0AA", NoPlace},
		{"bt1 5gs", "BT1 5GS", NorthernIreland},
		{"BTl 5GS", "BT1 5GS", NorthernIreland},
		{"je2 3qr", "JE2 3QR", Jersey},
		{"GY1O 1SF", "GY10 1SF", Guernsey},
		{"IM1 1AA", "IM1 1AA", IsleOfMan},
		{"lM1 1AA", "LM1 1AA", NoPlace}, // as it stands
		{"1M1 1AA", "IM1 1AA", IsleOfMan},
		{"BF1 2AT", "BF1 2AT", ForcesMail},
		{"BFPO 5", "BFPO 5", ForcesMail},
		{"BFPO 57", "BFPO 57", ForcesMail},
		{"bfpo57", "BFPO 57", ForcesMail},
		{"B.F.P.O. 57", "BFPO 57", ForcesMail},
		{"BFP0 l05", "BFPO 105", ForcesMail},
		{"BFPO 5420", "BFPO 5420", ForcesMail},
		{"GX11 1AA", "GX11 1AA", Gibraltar},
		{"ASCN 1ZZ", "ASCN 1ZZ", Ascension},
		{"ascn1zz", "ASCN 1ZZ", Ascension},
		{"BBND 1ZZ", "BBND 1ZZ", IndianOceanTerritory},
		{"BIQQ 1ZZ", "BIQQ 1ZZ", AntarcticTerritory},
		{"FIQQ 1ZZ", "FIQQ 1ZZ", FalklandIslands},
		{"F1QQ IZZ", "FIQQ 1ZZ", FalklandIslands},
		{"PCRN 1ZZ", "PCRN 1ZZ", PitcairnIslands},
		{"SIQQ 1ZZ", "SIQQ 1ZZ", SouthGeorgia},
		{"STHL 1ZZ", "STHL 1ZZ", SaintHelena},
		{"sthl lzz", "STHL 1ZZ", SaintHelena},
		{"TDCU 1ZZ", "TDCU 1ZZ", TristanDaCunha},
		{"TKCA 1ZZ", "TKCA 1ZZ", TurksAndCaicos},
		{"AI-2640", "AI-2640", Anguilla},
		{"ai 264o", "AI-2640", Anguilla},
		{"VG1110", "VG1110", VirginIslands},
		{"VG 1160", "VG1160", VirginIslands},
		{"KY1-1001", "KY1-1001", CaymanIslands},
		{"ky3 0505", "KY3-0505", CaymanIslands},
		{"MSR1110", "MSR 1110", Montserrat},
	} {
		p, err := Parse(test.typed)
		if err != nil || p.String() != test.want || p.Place() != test.place {
			t.Errorf("Parse(%q) = %q in %q, %v; want %q in %q", test.typed, p, p.Place(), err, test.want, test.place)
		}
	}
}

func TestPlaces(t *testing.T) {
	named := map[string]bool{}
	for _, p := range Places() {
		if p == NoPlace || p.String() == "" || named[p.String()] {
			t.Errorf("place %d has the name %q, which is empty or taken", p, p)
		}
		named[p.String()] = true
	}
	for _, s := range specials {
		if s.place != NoPlace && !named[s.place.String()] {
			t.Errorf("Places lacks %q, where %s is", s.place, s.form)
		}
	}
	for area, p := range areaPlaces {
		if p != NoPlace && !named[p.String()] {
			t.Errorf("Places lacks %q, of area %d", p, area)
		}
	}
}

func TestPostcode_zero(t *testing.T) {
	var p Postcode
	if p.String() != "" || p.Place() != NoPlace {
		t.Errorf("the zero value reads %q in %q", p, p.Place())
	}
}

func TestPostcode_isNotLogged(t *testing.T) {
	p, err := Parse("LS6 3HN")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("lookup", "postcode", p)
	if strings.Contains(out.String(), "LS6") || !strings.Contains(out.String(), "[postcode]") {
		t.Errorf("the log says %s", out.String())
	}
}
