package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestUser(t *testing.T) {
	dir := t.TempDir()
	const noor, ali, site = "noor@example.org", "ali@example.org", "https://letters.example.org"
	link := regexp.MustCompile(`^https://letters\.example\.org/organise/password/[A-Za-z0-9_-]{22}\n$`)
	var links []string
	for _, tt := range []struct {
		name string
		args []string
		code int
		out  string // "link": a link
		err  string
	}{
		{"nobody yet", []string{"list"}, exitUsage, "", "there is no database"},
		{"nowhere to lead", []string{"add", noor, "--name", "Noor", "--role", "owner"}, exitUsage, "", "--base-url"},
		{"no address", []string{"add", "noor", "--name", "Noor", "--role", "owner", "--base-url", site}, exitUsage, "", "Type an email address"},
		{"no role of that name", []string{"add", noor, "--name", "Noor", "--role", "emperor", "--base-url", site}, exitUsage, "", "--role"},
		{"a partner of nobody", []string{"add", noor, "--name", "Noor", "--role", "partner", "--base-url", site}, exitUsage, "", "--partner: Say which partner"},
		{"the first", []string{"add", noor, "--name", "Noor", "--role", "owner", "--base-url", site + "/"}, exitOK, "link", "within 7 days"},
		{"the same address", []string{"add", "Noor@Example.org", "--name", "N", "--role", "viewer", "--base-url", site}, exitNo, "", "has an account already"},
		{"another", []string{"add", ali, "--name", "Ali", "--role", "viewer", "--base-url", site}, exitOK, "link", ""},
		{"a new link", []string{"link", noor, "--base-url", site}, exitOK, "link", ""},
		{"a new link without a second factor", []string{"link", noor, "--without-second-factor", "--base-url", site}, exitOK, "link", ""},
		{"a link for nobody", []string{"link", "nobody@example.org", "--base-url", site}, exitNo, "", "no such account"},
		{"another role", []string{"role", ali, "organiser"}, exitOK, "ali@example.org is now organiser.", ""},
		{"a role without its partner", []string{"role", ali, "partner"}, exitUsage, "", "--partner: Say which partner"},
		{"a partner", []string{"role", ali, "partner", "--partner", "Friends"}, exitOK, "partner", ""},
		{"closed", []string{"disable", ali}, exitOK, "closed", ""},
		{"a link for a closed one", []string{"link", ali, "--base-url", site}, exitNo, "", "closed"},
		{"opened", []string{"enable", ali}, exitOK, "open again", ""},
		{"listed", []string{"list"}, exitOK, "noor@example.org", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"user"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.err, tt.err) {
				t.Errorf("exit %d, want %d\nout: %s\nerr: %s", got.code, tt.code, got.out, got.err)
			}
			switch {
			case tt.out == "link":
				if !link.MatchString(got.out) {
					t.Errorf("no link: %q", got.out)
				}
				links = append(links, got.out)
			case !strings.Contains(got.out, tt.out), tt.code != exitOK && got.out != "":
				t.Errorf("out: %s", got.out)
			}
		})
	}
	if len(links) != 4 || links[0] == links[2] {
		t.Errorf("the links are %q", links)
	}
	var rows []userRow
	if got := postbag(t, dir, "user", "list", "--json"); json.Unmarshal([]byte(got.out), &rows) != nil || len(rows) != 2 {
		t.Fatalf("%+v", got)
	}
	if ali := rows[0]; ali.Role != "partner" || ali.Partner != "Friends" || ali.State != "invited" || ali.SignedInAt != nil {
		t.Errorf("%+v", ali)
	}
}

// The links of a command are good at the server: it must have the same secret.
func TestUser_needsTheServersSecret(t *testing.T) {
	dir := t.TempDir()
	add := []string{"user", "add", "noor@example.org", "--name", "Noor", "--role", "owner", "--base-url", "https://letters.example.org"}
	if got := postbag(t, dir, add...); got.code != exitOK {
		t.Fatalf("%+v", got)
	}
	if err := os.Remove(filepath.Join(dir, "secret")); err != nil {
		t.Fatal(err)
	}
	got := postbag(t, dir, "user", "link", "noor@example.org", "--base-url", "https://letters.example.org")
	if got.code != exitUsage || !strings.Contains(got.err, "POSTBAG_SECRET") || got.out != "" {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "secret")); err == nil {
		t.Error("another secret was made")
	}
}
