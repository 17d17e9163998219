package postcode

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, group := range []struct {
		name  string
		typed map[string]string // what a person types -> the postcode
	}{
		{"each shape as it is printed", map[string]string{
			"M1 1AE":   "M1 1AE",
			"B33 8TH":  "B33 8TH",
			"CR2 6XH":  "CR2 6XH",
			"DN55 1PT": "DN55 1PT",
			"W1A 1HQ":  "W1A 1HQ",
			"EC1A 1BB": "EC1A 1BB",
			"GIR 0AA":  "GIR 0AA",
			"BS0 1AA":  "BS0 1AA",
			"E20 2ST":  "E20 2ST",
			"N1C 4AG":  "N1C 4AG",
			"NW1W 9NX": "NW1W 9NX",
			"SW1A 0AA": "SW1A 0AA",
			"ZE3 9JZ":  "ZE3 9JZ",
			"HS9 5XW":  "HS9 5XW",
			"BT1 5GS":  "BT1 5GS",
			"JE2 3QR":  "JE2 3QR",
			"GY1 1AA":  "GY1 1AA",
			"IM1 1AA":  "IM1 1AA",
			"GX11 1AA": "GX11 1AA",
			"BF1 2AT":  "BF1 2AT",
		}},
		{"case", map[string]string{
			"ls6 3hn":  "LS6 3HN",
			"Ls6 3hN":  "LS6 3HN",
			"ec1a 1bb": "EC1A 1BB",
			"w1a 1hq":  "W1A 1HQ",
			"gir 0aa":  "GIR 0AA",
		}},
		{"spaces", map[string]string{
			"LS63HN":                             "LS6 3HN",
			"ls63hn":                             "LS6 3HN",
			" LS6 3HN ":                          "LS6 3HN",
			"LS6  3HN":                           "LS6 3HN",
			"LS 6 3HN":                           "LS6 3HN",
			"L S 6 3 H N":                        "LS6 3HN",
			"LS6 3 HN":                           "LS6 3HN",
			"LS63 HN":                            "LS6 3HN",
			"\tLS6 3HN\r\n":                      "LS6 3HN",
			"LS6\u00a03HN":                       "LS6 3HN",
			"LS6\u20033HN":                       "LS6 3HN",
			"LS6\u30003HN":                       "LS6 3HN",
			"M11AE":                              "M1 1AE",
			"EC1A1BB":                            "EC1A 1BB",
			strings.Repeat(" ", 1000) + "M1 1AE": "M1 1AE",
		}},
		{"punctuation", map[string]string{
			"LS6-3HN":             "LS6 3HN",
			"LS6.3HN":             "LS6 3HN",
			"LS6 3HN.":            "LS6 3HN",
			"LS6 3HN,":            "LS6 3HN",
			"(LS6 3HN)":           "LS6 3HN",
			"\"LS6 3HN\"":         "LS6 3HN",
			"'LS6 3HN'":           "LS6 3HN",
			"LS6/3HN":             "LS6 3HN",
			"LS6_3HN":             "LS6 3HN",
			"LS6+3HN":             "LS6 3HN",
			"L.S.6. 3.H.N.":       "LS6 3HN",
			"LS6\u20133HN":        "LS6 3HN",
			"\u201cLS6 3HN\u201d": "LS6 3HN",
			"*LS6 3HN*":           "LS6 3HN",
			"<LS6 3HN>":           "LS6 3HN",
		}},
		{"invisible characters", map[string]string{
			"LS6\u200b3HN":        "LS6 3HN",
			"\ufeffLS6 3HN":       "LS6 3HN",
			"LS6\u00ad 3HN":       "LS6 3HN",
			"\u202aLS6 3HN\u202c": "LS6 3HN",
			"LS6\u2060 3HN":       "LS6 3HN",
			"LS6 3HN\ufe0f":       "LS6 3HN",
			"LS6\u034f3HN":        "LS6 3HN",
			"LS6 3HN\x00":         "LS6 3HN",
			"LS6\x1b3HN":          "LS6 3HN",
			"LS6 3HN\x7f":         "LS6 3HN",
			"LS6 3HN\u0085":       "LS6 3HN",
		}},
		{"full width", map[string]string{
			"ＬＳ６　３ＨＮ":  "LS6 3HN",
			"ｌｓ６３ｈｎ":   "LS6 3HN",
			"LS６ ３HN":  "LS6 3HN",
			"ＬＳ６－３ＨＮ":  "LS6 3HN",
			"ＥＣ１Ａ １ＢＢ": "EC1A 1BB",
			"ＭＩ １ＡＥ":   "M1 1AE",
			"ＢＦＰＯ ５７":  "BFPO 57",
		}},
		{"a letter for a digit", map[string]string{
			"LS6 OAB":  "LS6 0AB",
			"ls6 oab":  "LS6 0AB",
			"LS6 IAB":  "LS6 1AB",
			"ls6 lab":  "LS6 1AB",
			"LSI 3HN":  "LS1 3HN",
			"lsl 3hn":  "LS1 3HN",
			"LSIO 3HN": "LS10 3HN",
			"LSlO 3HN": "LS10 3HN",
			"LS1O 3HN": "LS10 3HN",
			"MI 1AE":   "M1 1AE",
			"ML 1AE":   "M1 1AE",
			"MIl IAE":  "M11 1AE",
			"M2O 2WS":  "M20 2WS",
			"EI 6AN":   "E1 6AN",
			"EI4 6AN":  "E14 6AN",
			"WIA 1HQ":  "W1A 1HQ",
			"WlA lHQ":  "W1A 1HQ",
			"ECIA IBB": "EC1A 1BB",
			"SWIA OAA": "SW1A 0AA",
			"SLO 9AA":  "SL0 9AA",
			"SLI 1AA":  "SL1 1AA",
			"BSO 1AA":  "BS0 1AA",
			"NLO 1AA":  "N10 1AA", // NL is no area
			"GIR OAA":  "GIR 0AA",
			"G1R 0AA":  "GIR 0AA",
			"NWIW 9NX": "NW1W 9NX",
			"W1L 1HQ":  "W11 1HQ", // no L trails W1
		}},
		{"a digit for a letter", map[string]string{
			"0X1 1AA":  "OX1 1AA",
			"0L1 1AA":  "OL1 1AA",
			"0X1O IAA": "OX10 1AA",
			"1P1 1AA":  "IP1 1AA",
			"1M1 1AA":  "IM1 1AA",
			"1G11 1AA": "IG11 1AA",
			"1V2 3AA":  "IV2 3AA",
			"P01 1AA":  "PO1 1AA",
			"P012 1AA": "PO12 1AA",
			"C010 1AA": "CO10 1AA",
			"S014 1AA": "SO14 1AA",
			"Y01 7AA":  "YO1 7AA",
			"y0l7 7aa": "YO17 7AA",
		}},
		{"as it stands, though another reading would do", map[string]string{
			"SO1 4AA":  "SO1 4AA", // not S01
			"S10 1AA":  "S10 1AA", // not SIO
			"EL1 1AA":  "EL1 1AA", // not E11: the area may be new
			"NO1 1AA":  "NO1 1AA",
			"L1 1AA":   "L1 1AA",
			"IL1 1AA":  "IL1 1AA",
			"OL1 1AA":  "OL1 1AA",
			"LL11 1AA": "LL11 1AA",
			"LL1 1AA":  "LL1 1AA",
			"L11 1AA":  "L11 1AA",
			"L56 3HN":  "L56 3HN", // not LS6
			"IP1 1AA":  "IP1 1AA",
			"PO1 1AA":  "PO1 1AA",
		}},
	} {
		t.Run(group.name, func(t *testing.T) {
			for typed, want := range group.typed {
				p, err := Parse(typed)
				if err != nil || p.String() != want {
					t.Errorf("Parse(%q) = %q, %v; want %q", typed, p, err, want)
				}
			}
		})
	}
}

