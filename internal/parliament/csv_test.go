package parliament_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/parliament"
)

const csvHeader = "constituency_code,member_id,name,full_title,party,email\n"

// fullCSV is the embedded roster as an operator's file, each line edited.
func fullCSV(t *testing.T, edit func(code, line string) string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(csvHeader)
	for _, s := range embedded(t).Seats() {
		m := s.Member
		b.WriteString(edit(s.Constituency.Code, fmt.Sprintf("%s,%d,%s,%s,%s,%s\n",
			s.Constituency.Code, m.ID, m.Name, m.FullTitle, m.Party, m.Email)))
	}
	return b.String()
}

func same(_, line string) string { return line }

var operator = parliament.Source{Name: "members.csv", Date: "2026-07-01", Attribution: []string{"ours"}}

func TestReadCSV_WholeHouse(t *testing.T) {
	current := embedded(t)
	tests := map[string]string{
		"as documented":        fullCSV(t, same),
		"with a BOM and CR LF": "\uFEFF" + strings.ReplaceAll(fullCSV(t, same), "\n", "\r\n"),
		"with semicolons":      strings.ReplaceAll(fullCSV(t, same), ",", ";"),
		"with empty lines":     fullCSV(t, func(_, line string) string { return line + "\n,,,,,\n" }),
		"header in capitals":   strings.ToUpper(csvHeader) + strings.TrimPrefix(fullCSV(t, same), csvHeader),
		"codes in lower case":  fullCSV(t, func(code, line string) string { return strings.Replace(line, code, strings.ToLower(code), 1) }),
		"blanks around fields": fullCSV(t, func(_, line string) string { return " " + strings.ReplaceAll(line, ",", " , ") }),
		"decomposed accents":   strings.ReplaceAll(fullCSV(t, same), "Ó", "O\u0301"),
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			next, err := parliament.ReadCSV(strings.NewReader(file), current, operator)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(current.Seats(), next.Seats()); diff != "" {
				t.Errorf("seats (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(operator, next.MemberSource()); diff != "" {
				t.Errorf("source (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadCSV_ColumnsInAnyOrderAndNamesForCodes(t *testing.T) {
	file := `Email,Constituency,salutation,PARTY,notes,Full_Title,name,member_id
a.b@parliament.uk,"harborough oadby & wigston",Ms B,Green Party,"new, by post",Ann B MP,"Ann ""B"" Bee",9001
`
	next, err := parliament.ReadCSV(strings.NewReader(file), embedded(t), operator)
	if err != nil {
		t.Fatal(err)
	}
	seat, _ := next.ByName("Harborough, Oadby and Wigston")
	want := parliament.Member{
		ID: 9001, Name: `Ann "B" Bee`, FullTitle: "Ann B MP", Salutation: "Ms B", Party: "Green Party", Email: "a.b@parliament.uk",
	}
	if diff := cmp.Diff(want, seat.Member); diff != "" {
		t.Errorf("member (-want +got):\n%s", diff)
	}
}

func TestReadCSV_VacantAndMissingSeats(t *testing.T) {
	file := fullCSV(t, func(code, line string) string {
		switch code {
		case aldershot:
			return code + ",,,,,\n"
		case ynysMon:
			return code + ",,Vacant,,,\n"
		case chorley:
			return ""
		}
		return line
	})
	next, err := parliament.ReadCSV(strings.NewReader(file), embedded(t), operator)
	if err != nil {
		t.Fatal(err)
	}
	for code, unlisted := range map[string]bool{aldershot: false, ynysMon: false, chorley: true} {
		if seat, _ := next.Seat(code); !seat.Vacant() || seat.Unlisted != unlisted {
			t.Errorf("%s: vacant %v, unlisted %v; want vacant, unlisted %v", code, seat.Vacant(), seat.Unlisted, unlisted)
		}
	}
	diff := parliament.Compare(embedded(t), next)
	if diff.Complete() || len(diff.Unaccounted) != 1 || diff.Unaccounted[0].Code != chorley || len(diff.Vacant) != 2 {
		t.Errorf("diff: complete %v, unaccounted %v, vacant %v", diff.Complete(), diff.Unaccounted, diff.Vacant)
	}
}

func TestReadCSV_ProblemsOfARow(t *testing.T) {
	row := func(fields ...string) string { return strings.Join(fields, ",") + "\n" }
	good := row(aldershot, "5173", "Alex Baker", "Alex Baker MP", "Labour", "a@parliament.uk")
	tests := map[string]struct {
		rows string
		want []string // whole, in order; a trailing … stands for the rest
	}{
		"good":                    {good, nil},
		"without email and title": {row(aldershot, "5173", "Alex Baker", "", "Labour", ""), nil},
		"unknown code": {row("E14009999", "1", "A", "A MP", "P", ""),
			[]string{`line 2: constituency_code "E14009999" is not that of a constituency`}},
		"code of before 2024, England": {row("E14000530", "1", "A", "A MP", "P", ""),
			[]string{"line 2: constituency_code E14000530 is from before the July 2024 boundaries"}},
		"code of before 2024, Northern Ireland": {row("N06000001", "1", "A", "A MP", "P", ""),
			[]string{"line 2: constituency_code N06000001 is from before the July 2024 boundaries"}},
		"code of before 2024, Wales": {row("W07000041", "1", "A", "A MP", "P", ""),
			[]string{"line 2: constituency_code W07000041 is from before the July 2024 boundaries"}},
		"code of before 2024, Scotland": {row("S14000001", "1", "A", "A MP", "P", ""),
			[]string{"line 2: constituency_code S14000001 is from before the July 2024 boundaries"}},
		"no code": {row("", "1", "A", "A MP", "P", ""), []string{"line 2: constituency_code is missing"}},
		"seat twice": {good + row(aldershot, "1", "A", "A MP", "P", ""),
			[]string{"line 3: E14001063 (Aldershot) already stands on line 2"}},
		"seat twice, once vacant": {good + row(aldershot, "", "", "", "", ""),
			[]string{"line 3: E14001063 (Aldershot) already stands on line 2"}},
		"member twice": {good + row(chorley, "5173", "A", "A MP", "P", ""),
			[]string{"line 3: member_id 5173 already stands on line 2"}},
		"no name": {row(aldershot, "1", "", "A MP", "P", "a@parliament.uk"), []string{"line 2: name is missing"}},
		"no id":   {row(aldershot, "", "A", "A MP", "P", ""), []string{"line 2: member_id is missing; it is the one in members.parliament.uk/member/1234"}},
		"bad ids, each said once": {row(aldershot, "x", "A", "A MP", "P", "") + row(chorley, "-1", "B", "B MP", "P", ""),
			[]string{`line 2: member_id "x" is not a number; …`, `line 3: member_id "-1" is not a number; …`}},
		"no party":   {row(aldershot, "1", "A", "A MP", "", ""), []string{`line 2: party is missing; write "Independent" for a member without one`}},
		"bad email":  {row(aldershot, "1", "A", "A MP", "P", "a.parliament.uk"), []string{"line 2: email is not an email address"}},
		"two emails": {row(aldershot, "1", "A", "A MP", "P", "a@b.uk; c@d.uk"), []string{"line 2: email must be one address only"}},
		"header in email": {row(aldershot, "1", "A", "A MP", "P", "\"a@b.uk\nBcc: c@d.uk\""),
			[]string{"line 2: email holds a line break"}},
		"line break at the end":   {row(aldershot, "1", "A", "A MP", "P", "\"a@b.uk\n\""), []string{"line 2: email holds a line break"}},
		"carriage return in name": {row(aldershot, "1", "\"A\rB\"", "A MP", "P", ""), []string{"line 2: name holds a line break"}},
		"control character":       {row(aldershot, "1", "A\x1bB", "A MP", "P", ""), []string{"line 2: name holds a control character (U+001B)"}},
		"tab within a party":      {row(aldershot, "1", "A", "A MP", "P\tQ", ""), []string{"line 2: party holds a control character (U+0009)"}},
		"hidden direction":        {row(aldershot, "1", "A", "A \u202eMP", "P", ""), []string{"line 2: full_title holds an invisible character (U+202E)"}},
		"Latin-1 file":            {row(aldershot, "1", "Ren\xe9", "A MP", "P", ""), []string{"line 2: name is not UTF-8 text"}},
		"too few fields":          {"E14001063,1,A\n" + row(chorley, "2", "B", "B MP", "P", "x"), []string{"line 2: has 3 fields, the first line has 6", "line 3: email is not an email address"}},
		"too many fields":         {row(aldershot, "1", "A", "A MP", "P", "", "more"), []string{"line 2: has 7 fields, the first line has 6"}},
		"open quote": {row(chorley, "2", "B", "B MP", "", "") + aldershot + ",1,\"A,A MP,P,\n",
			[]string{"line 2: party is missing; …", "line 3: the quotes are not balanced; nothing after this line was read"}},
		"lines counted through quoted line breaks": {row(aldershot, "1", "\"A\nB\"", "A MP", "P", "") + row(chorley, "x", "B", "B MP", "P", ""),
			[]string{"line 2: name holds a line break", `line 4: member_id "x" is not a number; …`}},
		"everything of one row at once": {row("E14009999", "x", "", "t", "", "@"),
			[]string{`line 2: constituency_code "E14009999" is not that of a constituency`, "line 2: member_id …", "line 2: name is missing",
				"line 2: email is not an email address", "line 2: party is missing; …"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parliament.ReadCSV(strings.NewReader(csvHeader+tt.rows), embedded(t), operator)
			if len(tt.want) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			file, ok := errors.AsType[*parliament.FileError](err)
			if !ok {
				t.Fatalf("error %v, want a FileError", err)
			}
			got := strings.Split(file.Error(), "\n")
			if len(got) != len(tt.want) {
				t.Fatalf("problems %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if start, cut := strings.CutSuffix(want, "…"); got[i] != want && !(cut && strings.HasPrefix(got[i], start)) {
					t.Errorf("problem %q, want %q", got[i], want)
				}
			}
		})
	}
}

func TestReadCSV_NameAndCodeMustAgree(t *testing.T) {
	header := "constituency_code,constituency,member_id,name,full_title,party,email\n"
	tests := map[string]struct{ code, name, want string }{
		"they do":      {aldershot, "aldershot", ""},
		"name only":    {"", "Aldershot", ""},
		"they do not":  {aldershot, "Chorley", `constituency_code E14001063 is Aldershot, but the row says "Chorley"`},
		"unknown name": {"", "Hull East", `constituency "Hull East" is not the name of one on the July 2024 boundaries`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := header + tt.code + "," + tt.name + ",1,A,A MP,P,\n"
			_, err := parliament.ReadCSV(strings.NewReader(file), embedded(t), operator)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != "line 2: "+tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestReadCSV_ProblemsOfTheWholeFile(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"empty":             {"", "the file is empty"},
		"header only":       {csvHeader, "no rows below its first line"},
		"no email column":   {"constituency_code,member_id,name,full_title,party\n", "no column email"},
		"no code column":    {"member_id,name,full_title,party,email\n", "no column constituency_code (nor constituency)"},
		"no header":         {"E14001063,5173,Alex Baker,Alex Baker MP,Labour,a@b.uk\n", "names no column member_id, name, full_title, party, email"},
		"a column twice":    {"name,NAME,email\n", `two columns are called "name"`},
		"tabs":              {strings.ReplaceAll(csvHeader, ",", "\t"), "neither by commas nor by semicolons"},
		"UTF-16":            {"\xff\xfec\x00o\x00", "UTF-16"},
		"far too long":      {csvHeader + strings.Repeat(",,,,,\n", 1<<20), "more than 4 MB"},
		"a quote in header": {"constituency_code,\"na\"me\n", "the first line"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parliament.ReadCSV(strings.NewReader(tt.file), embedded(t), operator)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestFromCSV_NamesTheFileAndLine(t *testing.T) {
	header := "code,name,name_cy,country,region,longitude,latitude\n"
	tests := map[string]struct{ constituencies, want string }{
		"columns missing":    {"code,name\n", "constituencies: read CSV: the first line names no column name_cy"},
		"centroid of words":  {header + "E14001063,Aldershot,,England,South East,here,51\n", `constituencies: line 2: longitude "here"`},
		"too few":            {header + "E14001063,Aldershot,,England,South East,-0.7,51\n", "constituencies: 1 constituencies in place of 650"},
		"a degree too large": {header + "E14001063,Aldershot,,England,South East,-0.7,400000\n", `line 2: latitude "400000"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parliament.FromCSV(strings.NewReader(tt.constituencies), strings.NewReader(csvHeader), constituencySource, memberSource)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add(csvHeader + aldershot + ",5173,Alex Baker,Alex Baker MP,Labour,a@parliament.uk\n")
	f.Add("\uFEFFconstituency,member_id,name,full_title,party,email\n\"Ynys Mon\",1,A,,P,\n")
	roster, err := loadOnce()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file string) {
		next, err := parliament.ReadCSV(strings.NewReader(file), roster, operator)
		if err != nil {
			return
		}
		for _, s := range next.Seats() { // whatever is accepted is fit for a mail header
			if strings.ContainsAny(s.Member.Name+s.Member.Email+s.Member.Salutation+s.Member.FullTitle, "\r\n\x00") {
				t.Errorf("accepted %+v", s.Member)
			}
		}
	})
}
