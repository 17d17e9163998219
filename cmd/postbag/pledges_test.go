package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

const shipped = "mps-not-border-guards"

// listPledges returns what the list says, with withdrawn pledges.
func listPledges(t *testing.T, dir string) []pledged {
	t.Helper()
	got := postbag(t, dir, "pledges", "list", shipped, "--all", "--json")
	var rows []pledged
	if err := json.Unmarshal([]byte(got.out), &rows); err != nil || got.code != exitOK {
		t.Fatalf("%v: %+v", err, got)
	}
	return rows
}

// withDatabase is a data directory with what ships with the program.
func withDatabase(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.csv")
	write(t, empty, "")
	if got := postbag(t, dir, "mps", "import", empty); got.code != exitFailed {
		t.Fatalf("an empty file: %+v", got) // and there is a database now
	}
	return dir
}

func TestPledges(t *testing.T) {
	dir := withDatabase(t)
	const evidence = "https://example.org/p?a=1&b=2"
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string // what must be said
	}{
		{"none yet", []string{"list", shipped}, exitOK, "PLEDGED", "0 pledges stand."},
		{"none yet, as JSON", []string{"list", shipped, "--json"}, exitOK, "[]\n", ""},
		{"help", []string{"import", "--help"}, exitOK, "withdrawn", ""},
		{"an unknown campaign", []string{"add", "nothing", "4658", "--date", "2026-06-01", "--by", "Ann"}, exitUsage, "", "there is no campaign \"nothing\": there is " + shipped + "\n"},
		{"nobody records", []string{"add", shipped, "4658", "--date", "2026-06-01"}, exitUsage, "", "--by"},
		{"no day", []string{"add", shipped, "4658", "--by", "Ann"}, exitUsage, "", "--date"},
		{"a name that is not enough", []string{"add", shipped, "sobel", "--date", "2026-06-01", "--by", "Ann"}, exitUsage, "", "did you mean Alex Sobel (4658, Leeds Central and Headingley)?"},
		{"a day to come", []string{"add", shipped, "4658", "--date", "2999-01-01", "--by", "Ann"}, exitUsage, "", "in the future"},
		{"no web address", []string{"add", shipped, "4658", "--date", "2026-06-01", "--evidence", "seen", "--by", "Ann"}, exitUsage, "", "evidence is not a web address"},
		{"withdrawn before any", []string{"withdraw", shipped, "4658", "--date", "2026-06-01", "--by", "Ann"}, exitNo, "", "has not pledged"},

		{"added by name", []string{"add", shipped, "alex SOBEL", "--date", "1/6/2026", "--evidence", evidence, "--by", "Ann"}, exitOK,
			"added: Alex Sobel (4658, Leeds Central and Headingley), pledged on 2026-06-01, " + evidence + "\n", ""},
		{"added again by number", []string{"add", shipped, "4658", "--date", "2026-06-01", "--evidence", evidence, "--by", "Bea"}, exitOK, "already there: Alex Sobel", ""},
		{"on another day", []string{"add", shipped, "E14001319", "--date", "2026-06-02", "--evidence", evidence, "--by", "Bea"}, exitNo, "", "--correct"},
		{"on another day, corrected", []string{"add", shipped, "E14001319", "--date", "2026-06-02", "--evidence", evidence, "--by", "Bea", "--correct"}, exitOK,
			"corrected: Alex Sobel (4658, Leeds Central and Headingley), pledged on 2026-06-02, " + evidence + " (was pledged on 2026-06-01, " + evidence + ")\n", ""},
		{"by a Welsh name", []string{"add", shipped, "pen y bont", "--date", "2026-06-03", "--by", "Ann"}, exitOK, "Bridgend), pledged on 2026-06-03\n", ""},
		{"withdrawn before it was given", []string{"withdraw", shipped, "4658", "--date", "2026-06-01", "--by", "Ann"}, exitUsage, "", "cannot have withdrawn"},
		{"withdrawn", []string{"withdraw", shipped, "leeds central & headingley", "--date", "2026-06-10", "--by", "Cat"}, exitOK, "withdrawn: Alex Sobel", ""},
		{"listed", []string{"list", shipped}, exitOK, "2026-06-03", "1 pledge stands."},
		{"all listed", []string{"list", shipped, "--all"}, exitOK, "withdrawn 2026-06-10", "1 pledge stands. 1 withdrawn."},
		{"a script that runs again", []string{"add", shipped, "4658", "--date", "2026-06-02", "--evidence", evidence, "--by", "Bea", "--correct"}, exitNo, "",
			"pledged on 2026-06-02, " + evidence + "; withdrawn on 2026-06-10. A correction alone does not clear a withdrawal\nIf the pledge is to stand after all, --reinstate lets it."},
		{"reinstated", []string{"add", shipped, "4658", "--date", "2026-06-02", "--evidence", evidence, "--by", "Bea", "--reinstate"}, exitOK,
			"corrected: Alex Sobel (4658, Leeds Central and Headingley), pledged on 2026-06-02, " + evidence + " (was pledged on 2026-06-02, " + evidence + "; withdrawn on 2026-06-10)\n", ""},
		{"withdrawn again", []string{"withdraw", shipped, "4658", "--date", "2026-06-10", "--by", "Cat"}, exitOK, "withdrawn: Alex Sobel", ""},
		{"voided for no reason", []string{"void", shipped, "Bridgend", "--by", "Cat"}, exitUsage, "", "--reason"},
		{"voided by nobody", []string{"void", shipped, "Bridgend", "--reason", "x"}, exitUsage, "", "--by"},
		{"voided where there is none", []string{"void", shipped, "Leeds East", "--by", "Cat", "--reason", "x"}, exitNo, "", "Richard Burgon (Leeds East) has no pledge recorded"},
		{"voided on another day", []string{"void", shipped, "Bridgend", "--date", "2026-06-04", "--by", "Cat", "--reason", "x"}, exitNo, "", "no pledge of 2026-06-04"},
		{"voided", []string{"void", shipped, "Bridgend", "--by", "Cat", "--reason", "meant Bangor Aberconwy"}, exitOK, "Bridgend), pledged on 2026-06-03 (meant Bangor Aberconwy)\n", ""},
		{"voided is not listed", []string{"list", shipped}, exitOK, "PLEDGED", "0 pledges stand.\n"},
		{"all listed with the voided", []string{"list", shipped, "--all"}, exitOK, ": meant Bangor Aberconwy\n", "0 pledges stand. 1 withdrawn. 1 voided.\n"},
		{"voided comes not back", []string{"add", shipped, "Bridgend", "--date", "2026-06-03", "--by", "Ann"}, exitNo, "", "was voided by Cat"},
		{"voided by mistake", []string{"add", shipped, "Bridgend", "--date", "2026-06-03", "--by", "Ann", "--reinstate"}, exitOK, "added:", ""},
		{"both forms at once", []string{"list", shipped, "--json", "--csv"}, exitUsage, "", "--json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"pledges"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("exit %d, want %d\nout: %s\nerr: %s", got.code, tt.code, got.out, got.err)
			}
			if got.code != exitOK && got.out != "" {
				t.Errorf("a refusal prints a result: %s", got.out)
			}
		})
	}
	if got := postbag(t, dir, "pledges", "list", shipped); strings.Contains(got.out, "Sobel") {
		t.Errorf("a withdrawn pledge is listed without --all: %s", got.out)
	}
	rows := listPledges(t, dir)
	if len(rows) != 3 {
		t.Fatalf("%+v", rows)
	}
	if v := rows[1]; !v.Voided || v.VoidedBy != "Cat" || v.VoidedReason != "meant Bangor Aberconwy" || v.VoidedAt == "" || rows[0].Voided || rows[2].Voided {
		t.Errorf("voided: %+v", rows)
	}
	if got := postbag(t, dir, "pledges", "list", shipped, "--all", "--csv"); strings.Contains(got.out, "Aberconwy") || strings.Count(got.out, "\n") != 3 {
		t.Errorf("the file has what was voided: %s", got.out)
	}
	for _, row := range rows {
		if row.RecordedAt == "" {
			t.Errorf("%s: no time", row.Name)
		}
	}
	want := pledged{
		MemberID: 4658, Name: "Alex Sobel", Code: "E14001319", Constituency: "Leeds Central and Headingley",
		Date: "2026-06-02", Evidence: evidence, Withdrawn: "2026-06-10", RecordedBy: "Bea", WithdrawnBy: "Cat",
		RecordedAt: rows[2].RecordedAt, WithdrawnAt: rows[2].WithdrawnAt,
	}
	if rows[2] != want {
		t.Errorf("listed %+v, want %+v", rows[2], want)
	}
}