func TestParse_refuses(t *testing.T) {
	for _, group := range []struct {
		name  string
		typed []string
	}{
		{"nothing", []string{"", " ", "\t\n", "-", "...", "\u200b"}},
		{"half a postcode", []string{"LS6", "LS", "L", "EC1A", "3HN", "LS6 3", "LS6 3H", "M1", "W1A"}},
		{"too much", []string{"LS6 3HNN", "LS6 3HN LS6 3HN", "LS66 33HN", "Leeds LS6 3HN", "LS6 3HN, UK",
			"EC1AA 1BB", strings.Repeat("A", 1000), strings.Repeat("1", 100)}},
		{"another shape", []string{"L6S 3HN9", "6LS 3HN", "LSS 3HN", "LS666 3HN", "LSA 3HN", "LS6 HN3",
			"LS6 33N", "LS6 3H4", "LS6 AHN", "1234 567", "ABCDEFG", "12345", "90210", "AAA 1AA", "A1AA 1AA"}},
		{"letters that no inward code has", []string{"LS6 3CN", "LS6 3IN", "LS6 3KN", "LS6 3MN", "LS6 3ON",
			"LS6 3VN", "LS6 3HC", "LS6 3HI", "LS6 3HK", "LS6 3HM", "LS6 3HO", "LS6 3HV", "LS6 30N", "LS6 31N"}},
		{"letters that do not stand there", []string{"QS6 3HN", "VS6 3HN", "XS6 3HN", "Q1 1AA", "LJ6 3HN",
			"LZ6 3HN", "W1V 1HQ", "W1Z 1HQ", "W1M 1HQ", "EC1C 1BB", "EC1Z 1BB"}},
		{"a number with a leading zero", []string{"LS06 3HN", "LSO6 3HN", "M01 1AE", "E0l 1AA"}},
		{"a twin that makes no area", []string{"1S6 3HN", "12 3AB", "01 1AA", "0S6 3HN", "N01 2AB", "E01 2AB", "1 1AA"}},
		{"other twins", []string{"LS6 EHN", "5W1 1AA", "LSS 1AA", "LSB 1AA", "8S1 1AA", "LS6 3H2", "Z00 000"}},
		{"other scripts and symbols", []string{"LЅ6 3HN", "LS6 3НN", "LŚ6 3HN", "L\u0301S6 3HN", "LS٦ 3HN",
			"LS6 3HN☺", "£LS6 3HN", "LS6\ufffd3HN", "LS6\xff3HN", "\xc3", "ＬＳ６　３Ｈ＄Ｎ9", "Ⓛ S6 3HN"}},
		{"nearly a special form", []string{"GIR 0AB", "GIR 1AA", "BFPO", "BFPO X", "BFPO 12345", "BFPX 57", "ASCN", "ASCN 2ZZ",
			"ASCN 1ZA", "XXXX 1ZZ", "AI-2641", "AI 264", "KY4-1001", "KY1 100", "VG2110", "MSR 2110"}},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, typed := range group.typed {
				if p, err := Parse(typed); !errors.Is(err, ErrMalformed) || p != (Postcode{}) {
					t.Errorf("Parse(%q) = %q, %v; want ErrMalformed", typed, p, err)
				}
			}
		})
	}
}

func TestParse_errorQuotesNothing(t *testing.T) {
	_, err := Parse("SECRET TEXT")
	if err != ErrMalformed {
		t.Errorf("the error is %v, not ErrMalformed itself: it could carry what was typed", err)
	}
}
