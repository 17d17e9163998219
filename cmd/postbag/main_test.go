package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/parliament"
	"postbag/internal/testkit"
)

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// postbag runs the program as a shell would. The data directory is dir.
func postbag(t *testing.T, dir string, args ...string) result {
	t.Helper()
	t.Setenv("POSTBAG_DATA_DIR", dir)
	var out, err bytes.Buffer
	w := &world{ctx: t.Context(), out: &out, err: &err, env: func(string) (string, bool) { return "", false }}
	code := w.run(args)
	return result{code, out.String(), err.String()}
}

func TestRun_ExitCodes(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name     string
		args     []string
		code     int
		out, err string // what must be said
	}{
		{"nothing asked", nil, exitOK, "postbag serve", ""},
		{"help", []string{"--help"}, exitOK, "Exit codes", ""},
		{"help of serve", []string{"serve", "--help"}, exitOK, "POSTBAG_TEST_RECIPIENT", ""},
		{"version", []string{"version"}, exitOK, "postbag ", ""},
		{"version, as JSON", []string{"version", "--json"}, exitOK, "\",\n  \"go\": \"go", ""},
		{"unknown command", []string{"post"}, exitUsage, "", "postbag --help"},
		{"what a command needs", []string{"opt-ins", "open", "x"}, exitUsage, "", `Try "postbag opt-ins open --help".`},
		{"unknown flag", []string{"serve", "--port"}, exitUsage, "", "--port"},
		{"found", []string{"postcodes", "lookup", "ls6 3hn"}, exitOK, "LS6 3HN\tE14001319\tLeeds Central and Headingley\n", ""},
		{"found, as JSON", []string{"postcodes", "lookup", "--json", "ls63hn"}, exitOK, `"code":"E14001319"`, ""},
		{"one of two not found", []string{"postcodes", "lookup", "LS6 3HN", "LS6 3ZZ"}, exitNo, "unknown; others in LS6 3: E14001319", ""},
		{"malformed", []string{"postcodes", "lookup", "banana"}, exitNo, `"banana"	not a postcode`, ""},
		{"outside the data", []string{"postcodes", "lookup", "JE2 3AB"}, exitNo, "not in this data: jersey", ""},
		{"what the index holds", []string{"postcodes", "info"}, exitOK, "1,734,274", ""},
		{"what the index holds, as JSON", []string{"postcodes", "info", "--json"}, exitOK, `"non_geographic":`, ""},
		{"and by nation", []string{"postcodes", "info", "--json"}, exitOK, `"northern_ireland":`, ""},
		{"an index that is not there", []string{"postcodes", "info", "--index", filepath.Join(dir, "none")}, exitFailed, "", "none"},
		{"build without a place to write", []string{"postcodes", "build", "x.csv"}, exitUsage, "", "--out"},
		{"build from nothing", []string{"postcodes", "build", filepath.Join(dir, "x.csv"), "-o", filepath.Join(dir, "x.idx")}, exitUsage, "", "x.csv"},
		{"how good the map is", []string{"map", "info"}, exitOK, "true neighbours that touch", ""},
		{"how good the map is, as JSON", []string{"map", "info", "--json"}, exitOK, `"kept_length":`, ""},
		{"a map from nothing", []string{"map", "build", "--postcodes", filepath.Join(dir, "none")}, exitUsage, "", "none"},
		{"counts without a database", []string{"counts", "mps-not-border-guards"}, exitUsage, "", "there is no database"},
		{"nobody to ask", []string{"health", "--addr", "127.0.0.1:1"}, exitFailed, "", "nobody answers"},
		{"MPs without a database", []string{"mps", "list"}, exitOK, "E14001319", "As of 2026-06-27"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, tt.args...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("exit %d, want %d\nout: %s\nerr: %s", got.code, tt.code, got.out, got.err)
			}
		})
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("commands that only look left %v behind (%v)", left, err)
	}
}

