package campaign_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

func TestReadPledges(t *testing.T) {
	durhams, chorleys := member(durham).ID, member(chorley).ID
	for _, c := range []struct{ name, file string }{
		{"by number", fmt.Sprintf("member_id,date\n%d,2026-11-01\n", durhams)},
		{"by code", "ons_code,date\n" + strings.ToLower(durham) + ",2026-11-01\n"},
		{"by constituency", "constituency,date\n city of  DURHAM ,2026-11-01\n"},
		{"by any name", "mp,date\nMary Kelly Foy,2026-11-01\n"},
		{"by several that agree", fmt.Sprintf("mp,member_id,ons_code,constituency,date\nCity of Durham,%d,%s,City of Durham,2026-11-01\n", durhams, durham)},
		{"by whichever column is filled", "mp,constituency,date\n,City of Durham,2026-11-01\n"},
		{"columns in another order and case", "DATE,Note, MP \n2026-11-01,x,Mary Kelly Foy\n"},
		{"semicolons", "mp;date\nMary Kelly Foy;2026-11-01\n"},
		{"as a spreadsheet saves it", "\uFEFF\"mp\",\"date\"\r\n\"Mary Kelly Foy\",\"2026-11-01\"\r\n,\r\n"},
		{"the day first", "mp,date\nMary Kelly Foy,01/11/2026\n"},
		{"the day first, short", "mp,date\nMary Kelly Foy,1/11/2026\n"},
		{"empty lines", "mp,date\n\n\nMary Kelly Foy,2026-11-01\n,\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := ReadPledges(strings.NewReader(c.file), roster(), nil, today)
			if err != nil || len(file.Rows) != 1 {
				t.Fatalf("%d rows, %v", len(file.Rows), err)
			}
			if diff := cmp.Diff(Pledge{MemberID: durhams, On: "2026-11-01"}, file.Rows[0].Pledge); diff != "" {
				t.Error(diff)
			}
		})
	}
	file, err := ReadPledges(strings.NewReader("Notes,mp,date,evidence,withdrawn,withdrawn_evidence\n"+
		"x,Sir Lindsay Hoyle,2026-01-01,\"https://example.org/a,b\",2/3/2026,https://example.org/c\n"+
		"x,4,2026-01-01,,,\n"), roster(), map[int]string{4: "Bea Gone"}, today)
	if err != nil {
		t.Fatal(err)
	}
	want := PledgeFile{Ignored: []string{"notes"}, Withdrawals: true, Rows: []PledgeRow{
		{2, Pledge{MemberID: chorleys, On: "2026-01-01", Evidence: "https://example.org/a,b", WithdrawnOn: "2026-03-02", WithdrawnEvidence: "https://example.org/c"}},
		{3, Pledge{MemberID: 4, On: "2026-01-01"}},
	}}
	if diff := cmp.Diff(want, file); diff != "" {
		t.Error(diff)
	}
}