func TestPledges_withoutADatabase(t *testing.T) {
	dir := t.TempDir()
	if got := postbag(t, dir, "pledges", "list", shipped); got.code != exitUsage || !strings.Contains(got.err, "there is no database") {
		t.Errorf("%+v", got)
	}
}

func TestPledgesImport(t *testing.T) {
	dir := withDatabase(t)
	file := filepath.Join(dir, "pledges.csv")
	importing := func(flags ...string) result {
		t.Helper()
		return postbag(t, dir, append([]string{"pledges", "import", shipped, file, "--by", "Ann"}, flags...)...)
	}
	if got := importing(); got.code != exitUsage || !strings.Contains(got.err, "pledges.csv") {
		t.Errorf("no such file: %+v", got)
	}

	write(t, file, "Constituency,Date,Evidence,Source\nLeeds East,2026-06-01,,x\nLeeds,2026-06-01,,x\nChorley,2999-06-01,,x\n")
	got := importing()
	for _, words := range []string{"Columns that mean nothing here: source", `line 3: constituency "Leeds"`, "line 4: date 2999-06-01 is in the future", "Nothing was changed"} {
		if got.code != exitNo || got.out != "" || !strings.Contains(got.err, words) {
			t.Errorf("a file with faults: no %q in %+v", words, got)
		}
	}
	if rows := listPledges(t, dir); len(rows) > 0 {
		t.Fatalf("a file with faults was applied: %+v", rows)
	}

	write(t, file, "\uFEFFConstituency;Date;Evidence;Withdrawn\r\nLeeds East;1/6/2026;https://example.org/1;\r\nYnys Mon;2026-06-02;;2026-06-05\r\n")
	if got := importing("--dry-run"); got.code != exitOK || !strings.Contains(got.out, "line 2: added: Richard Burgon") || !strings.Contains(got.err, "dry run") {
		t.Errorf("a dry run: %+v", got)
	}
	if rows := listPledges(t, dir); len(rows) > 0 {
		t.Fatalf("a dry run was applied: %+v", rows)
	}
	if got := importing(); got.code != exitOK || !strings.Contains(got.err, "2 added, 0 withdrawn, 0 corrected, 0 already there.\n") {
		t.Errorf("import: %+v", got)
	}

	write(t, file, "mp,date\nLeeds East,2026-06-01\nChorley,2026-06-01\n")
	if got := importing(); got.code != exitNo || !strings.Contains(got.err, "line 2: Richard Burgon (Leeds East) is recorded otherwise") || !strings.Contains(got.err, "--correct") {
		t.Errorf("without the evidence that is recorded: %+v", got)
	}
	if got := importing("--correct"); got.code != exitOK || !strings.Contains(got.err, "1 added, 0 withdrawn, 1 corrected") {
		t.Errorf("corrected: %+v", got)
	}
	if rows := listPledges(t, dir); len(rows) != 3 {
		t.Errorf("%+v", rows)
	}

	// A list from before an MP took their pledge back.
	if got := postbag(t, dir, "pledges", "withdraw", shipped, "Leeds East", "--date", "2026-06-20", "--by", "Ann"); got.code != exitOK {
		t.Fatalf("withdraw: %+v", got)
	}
	for _, flags := range [][]string{{"--correct"}, {"--correct", "--reinstate"}} {
		got := importing(flags...)
		if got.code != exitNo || !strings.Contains(got.err, "withdrawn on 2026-06-20. A file without the column withdrawn does not clear a withdrawal") {
			t.Errorf("%v: %+v", flags, got)
		}
	}
	write(t, file, "mp,date,withdrawn\nLeeds East,2026-06-01,\n")
	if got := importing("--correct"); got.code != exitNo || !strings.Contains(got.err, "--reinstate lets pledges stand again") {
		t.Errorf("with the column: %+v", got)
	}
	if got := importing("--correct", "--reinstate"); got.code != exitOK ||
		!strings.Contains(got.out, "pledged on 2026-06-01 (was pledged on 2026-06-01; withdrawn on 2026-06-20)\n") {
		t.Errorf("reinstated: %+v", got)
	}

	// What is listed can be imported, and says nothing new.
	listed := postbag(t, dir, "pledges", "list", shipped, "--all", "--csv")
	write(t, file, listed.out)
	if got := importing(); got.code != exitOK || !strings.Contains(got.err, "0 added, 0 withdrawn, 0 corrected, 3 already there.") {
		t.Errorf("the list itself: %+v\n%s", got, listed.out)
	}
}