func TestPostcodesBuild(t *testing.T) {
	dir := t.TempDir()
	table, index := filepath.Join(dir, "plain.csv"), filepath.Join(dir, "plain.idx")
	write(t, table, "pcds,pcon24cd\nLS6 3HN,E14001319\nCF10 1AA,W07000082\nAB10 1AB,S14000061\n")
	got := postbag(t, dir, "postcodes", "build", table, "-o", index, "--json")
	if got.code != exitOK {
		t.Fatalf("exit %d: %s", got.code, got.err)
	}
	var summary buildSummary
	if err := json.Unmarshal([]byte(got.out), &summary); err != nil {
		t.Fatal(err)
	}
	if summary.Rows != 3 || summary.Live != 3 || summary.Nations.Wales != 1 || summary.Sectors != 3 || summary.Bytes == 0 {
		t.Errorf("%+v", summary)
	}
	if got := postbag(t, dir, "postcodes", "lookup", "--index", index, "LS6 3HN"); got.code != exitOK {
		t.Errorf("lookup in the new index: %+v", got)
	}
	if got := postbag(t, dir, "postcodes", "lookup", "--index", index, "LS6 3HP"); got.code != exitNo {
		t.Errorf("lookup of what is not in it: %+v", got)
	}

	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	write(t, table, "pcds,pcon24cd\nLS6 3HN,E14000777\n")
	got = postbag(t, dir, "postcodes", "build", table, "-o", index)
	if got.code != exitFailed || !strings.Contains(got.err, "E14000777") || !strings.Contains(got.err, "July 2024") {
		t.Errorf("old boundaries: %+v", got)
	}
	if after, err := os.ReadFile(index); err != nil || !bytes.Equal(before, after) {
		t.Error("a build that failed touched the index")
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// mps returns what the database says of one seat.
func mps(t *testing.T, dir, code string) listed {
	t.Helper()
	got := postbag(t, dir, "mps", "list", "--json")
	var all []listed
	if err := json.Unmarshal([]byte(got.out), &all); err != nil {
		t.Fatalf("%v: %s", err, got.err)
	}
	for _, one := range all {
		if one.Code == code {
			return one
		}
	}
	t.Fatalf("%s is not in the list of %d", code, len(all))
	return listed{}
}

func TestMpsSync(t *testing.T) {
	dir := t.TempDir()
	roster, err := app.EmbeddedRoster()
	if err != nil {
		t.Fatal(err)
	}
	api := testkit.NewMembersAPI(t, roster)
	const seat = "Leeds Central and Headingley"
	api.Edit(t, seat, func(m *testkit.APIMember) { m.Name = "Jane Newcomer" })

	dry := postbag(t, dir, "mps", "sync", "--base-url", api.URL, "--dry-run")
	if dry.code != exitOK || !strings.Contains(dry.out, "Jane Newcomer") || !strings.Contains(dry.err, "dry run") {
		t.Fatalf("dry run: %+v", dry)
	}
	if got := mps(t, dir, "E14001319"); got.Name != "Alex Sobel" {
		t.Errorf("a dry run changed the MP to %s", got.Name)
	}
	if got := postbag(t, dir, "mps", "sync", "--base-url", api.URL); got.code != exitOK || !strings.Contains(got.err, "Applied") {
		t.Fatalf("sync: %+v", got)
	}
	if got := mps(t, dir, "E14001319"); got.Name != "Jane Newcomer" {
		t.Errorf("after the sync the MP is %s", got.Name)
	}

	api.Vacate(t, seat)
	got := postbag(t, dir, "mps", "sync", "--base-url", api.URL, "--json")
	var said outcome
	if err := json.Unmarshal([]byte(got.out), &said); err != nil {
		t.Fatal(err)
	}
	if got.code != exitNo || said.Applied || len(said.Unaccounted) != 1 {
		t.Errorf("a seat unaccounted for: exit %d, applied %v, unaccounted %v", got.code, said.Applied, said.Unaccounted)
	}
	if got := mps(t, dir, "E14001319"); got.Name != "Jane Newcomer" {
		t.Errorf("it was applied all the same: %q", got.Name)
	}
	if got := postbag(t, dir, "mps", "sync", "--base-url", api.URL, "--force"); got.code != exitOK {
		t.Errorf("forced: %+v", got)
	}
	if got := mps(t, dir, "E14001319"); got.Name != "" {
		t.Errorf("after a forced sync the seat has %q", got.Name)
	}
}

func TestMpsSync_Interrupted(t *testing.T) {
	roster, err := app.EmbeddedRoster()
	if err != nil {
		t.Fatal(err)
	}
	api := testkit.NewMembersAPI(t, roster)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.Setenv("POSTBAG_DATA_DIR", t.TempDir())
	var out, errs bytes.Buffer
	w := &world{ctx: ctx, out: &out, err: &errs}
	if code := w.run([]string{"mps", "sync", "--base-url", api.URL}); code != exitFailed || out.Len() > 0 {
		t.Errorf("exit %d, said %q", code, out.String())
	}
}

func TestMpsImport(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mps.csv")
	roster, err := app.EmbeddedRoster()
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("constituency_code,member_id,name,full_title,party,email\n")
	for _, seat := range roster.Seats() {
		c, m := seat.Constituency, seat.Member
		if c.Code == "E14001319" {
			m = parliament.Member{ID: 9999, Name: "Jane Newcomer", FullTitle: "Jane Newcomer MP", Party: "Labour", Email: "jane@example.org"}
		}
		table.WriteString(strings.Join([]string{c.Code, itoa(m.ID), m.Name, m.FullTitle, m.Party, m.Email}, ",") + "\n")
	}
	write(t, file, table.String())
	if got := postbag(t, dir, "mps", "import", file); got.code != exitOK {
		t.Fatalf("import: %+v", got)
	}
	if got := mps(t, dir, "E14001319"); got.Name != "Jane Newcomer" || got.Email != "jane@example.org" {
		t.Errorf("after the import: %+v", got)
	}

	write(t, file, "constituency_code,member_id,name,full_title,party,email\nE14001319,1,A,A MP,P,not an address\nE99999999,2,B,B MP,P,\n")
	got := postbag(t, dir, "mps", "import", file)
	if got.code != exitFailed || !strings.Contains(got.err, "line 2") || !strings.Contains(got.err, "line 3") {
		t.Errorf("a file with faults: %+v", got)
	}
	if got := mps(t, dir, "E14001319"); got.Name != "Jane Newcomer" {
		t.Error("a file with faults was applied")
	}
}

func itoa(n int) string { return strings.ReplaceAll(count(n), ",", "") }

// What supporters say stands in columns of its own.
func TestCounts_ofWhatSupportersSay(t *testing.T) {
	dir := withDatabase(t)
	s, err := app.OpenStore(t.Context(), config.Config{DataDir: dir}, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		r := campaign.SelfReport{Campaign: shipped, Constituency: "E14001319", Way: campaign.WayPost, TokenHash: []byte{byte(n)}}
		if err := s.AddSelfReport(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ flag, want string }{
		{"--csv", "E14001319,Leeds Central and Headingley,0,0,0,0,0,0,0,0,3,0,0,0,0,0\n"},
		{"--json", `"self_reported": 3,`},
		{"--json", `"sent": 0,`},
	} {
		if got := postbag(t, dir, "counts", shipped, tt.flag); got.code != exitOK || !strings.Contains(got.out, tt.want) {
			t.Errorf("counts %s: no %q in %+v", tt.flag, tt.want, got)
		}
	}
	got := postbag(t, dir, "counts", shipped)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	if len(lines) != 3 || !strings.HasSuffix(lines[0], "SELF-REPORTED") || !strings.HasSuffix(lines[1], " 3") || !strings.HasSuffix(lines[2], " 3") || !strings.HasPrefix(lines[2], "1 constituency ") {
		t.Errorf("the table: %s", got.out)
	}
}

func TestCounts(t *testing.T) {
	dir := t.TempDir()
	if got := postbag(t, dir, "mps", "import", os.DevNull); got.code != exitFailed {
		t.Fatalf("an empty file: %+v", got) // and there is a database now
	}
	if got := postbag(t, dir, "counts", "nothing"); got.code != exitUsage || !strings.Contains(got.err, "mps-not-border-guards") {
		t.Errorf("an unknown campaign: %+v", got)
	}
	for _, tt := range []struct{ flag, want string }{
		{"--json", "[]\n"},
		{"--csv", "code,constituency,written,confirmed,sent,failed,bounced,uncertain,withdrawn,expired,self_reported," +
			"replied_none,replied_standard,replied_real,replied_pledged,replied_refused\n"},
	} {
		if got := postbag(t, dir, "counts", "mps-not-border-guards", tt.flag); got.code != exitOK || got.out != tt.want {
			t.Errorf("counts %s: %+v", tt.flag, got)
		}
	}
	if got := postbag(t, dir, "counts", "mps-not-border-guards", "--json", "--csv"); got.code != exitUsage {
		t.Errorf("both forms at once: %+v", got)
	}
}
