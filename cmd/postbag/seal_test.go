package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSeal(t *testing.T) {
	dir := withDatabase(t)
	if got := postbag(t, dir, "seal", "list"); got.code != exitOK || strings.Count(got.out, "\n") != 1 {
		t.Errorf("before there are keys: %+v", got)
	}
	sentLetter(t, dir)
	list := func() (rows []sealRow) {
		t.Helper()
		got := postbag(t, dir, "seal", "list", "--json")
		if err := json.Unmarshal([]byte(got.out), &rows); err != nil || got.code != exitOK {
			t.Fatalf("%+v: %v", got, err)
		}
		return rows
	}
	first := list()
	if len(first) != 2 || first[0].Purpose != "seal" || first[0].State != "current" || first[0].Records["people"] != 1 || first[1].Purpose != "hash" {
		t.Fatalf("%+v", first)
	}
	if got := postbag(t, dir, "seal", "list"); !regexp.MustCompile(`(?m)^` + first[0].ID + ` +records +current +20\d\d-\d\d-\d\d +1$`).MatchString(got.out) {
		t.Errorf("%+v", got)
	}
	got := postbag(t, dir, "seal", "rotate", "--wait", "0s")
	if want := "1 record is sealed anew.\nThe key " + first[0].ID + " is destroyed.\n"; got.code != exitOK || got.out != want {
		t.Errorf("%+v", got)
	}
	after := list()
	if len(after) != 3 {
		t.Fatalf("%+v", after)
	}
	for _, row := range after {
		switch {
		case row.ID == first[0].ID:
			if row.State != "gone" || len(row.Records) > 0 || row.GoneAt == nil {
				t.Errorf("the old key: %+v", row)
			}
		case row.Purpose == "seal":
			if row.State != "current" || row.Records["people"] != 1 || row.RetiredAt != nil {
				t.Errorf("the new key: %+v", row)
			}
		case row.ID != first[1].ID || row.State != "current":
			t.Errorf("the key for hashes: %+v", row)
		}
	}
	alter(t, dir, `UPDATE people SET sealed = x'000000156167652d656e6372797074696f6e2e6f72672f7631'`,
		`INSERT INTO captured_mail (message_id, at, kind, sealed) VALUES ('x', '', '', x'FFFFFFFFFFFF')`)
	if got := postbag(t, dir, "seal", "list"); got.err != "1 record is sealed to age keys of campaigns: no key here opens them.\n1 record is damaged: nothing says what sealed them.\n" {
		t.Errorf("what no key opens: %+v", got)
	}
	if got := postbag(t, dir, "seal", "rotate", "--wait", "-1s"); got.code != exitUsage {
		t.Errorf("a wait that nobody can: %+v", got)
	}
}

func TestSealRewrap(t *testing.T) {
	dir := withDatabase(t)
	sentLetter(t, dir)
	secret, err := os.ReadFile(filepath.Join(dir, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "new")
	write(t, file, "too short\n")
	for _, tt := range []struct {
		name string
		args []string
		err  string
	}{
		{"no file", nil, "--new-secret-file"},
		{"a file that is not there", []string{"--new-secret-file", file + "-none"}, "read the new secret"},
		{"a short one", []string{"--new-secret-file", file}, "the new secret has 9 characters; it needs at least 32"},
	} {
		if got := postbag(t, dir, append([]string{"seal", "rewrap"}, tt.args...)...); got.code != exitUsage || !strings.Contains(got.err, tt.err) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	const next = "another-secret-of-more-than-32-characters"
	write(t, file, next+"\n")
	got := postbag(t, dir, "seal", "rewrap", "--new-secret-file", file)
	if got.code != exitOK || !strings.Contains(got.out, "has another secret now") || !strings.Contains(got.out, `the file "secret" in `+dir) || strings.Contains(got.out, next) {
		t.Fatalf("%+v", got)
	}
	if got := postbag(t, dir, "seal", "rotate", "--wait", "0s"); got.code != exitUsage || !strings.Contains(got.err, "sealed under another secret") {
		t.Errorf("with the old secret: %+v", got)
	}
	write(t, filepath.Join(dir, "secret"), next)
	if got := postbag(t, dir, "seal", "rewrap", "--new-secret-file", file); got.code != exitOK || !strings.Contains(got.out, "already") {
		t.Errorf("the same once more: %+v", got)
	}
	if got := postbag(t, dir, "seal", "rotate", "--wait", "0s"); got.code != exitOK || !strings.Contains(got.out, "1 record is sealed anew") {
		t.Errorf("with the new one: %+v", got)
	}
	write(t, file, string(secret))
	if got := postbag(t, dir, "seal", "rewrap", "--new-secret-file", file); got.code != exitOK {
		t.Errorf("and back: %+v", got)
	}
}
