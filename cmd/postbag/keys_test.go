package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	if got := postbag(t, dir, "keys", "list"); got.code != exitUsage || !strings.Contains(got.err, "there is no database") {
		t.Errorf("without a database: exit %d, %s", got.code, got.err)
	}
	if got := postbag(t, dir, "user", "add", "noor@example.org", "--name", "Noor", "--role", "owner", "--base-url", "https://letters.example.org"); got.code != exitOK {
		t.Fatalf("make a database: %s", got.err)
	}
	key := ""
	for _, tt := range []struct {
		name string
		args []string
		code int
		out  string
		err  string
	}{
		{"a key", []string{"add", "Newsroom"}, exitOK, "pbk_", "shown this once"},
		{"without a name", []string{"add", " "}, exitUsage, "", "say what the key is for"},
		{"for nobody", []string{"add", "CRM", "--partner", "strangers"}, exitNo, "", `no partner "strangers"`},
		{"listed", []string{"list"}, exitOK, "works", ""},
		{"revoked", []string{"revoke", "1"}, exitOK, "The key 1 (Newsroom) is revoked.", ""},
		{"listed as revoked", []string{"list", "--json"}, exitOK, `"revoked_at": "20`, ""},
		{"one that is none", []string{"revoke", "9"}, exitNo, "", "no key 9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"keys"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("exit %d, want %d\nout: %s\nerr: %s", got.code, tt.code, got.out, got.err)
			}
			if key == "" {
				key = regexp.MustCompile(`pbk_[A-Za-z0-9_-]{22}`).FindString(got.out)
			} else if strings.Contains(got.out+got.err, key[4:]) {
				t.Error("the key is printed again")
			}
		})
	}
	if key == "" {
		t.Error("there is no key")
	}
}
