package postcode

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestBuild_refuses(t *testing.T) {
	known := func(code string) bool { return code == "E14001319" || code == "S14000021" }
	for _, test := range []struct {
		name, table string
		opt         Options
		want        error  // wrapped, unless nil
		says        string // parts of the message, between "…"
	}{
		{"an empty file", "", Options{}, nil, "table is empty"},
		{"a header alone", "pcds,pcon24cd\n", Options{}, nil, "no rows"},
		{"no postcodes", "pcd,pcon24cd\nLS6 3AA,E14001319\n", Options{}, nil, "lacks the column pcds"},
		{"no constituencies", "pcds,pconname\nLS6 3AA,Leeds\n", Options{}, nil, "lacks the column pcon24cd"},
		{"neither", "a,b\n1,2\n", Options{}, nil, "pcds…and…pcon24cd"},
		{"no codes at all", "pcds,pcon24cd\nLS6 3AA,\nLS6 3AB,E99999999\n", Options{}, nil, "no row has a constituency code"},
		{"a short row", "pcds,x,pcon24cd\nLS6 3AA,1,E14001319\nLS6 3AB\n", Options{}, nil, "line 3…wrong number of fields"},
		{"a quote left open", "pcds,pcon24cd\n\"" + strings.Repeat("LS6 3AA,E14001319\n", 120_000), Options{}, nil, "a quote may be open"},
		{"old English codes", "pcds,pcon\nLS6 3AA,E14000777\n", Options{}, ErrOldBoundaries,
			"line 2…LS6 3AA…E14000777…July 2024…download…2025"},
		{"old Welsh codes", "pcds,pcon\nCF10 1AA,W07000050\n", Options{}, ErrOldBoundaries, "W07000050"},
		{"old Scottish codes", "pcds,pcon\nAB10 1AB,S14000001\n", Options{}, ErrOldBoundaries, "S14000001"},
		{"old Northern Irish codes", "pcds,pcon\nBT1 5GS,N06000001\n", Options{}, ErrOldBoundaries, "N06000001"},
		{"old codes against a list", "pcds,pcon\nAB10 1AB,S14000021\nLS6 3AA,E14000777\n", Options{Known: known}, ErrOldBoundaries, "line 3"},
		{"a code that is not on the list", "pcds,pcon24cd\nLS6 3AA,E14001319\nLS6 3AB,E14009999\n", Options{Known: known},
			ErrUnknownCode, "line 3…LS6 3AB…E14009999"},
		{"no code but a name", "pcds,pcon24cd\nLS6 3AA,Leeds North West\n", Options{}, ErrUnknownCode, "Leeds North West"},
		{"a code of another country", "pcds,pcon24cd\nLS6 3AA,F14001319\n", Options{}, ErrUnknownCode, "F14001319"},
		{"a malformed postcode", "pcds,pcon24cd\nLS6 3AA,E14001319\nLS6 3CC,E14001319\n", Options{}, ErrMalformed, "line 3…LS6 3CC"},
		{"a mistyped postcode", "pcds,pcon24cd\nLS6 OAA,E14001319\n", Options{}, ErrMalformed, "line 2…LS6 OAA"},
		{"an empty postcode", "pcds,pcon24cd\n,E14001319\n", Options{}, ErrMalformed, "line 2"},
		{"a repeated row", "pcds,pcon24cd\nLS6 3AA,E14001319\nLS6 3AB,E14001319\nLS6 3AA,E14001319\n", Options{},
			ErrRepeated, "line 4…LS6 3AA…on line 2"},
		{"a contradiction", "pcds,pcon24cd\nLS6 3AA,E14001319\nLS6 3AA,E14001320\n", Options{},
			ErrContradiction, "line 3…another constituency…on line 2"},
		{"a contradiction with no place", "pcds,pcon24cd\nLS6 3AA,E14001319\nLS6 3AA,\n", Options{}, ErrContradiction, "line 3"},
		{"a cut gzip", gzipped(t, newONSPD)[:100], Options{}, nil, "unexpected EOF"},
		{"a gzip that is none", "\x1f\x8b text", Options{}, nil, "unpack"},
		{"a cut zip", zipped(t, "Data/ONSPD.csv", newONSPD)[:200], Options{}, nil, "unpack"},
		{"a zip of parts", zipped(t, "Data/multi_csv/ONSPD_YO.csv", newONSPD), Options{}, nil, "lacks the column"},
		{"too long an attribution", sample, Options{Attribution: strings.Repeat("©", maxText)}, nil, "at most 4096 bytes"},
		{"an attribution that is no text", sample, Options{Attribution: "\xff"}, nil, "UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data, _, err := buildText(test.table, test.opt)
			if err == nil || data != nil {
				t.Fatalf("it built an index of %d bytes", len(data))
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("the error %q does not wrap %q", err, test.want)
			}
			rest := err.Error()
			for part := range strings.SplitSeq(test.says, "…") {
				var found bool
				if _, rest, found = strings.Cut(rest, part); !found {
					t.Errorf("%q does not say %q in its place", err, part)
				}
			}
		})
	}
}

func TestBuild_needsSourceAndDate(t *testing.T) {
	for _, opt := range []Options{{Source: "ONSPD"}, {Date: "2025-05"}} {
		if _, _, err := Build(strings.NewReader(sample), int64(len(sample)), opt); err == nil {
			t.Errorf("%+v was enough", opt)
		}
	}
}

func TestBuild_reportsFaultsTogether(t *testing.T) {
	_, _, err := buildText("pcds,pcon24cd\nLS6 3CC,E14001319\nLS6 3AA,E14001319\nLS6 3AA,E14001320\nLS6 3AB,X\nLS6 3AD,X\n", Options{})
	for _, want := range []error{ErrMalformed, ErrContradiction, ErrUnknownCode} {
		if !errors.Is(err, want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d lines, want 3: a bad code is reported once\n%v", n, err)
	}
}

func TestBuild_stopsAfterManyFaults(t *testing.T) {
	var table strings.Builder
	table.WriteString("pcds,pcon24cd\n")
	for i := range 1000 {
		fmt.Fprintf(&table, "wrong %d,E14001319\n", i)
	}
	_, _, err := buildText(table.String(), Options{})
	if err == nil || strings.Count(err.Error(), "line ") != maxFaults || !strings.HasSuffix(err.Error(), "perhaps more after these") {
		t.Errorf("the error is %v", err)
	}
}

// The codes that count as old must be none of the present ones.
func TestIsOld_noneOfThePresent(t *testing.T) {
	known := knownCodes(t)
	if len(known) != 650 {
		t.Fatalf("%d constituencies", len(known))
	}
	for code := range known {
		if !isCode(code) || isOld(code) || isPseudo(code) {
			t.Errorf("%s: code %v, old %v, pseudo %v", code, isCode(code), isOld(code), isPseudo(code))
		}
	}
}