func TestReadPledges_problems(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []string // each begins so
	}{
		{"nothing", "", []string{"read CSV: the file is empty"}},
		{"a header alone", "mp,date\n", []string{"the file has no rows"}},
		{"no column for the day", "mp,when\nMary Kelly Foy,2026-11-01\n", []string{"line 1: read CSV: the first line names no column date"}},
		{"no column for the MP", "who,date\nMary Kelly Foy,2026-11-01\n", []string{"line 1: the first line names no column mp"}},
		{"a column twice", "mp,date,MP\n", []string{`read CSV: two columns are called "mp"`}},
		{"UTF-16", "\xff\xfem\x00p\x00", []string{"read CSV: the file is UTF-16"}},
		{"tabs", "mp\tdate\n", []string{"read CSV: the columns are separated neither by commas nor by semicolons"}},
		{"nobody", "mp,date\n,2026-11-01\n", []string{"line 2: no MP is named"}},
		{"a last name", "mp,date\nFoy,2026-11-01\n", []string{`line 2: "Foy" is neither an MP nor a constituency; did you mean Mary Kelly Foy`}},
		{"no such number", "member_id,date\n999999,2026-11-01\n-4,2026-11-01\nx,2026-11-01\n",
			[]string{"line 2: member_id 999999 is not that of an MP", `line 3: member_id "-4" is not a number`, `line 4: member_id "x" is not a number`}},
		{"no such code", "ons_code,date\nE14000001,2026-11-01\n", []string{`line 2: ons_code "E14000001" is not that of a constituency`}},
		{"no such constituency", "constituency,date\nDurham,2026-11-01\n", []string{`line 2: constituency "Durham" is not the name of one; did you mean `}},
		{"columns that disagree", "mp,constituency,date\nMary Kelly Foy,Chorley,2026-11-01\n", []string{"line 2: mp and constituency name different MPs: Mary Kelly Foy and Sir Lindsay Hoyle"}},
		{"days", "mp,date\nChorley,\nChorley,2026-13-01\nChorley,2026-11-24\nChorley,1999-01-01\nChorley,11/30/2026\n",
			[]string{"line 2: date is missing", `line 3: date "2026-13-01" is not a day`, "line 4: date 2026-11-24 is in the future", "line 5: date 1999-01-01 is before", `line 6: date "11/30/2026" is not a day`}},
		{"several things wrong with one line", "mp,date,evidence,withdrawn,withdrawn_evidence\nNobody at All,tomorrow,ftp://x,soon,/page\n",
			[]string{`line 2: "Nobody at All" is neither`, `line 2: date "tomorrow"`, "line 2: evidence is not a web address", `line 2: withdrawn "soon"`, "line 2: withdrawn_evidence is not"}},
		{"evidence of no withdrawal", "mp,date,withdrawn,withdrawn_evidence\nChorley,2026-11-01,,https://example.org\n", []string{"line 2: withdrawn is missing"}},
		{"a short line among good ones", "mp,date,evidence\nChorley,2026-11-01,\nChorley,2026-11-01\n", []string{"line 3: has 2 fields, the first line has 3"}},
		{"an open quote", "mp,date\nChorley,2026-11-01\n\"Chorley,2026-11-01\n", []string{"line 3: the quotes are not balanced"}},
		{"lines counted through quoted line breaks", "mp,date,note\nChorley,2026-11-01,\"a\nb\"\nChorley,never,\n", []string{`line 4: date "never"`}},
		{"letters of Latin-1", "mp,date\nYnys M\xf4n,2026-11-01\n", []string{"line 2: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadPledges(strings.NewReader(c.file), roster(), nil, today)
			lines := told(t, err)
			if !slices.EqualFunc(lines, c.want, strings.HasPrefix) {
				t.Errorf("told\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestReadPledges_vacantAndAmbiguous(t *testing.T) {
	base := roster()
	seats := base.Seats()
	for i := range seats {
		switch seats[i].Constituency.Code {
		case durham:
			seats[i].Member = parliament.Member{}
		case chorley:
			seats[i].Member.Name = "Sir Alex Sobel"
		}
	}
	changed := must(parliament.NewRoster(seats, base.ConstituencySource(), base.MemberSource()))
	_, err := ReadPledges(strings.NewReader("mp,date\nCity of Durham,2026-11-01\nAlex Sobel,2026-11-01\n"), changed, nil, today)
	lines := told(t, err)
	if len(lines) != 2 || !strings.Contains(lines[0], "nobody sits for City of Durham") ||
		!strings.Contains(lines[1], `"Alex Sobel" is several: Alex Sobel (4658, Leeds Central and Headingley), Sir Alex Sobel (467, Chorley)`) &&
			!strings.Contains(lines[1], `"Alex Sobel" is several: Sir Alex Sobel (467, Chorley), Alex Sobel (4658, Leeds Central and Headingley)`) {
		t.Errorf("told %q", lines)
	}
}

func (d *desk) imports(tb testing.TB, file string, o ImportOptions) (PledgeImport, error) {
	tb.Helper()
	o.By = "Cat"
	return d.ImportPledges(tb.Context(), slug, strings.NewReader(file), o)
}

// actions lists what an import came to, by line.
func actions(done PledgeImport) string {
	var all []string
	for _, c := range done.Changes {
		all = append(all, fmt.Sprintf("%d %s", c.Line, c.Action))
	}
	return strings.Join(all, ", ")
}

func TestService_ImportPledges(t *testing.T) {
	d := newDesk(t)
	d.add(t, given()) // Durham, 2026-11-01
	d.add(t, given(func(p *Pledge) { p.MemberID = member(chorley).ID }))
	const file = `mp,date,evidence,withdrawn
City of Durham,2026-11-01,https://example.org/1,
Chorley,2026-11-01,https://example.org/1,2026-11-10
Ynys Mon,2026-09-01,,
Aldershot,2026-06-01,,
Aldershot,2026-01-01,,2026-02-01
`
	before := must(d.PledgeHistory(t.Context(), slug))
	const want = "2 unchanged, 3 withdrawn, 4 added, 5 added, 6 added"
	dry, err := d.imports(t, file, ImportOptions{DryRun: true})
	if err != nil || dry.Applied || actions(dry) != want {
		t.Errorf("dry run: applied %v, %s, %v", dry.Applied, actions(dry), err)
	}
	if diff := cmp.Diff(before, must(d.PledgeHistory(t.Context(), slug))); diff != "" {
		t.Errorf("a dry run changed something: %s", diff)
	}
	done, err := d.imports(t, file, ImportOptions{})
	if err != nil || !done.Applied || actions(done) != want {
		t.Fatalf("applied %v, %s, %v", done.Applied, actions(done), err)
	}
	history := must(d.PledgeHistory(t.Context(), slug))
	if len(history) != 5 || d.list(t).Standing != 3 {
		t.Errorf("%d recorded, %d stand", len(history), d.list(t).Standing)
	}
	for _, p := range history {
		by := p.RecordedBy
		if p.MemberID == member(chorley).ID {
			if by != "Ann" || p.WithdrawnBy != "Cat" || p.WithdrawnOn != "2026-11-10" {
				t.Errorf("the withdrawal: %+v", p)
			}
		} else if want := map[bool]string{true: "Ann", false: "Cat"}[p.MemberID == member(durham).ID]; by != want {
			t.Errorf("member %d is recorded by %q, want %q", p.MemberID, by, want)
		}
	}
	again, err := d.imports(t, file, ImportOptions{})
	if err != nil || actions(again) != "2 unchanged, 3 unchanged, 4 unchanged, 5 unchanged, 6 unchanged" {
		t.Errorf("once more: %s, %v", actions(again), err)
	}
	if diff := cmp.Diff(history, must(d.PledgeHistory(t.Context(), slug))); diff != "" {
		t.Errorf("once more: %s", diff)
	}
}

func TestService_ImportPledges_allOrNothing(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []string
		differs    bool
	}{
		{"a line that cannot be read", "mp,date\nAldershot,2026-06-01\nnobody,2026-06-01\n", []string{`line 3: "nobody" is neither`}, false},
		{"recorded otherwise", "mp,date\nAldershot,2026-06-01\nCity of Durham,2026-06-01\n",
			[]string{"line 3: Mary Kelly Foy (City of Durham) is recorded otherwise: pledged on 2026-11-01, https://example.org/1"}, true},
		{"both, in the order of the lines", "mp,date\nCity of Durham,2026-06-01\nChorley,never\nCity of Durham,2026-11-01\n",
			[]string{"line 2: Mary Kelly Foy (City of Durham) is rec", `line 3: date "never"`, "line 4: Mary Kelly Foy (City of Durham) is rec"}, true},
		{"an MP twice", "mp,date\nAldershot,2026-06-01\nAlex Baker,2026-07-01\n", []string{"line 3: Alex Baker (Aldershot) already stands on line 2"}, false},
		{"a line twice", "mp,date\nAldershot,2026-06-01\nAldershot,2026-06-01\n", []string{"line 3: Alex Baker (Aldershot) already stands on line 2"}, false},
		{"withdrawn before", "mp,date,withdrawn\nAldershot,2026-06-01,2026-05-01\n", []string{"line 2: Alex Baker (Aldershot) cannot have withdrawn"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.add(t, given())
			before := must(d.PledgeHistory(t.Context(), slug))
			for _, dry := range []bool{true, false} {
				done, err := d.imports(t, c.file, ImportOptions{DryRun: dry})
				lines := told(t, err)
				if !slices.EqualFunc(lines, c.want, strings.HasPrefix) || done.Differs != c.differs || done.Applied || len(done.Changes) > 0 {
					t.Errorf("dry %v: %+v, told\n%s", dry, done, strings.Join(lines, "\n"))
				}
			}
			if diff := cmp.Diff(before, must(d.PledgeHistory(t.Context(), slug))); diff != "" {
				t.Errorf("changed all the same: %s", diff)
			}
		})
	}
}

func TestService_ImportPledges_corrects(t *testing.T) {
	d := newDesk(t)
	d.add(t, given())
	const file = "mp,date,withdrawn\nCity of Durham,2026-06-01,2026-07-01\nAldershot,2026-06-01,\nCity of Durham,2026-08-01,\n"
	done, err := d.imports(t, file, ImportOptions{Correction: Correction{Replace: true}})
	if err != nil || actions(done) != "2 added, 3 added, 4 corrected" {
		t.Fatalf("%s, %v", actions(done), err)
	}
	if before := done.Changes[2].Before; before.On != "2026-11-01" || before.Evidence == "" {
		t.Errorf("in place of %+v", before)
	}
	history := must(d.PledgeHistory(t.Context(), slug))
	if len(history) != 3 || d.list(t).ByMember[member(durham).ID].On != "2026-08-01" {
		t.Errorf("%+v", history)
	}
}

// A list from before the MP went back on it revives nothing.
func TestService_ImportPledges_withdrawalsStay(t *testing.T) {
	const (
		silent = "mp,date,evidence\nCity of Durham,2026-11-01,https://example.org/1\n"
		says   = "mp,date,evidence,withdrawn\nCity of Durham,2026-11-01,https://example.org/1,\n"
	)
	for _, c := range []struct {
		name, file string
		how        Correction
		words      string // "": reinstated
		ended      bool
	}{
		{"plainly", says, Correction{}, "A correction alone does not clear a withdrawal", true},
		{"corrected", says, Correction{Replace: true}, "A correction alone does not clear a withdrawal", true},
		{"corrected, from a file without the column", silent, Correction{Replace: true}, "A file without the column withdrawn does not clear a withdrawal", false},
		{"reinstated, from a file without the column", silent, Correction{Replace: true, Reinstate: true}, "A file without the column withdrawn does not clear a withdrawal", false},
		{"reinstated", says, Correction{Reinstate: true}, "", false},
		{"corrected and reinstated", says, Correction{Replace: true, Reinstate: true}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.add(t, given(func(p *Pledge) { p.WithdrawnOn = "2026-11-10" }))
			before := must(d.PledgeHistory(t.Context(), slug))
			done, err := d.imports(t, c.file, ImportOptions{Correction: c.how})
			if c.words == "" {
				if err != nil || actions(done) != "2 corrected" || done.Changes[0].Before.WithdrawnOn != "2026-11-10" || !d.list(t).Stands(member(durham).ID) {
					t.Errorf("%+v, %v", done, err)
				}
				return
			}
			const begins = "line 2: Mary Kelly Foy (City of Durham) is recorded otherwise: pledged on 2026-11-01, https://example.org/1; withdrawn on 2026-11-10. "
			if lines := told(t, err); len(lines) != 1 || lines[0] != begins+c.words || done.Ended != c.ended || done.Applied {
				t.Errorf("%+v, told %q", done, lines)
			}
			if diff := cmp.Diff(before, must(d.PledgeHistory(t.Context(), slug))); diff != "" || d.list(t).Standing != 0 {
				t.Errorf("changed all the same: %s", diff)
			}
		})
	}
}

func TestService_ImportPledges_refused(t *testing.T) {
	d := newDesk(t)
	file := strings.NewReader("mp,date\nAldershot,2026-06-01\n")
	_, err := d.ImportPledges(t.Context(), slug, file, ImportOptions{})
	wantRefused(t, err, fault.Invalid, "who records")
	_, err = d.ImportPledges(t.Context(), "nobody's", file, ImportOptions{By: "Ann"})
	if fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown campaign: %v", err)
	}
}