// A database that is behind takes the list of one that is not: an MP's pledges
// are listed with the latest first, and the first one has to end before it can
// stand.
func TestPledgesImport_theListOfAnother(t *testing.T) {
	const mp = "Leeds East"
	const evidence = "https://example.org/1"
	add := func(dir, day string) {
		t.Helper()
		if got := postbag(t, dir, "pledges", "add", shipped, mp, "--date", day, "--evidence", evidence, "--by", "Ann"); got.code != exitOK {
			t.Fatalf("add: %+v", got)
		}
	}
	ahead, behind := withDatabase(t), withDatabase(t)
	add(ahead, "2024-07-10")
	add(behind, "2024-07-10")
	if got := postbag(t, ahead, "pledges", "withdraw", shipped, mp, "--date", "2025-01-01", "--by", "Ann"); got.code != exitOK {
		t.Fatalf("withdraw: %+v", got)
	}
	add(ahead, "2025-06-01")
	listed := postbag(t, ahead, "pledges", "list", shipped, "--all", "--csv")
	if latest, first := strings.Index(listed.out, "2025-06-01"), strings.Index(listed.out, "2024-07-10"); latest < 0 || latest > first {
		t.Fatalf("the latest is not listed first:\n%s", listed.out)
	}
	file := filepath.Join(behind, "pledges.csv")
	write(t, file, listed.out)
	for _, flags := range [][]string{{"--dry-run"}, nil} {
		got := postbag(t, behind, append([]string{"pledges", "import", shipped, file, "--by", "Bea"}, flags...)...)
		added, withdrawn := strings.Index(got.out, "line 2: added"), strings.Index(got.out, "line 3: withdrawn")
		if got.code != exitOK || added < 0 || withdrawn < added || !strings.Contains(got.err, "1 added, 1 withdrawn, 0 corrected, 0 already there.") {
			t.Errorf("%v: %+v", flags, got)
		}
	}
	if rows := listPledges(t, behind); len(rows) != 2 || rows[0].Date != "2025-06-01" || rows[1].Withdrawn != "2025-01-01" {
		t.Errorf("%+v", rows)
	}
}
