package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"postbag/internal/store"
)

func TestMps_failing(t *testing.T) {
	dir := withDatabase(t)
	if got := postbag(t, dir, "mps", "failing", "--json"); got.code != exitOK || got.out != "[]\n" {
		t.Errorf("none yet: %+v", got)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`
		INSERT INTO failing (member_id, email, since, letters, enhanced)
		SELECT id, email, '2026-11-02T10:00:00.000Z', 3, '5.1.1' FROM members WHERE constituency = 'E14001063'`); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string // what must be said
	}{
		{"listed", []string{"failing"}, exitOK, "5.1.1", ""},
		{"as JSON", []string{"failing", "--json"}, exitOK, `"since": "2026-11-02T10:00:00Z"`, ""},
		{"nobody clears", []string{"clear", "Aldershot"}, exitUsage, "", "--by"},
		{"another seat", []string{"clear", "Chorley", "--by", "Ann"}, exitNo, "", "letters to Chorley are not held"},
		{"no seat", []string{"clear", "Atlantis", "--by", "Ann"}, exitUsage, "", "neither a constituency nor an MP"},
		{"cleared", []string{"clear", "Aldershot", "--by", "Ann"}, exitOK, "cleared: Alex Baker", ""},
		{"twice", []string{"clear", "Aldershot", "--by", "Ann"}, exitNo, "", "Nothing was changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"mps"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("%+v", got)
			}
		})
	}
	var by string
	if err := db.QueryRow(`SELECT actor FROM audit WHERE action = 'mp.clear'`).Scan(&by); err != nil || by != "Ann" {
		t.Errorf("the log says %q, %v", by, err)
	}
}
