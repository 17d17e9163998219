package parliament_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/parliament"
)

var update = flag.Bool("update", false, "write the embedded tables anew from the reference facts")

// The sources of the project's own tables, with the words that their licences
// ask for.
var (
	constituencySource = parliament.Source{
		Name: "Office for National Statistics: Westminster parliamentary constituencies on the July 2024 boundaries, with names, regions and centroids",
		Date: "2024-07",
		Attribution: []string{
			"Contains OS data © Crown copyright and database right 2024. Contains Royal Mail data © Royal Mail copyright and database right 2024. " +
				"Source: Office for National Statistics licensed under the Open Government Licence v3.0.",
			"Postcode to constituency: compiled from OS Code-Point Open and mySociety's 2024 constituency lookup (CC BY 4.0).",
		},
	}
	memberSource = parliament.Source{
		Name: "UK Parliament, by way of the Department for Education's MP lookup",
		Date: "2026-06-27",
		Attribution: []string{
			"Members and their contact details: UK Parliament, Open Parliament Licence v3.0, " +
				"by way of the Department for Education's MP lookup (snapshot 2026-06-27).",
		},
	}
)

// The committed tables are what the facts give. To make them anew:
//
//	go test ./internal/parliament -run TestTables_AreWhatTheFactsGive -update
func TestTables_AreWhatTheFactsGive(t *testing.T) {
	roster, err := parliament.FromCSV(facts(t, "constituencies.csv"), facts(t, "mps.csv"), constituencySource, memberSource)
	if err != nil {
		t.Fatal(err)
	}
	for file, write := range map[string]func(io.Writer) error{
		parliament.ConstituenciesFile: roster.WriteConstituencies,
		parliament.MembersFile:        roster.WriteMembers,
	} {
		var want bytes.Buffer
		if err := write(&want); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(tableDir, file)
		if *update {
			if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("%s is not what the facts give (-facts +table):\n%s", file, diff)
		}
	}
}

func TestLoad_ReadsBackWhatIsWritten(t *testing.T) {
	changed := with(t, func(code string, seat *parliament.Seat) {
		switch code {
		case aldershot:
			seat.Member = parliament.Member{}
		case chorley:
			seat.Member.Salutation = "Sir Lindsay"
		}
	})
	got, err := parliament.Load(tables(t, changed))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changed.Seats(), got.Seats()); diff != "" {
		t.Errorf("seats (-written +read):\n%s", diff)
	}
	if diff := cmp.Diff(changed.MemberSource(), got.MemberSource()); diff != "" {
		t.Errorf("source (-written +read):\n%s", diff)
	}
}

func TestLoad_RefusesADamagedTable(t *testing.T) {
	const members, constituencies = parliament.MembersFile, parliament.ConstituenciesFile
	tests := map[string]struct {
		file string
		edit func(string) string
		want string
	}{
		"cut short":              {members, func(s string) string { return s[:strings.LastIndex(strings.TrimSpace(s), "\n")+1] }, "649 rows, where its head says 650"},
		"cut within a row":       {members, func(s string) string { return s[:len(s)-60] }, "fields in place of 7"},
		"a later version":        {members, func(s string) string { return strings.Replace(s, "members 1", "members 2", 1) }, "this program reads version 1"},
		"the other table":        {members, func(s string) string { return strings.Replace(s, "postbag members", "postbag postcodes", 1) }, "not a Postbag table of members"},
		"other columns":          {members, func(s string) string { return strings.Replace(s, "\tparty", "\tgroup", 1) }, "no line with the columns"},
		"no attribution":         {members, func(s string) string { return strings.Replace(s, "# attribution: ", "# thanks: ", 1) }, "lacks source, date, attribution or rows"},
		"rows not a number":      {members, func(s string) string { return strings.Replace(s, "rows: 650", "rows: all", 1) }, "number of rows"},
		"a seat twice":           {members, func(s string) string { return strings.Replace(s, "\n"+aldershot, "\n"+chorley, 1) }, "stands twice"},
		"an unknown seat":        {members, func(s string) string { return strings.Replace(s, "\n"+aldershot, "\nE14000530", 1) }, "E14001063\" has no row"},
		"an id not a number":     {members, func(s string) string { return strings.Replace(s, "\t5173\t", "\tx\t", 1) }, "invalid syntax"},
		"an email of two":        {members, func(s string) string { return strings.Replace(s, "\talex.baker", "\tx@y.uk,alex.baker", 1) }, "one address only"},
		"a control character":    {members, func(s string) string { return strings.Replace(s, "\tAlex Baker\t", "\tAlex\x07Baker\t", 1) }, "U+0007"},
		"a centroid of words":    {constituencies, func(s string) string { return strings.Replace(s, "\t51.2915", "\there", 1) }, "invalid syntax"},
		"a region unheard of":    {constituencies, func(s string) string { return strings.Replace(s, "\tSouth East", "\tWessex", 1) }, `"Wessex"`},
		"two seats of one name":  {constituencies, func(s string) string { return strings.Replace(s, "\tAldershot\t", "\tAmber, Valley\t", 1) }, "have one name"},
		"no constituencies file": {constituencies, nil, "file does not exist"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fsys := tables(t, embedded(t))
			if tt.edit == nil {
				delete(fsys, tt.file)
			} else {
				before := string(fsys[tt.file].Data)
				after := tt.edit(before)
				if after == before {
					t.Fatal("the row edits nothing")
				}
				fsys[tt.file].Data = []byte(after)
			}
			_, err := parliament.Load(fsys)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestLoad_CarriesTheAttributions(t *testing.T) {
	got := embedded(t).Attribution()
	want := slices.Concat(constituencySource.Attribution, memberSource.Attribution)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attribution (-want +got):\n%s", diff)
	}
}

// The program has 300 ms to start; the tables should take no more than 5 of them.
func BenchmarkLoad(b *testing.B) {
	fsys := os.DirFS(tableDir)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parliament.Load(fsys); err != nil {
			b.Fatal(err)
		}
	}
}

func tables(t *testing.T, roster *parliament.Roster) fstest.MapFS {
	t.Helper()
	var constituencies, members bytes.Buffer
	if err := roster.WriteConstituencies(&constituencies); err != nil {
		t.Fatal(err)
	}
	if err := roster.WriteMembers(&members); err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		parliament.ConstituenciesFile: {Data: constituencies.Bytes()},
		parliament.MembersFile:        {Data: members.Bytes()},
	}
}
