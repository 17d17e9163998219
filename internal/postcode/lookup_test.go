package postcode

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sample has a sector split in three, one in a single constituency, one with
// only non-geographic units, and Welsh and Scottish rows.
const sample = "pcds,east1m,north1m,pcon24cd\n" +
	"LS6 3AA,1,1,E14001319\n" +
	"LS6 3AB,1,1,E14001319\n" +
	"LS6 3AD,1,1,E14001320\n" +
	"LS6 3BA,1,1,E14001320\n" +
	"LS6 3BB,1,1,E14001320\n" +
	"LS6 3ZX,1,1,E14001318\n" +
	"LS6 3ZZ,0,0,\n" +
	"LS6 4AA,1,1,E14001317\n" +
	"LS6 9AA,0,0,\n" +
	"EC1A 1BB,1,1,E14001172\n" +
	"EC1V 1BB,1,1,E14001305\n" +
	"CF10 1AA,1,1,W07000085\n" +
	"AB10 1AB,1,1,S14000061\n"

func openSample(t *testing.T, table string) *Index {
	t.Helper()
	data, _, err := buildText(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestIndex_Find(t *testing.T) {
	x := openSample(t, sample)
	for _, test := range []struct {
		name, typed string
		want        Result
	}{
		{"the first run of a split sector", "ls6 3ab", Result{Answer: Found, Constituency: "E14001319"}},
		{"the second run", "LS6 3AD", Result{Answer: Found, Constituency: "E14001320"}},
		{"the end of the second run", "LS6 3BB", Result{Answer: Found, Constituency: "E14001320"}},
		{"the third run", "LS6 3ZX", Result{Answer: Found, Constituency: "E14001318"}},
		{"a unit without a place in a split sector", "LS6 3ZZ", Result{Answer: NonGeographic}},
		{"a sector in one constituency", "LS64AA", Result{Answer: Found, Constituency: "E14001317"}},
		{"a sector without a place", "LS6 9AA", Result{Answer: NonGeographic}},
		{"a trailing letter", "EC1A 1BB", Result{Answer: Found, Constituency: "E14001172"}},
		{"another trailing letter", "EC1V 1BB", Result{Answer: Found, Constituency: "E14001305"}},
		{"Wales", "CF10 1AA", Result{Answer: Found, Constituency: "W07000085"}},
		{"Scotland", "AB10 1AB", Result{Answer: Found, Constituency: "S14000061"}},
		{"a bank's mail room", "GIR 0AA", Result{Answer: NonGeographic}},
		{"an unknown unit of a split sector: most postcodes first", "LS6 3AE", Result{Answer: UnknownUnit,
			Candidates: []string{"E14001320", "E14001319", "E14001318"}, Within: "LS6 3"}},
		{"an unknown unit of a whole sector", "LS6 4AB", Result{Answer: UnknownUnit,
			Candidates: []string{"E14001317"}, Within: "LS6 4"}},
		{"an unknown sector: its district", "LS6 1AA", Result{Answer: UnknownUnit,
			Candidates: []string{"E14001320", "E14001319", "E14001317", "E14001318"}, Within: "LS6"}},
		{"an unknown unit of a sector without a place: its district", "LS6 9AB", Result{Answer: UnknownUnit,
			Candidates: []string{"E14001320", "E14001319", "E14001317", "E14001318"}, Within: "LS6"}},
		{"an unknown district", "LS7 3AA", Result{Answer: UnknownUnit}},
		{"an unknown trailing letter", "EC1M 1BB", Result{Answer: UnknownUnit}},
		{"no trailing letter", "EC1 1BB", Result{Answer: UnknownUnit}},
		{"an unknown area", "ZE1 1AA", Result{Answer: UnknownUnit}},
		{"Northern Ireland", "BT1 5GS", Result{Answer: OutsideData, Place: NorthernIreland}},
		{"Jersey", "JE2 3QR", Result{Answer: OutsideData, Place: Jersey}},
		{"Guernsey", "GY1 1AA", Result{Answer: OutsideData, Place: Guernsey}},
		{"Isle of Man", "IM1 1AA", Result{Answer: OutsideData, Place: IsleOfMan}},
		{"a forces' number", "BFPO 57", Result{Answer: OutsideData, Place: ForcesMail}},
		{"a forces' postcode", "BF1 2AT", Result{Answer: OutsideData, Place: ForcesMail}},
		{"Ascension", "ASCN 1ZZ", Result{Answer: OutsideData, Place: Ascension}},
		{"Gibraltar", "GX11 1AA", Result{Answer: OutsideData, Place: Gibraltar}},
		{"no postcode", "LS6", Result{Answer: Malformed}},
		{"nothing", "", Result{Answer: Malformed}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := x.Find(test.typed)
			if test.want.Answer != Malformed {
				test.want.Postcode, _ = Parse(test.typed)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty(), cmp.Comparer(same)); diff != "" {
				t.Errorf("Find(%q) (-want +got):\n%s", test.typed, diff)
			}
		})
	}
}

func same(a, b Postcode) bool { return a == b }

func TestIndex_Lookup_zero(t *testing.T) {
	if r := openSample(t, sample).Lookup(Postcode{}); r.Answer != Malformed {
		t.Errorf("the zero Postcode is %v", r.Answer)
	}
}

func TestIndex_Find_northernIrelandLoaded(t *testing.T) {
	x := openSample(t, "pcds,pcon24cd\nBT1 5GS,N05000002\nBT1 5GA,N99999999\n")
	for typed, want := range map[string]Answer{
		"BT1 5GS": Found, "BT1 5GA": NonGeographic, "BT1 5GB": UnknownUnit, "BT9 1AA": UnknownUnit,
		"JE2 3QR": OutsideData,
	} {
		if r := x.Find(typed); r.Answer != want {
			t.Errorf("Find(%q) is %v, want %v", typed, r.Answer, want)
		}
	}
	if r := x.Find("BT1 5GB"); !cmp.Equal(r.Candidates, []string{"N05000002"}) {
		t.Errorf("the candidates are %v", r.Candidates)
	}
	if n := x.Info().Nations.NorthernIreland; n != 1 {
		t.Errorf("%d postcodes in Northern Ireland, want 1", n)
	}
}

func TestIndex_allocatesNothing(t *testing.T) {
	x := openSample(t, sample)
	for _, typed := range []string{"LS6 3ZX", "ls64aa", "LS6 3ZZ", "BT1 5GS", "GIR 0AA", "nonsense", "ＬＳ６ ４ＡＡ"} {
		if n := testing.AllocsPerRun(100, func() { x.Find(typed) }); n != 0 {
			t.Errorf("Find(%q) allocates %v times", typed, n)
		}
	}
}
