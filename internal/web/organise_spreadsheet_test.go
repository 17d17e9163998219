package web_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"postbag/internal/account"
)

// TestDashboard_Spreadsheet opens the table in a real spreadsheet program and
// reads its cells back: names with every accent, numbers that are numbers, and
// nothing that has become a formula.
func TestDashboard_Spreadsheet(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("LibreOffice is missing: install libreoffice-calc-nogui")
		}
		t.Skip("LibreOffice is not installed (Debian: libreoffice-calc-nogui)")
	}
	s, run := startCounting(t, account.Viewer, 3000)
	for code, name := range map[string]string{
		"E14001319": `=1+1`, "E14001170": `@SUM(A1:A9)`, "E14001172": "-2+3", "E14001173": `Siân, "Ŵyn" O’Connor; Ynys Môn`,
	} {
		run(`UPDATE members SET name = $1 WHERE constituency = $2`, name, code)
	}
	run(`UPDATE settings SET value = value + 1 WHERE key = 'roster_version'`)
	if err := s.Service().Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "seats.csv")
	sent := s.get(dashboard + "/seats.csv?bom=1&sort=place").body
	if err := os.WriteFile(file, []byte(sent), 0o600); err != nil {
		t.Fatal(err)
	}
	convert := func(to, file string, more ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), program, append(more, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless",
			"--convert-to", to, "--outdir", filepath.Join(dir, "out"), file)...)
		c.Env = append(os.Environ(), "HOME="+dir)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		kind, _, _ := strings.Cut(to, ":")
		return filepath.Join(dir, "out", "seats."+kind)
	}
	// Into its own format, with all that it makes of the fields, and out again as
	// each cell shows itself. 44,34,76: comma, quotation mark, UTF-8; without a
	// window nobody is asked for these.
	back, err := os.ReadFile(convert("csv:Text - txt - csv (StarCalc):44,34,76", convert("ods", file, "--infilter=CSV:44,34,76")))
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) [][]string {
		t.Helper()
		records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return records
	}
	want, got := read(sent), read(string(back))
	if len(got) != 651 || len(got[0]) != len(want[0]) {
		t.Fatalf("%d rows of %d cells, want 651 of %d", len(got), len(got[0]), len(want[0]))
	}
	names := 0
	for i := range want {
		for j := range want[i] {
			cell := want[i][j]
			if strings.TrimRight(cell, "0") == strings.TrimRight(got[i][j], "0") && strings.Contains(cell, ".") || cell == got[i][j] {
				continue // a number is shown without noughts at its end
			}
			if strings.TrimSuffix(strings.TrimRight(cell, "0"), ".") == got[i][j] {
				continue
			}
			if want[0][j] == "last_letter" || want[0][j] == "pledged_on" {
				continue // dates are shown as the country has them
			}
			t.Errorf("row %d, %s: the cell shows %q, want %q", i+1, want[0][j], got[i][j], cell)
		}
		if n := got[i][6]; n == `'=1+1` || n == `'@SUM(A1:A9)` || n == "'-2+3" || n == `Siân, "Ŵyn" O’Connor; Ynys Môn` {
			names++
		}
	}
	if names != 4 {
		t.Errorf("%d of the 4 names came through", names)
	}
}
