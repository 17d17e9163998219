package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCampaigns(t *testing.T) {
	dir := withDatabase(t)
	run := func(want int, args ...string) (string, string) {
		t.Helper()
		got := postbag(t, dir, args...)
		if got.code != want {
			t.Fatalf("%v: exit code %d, want %d\n%s%s", args, got.code, want, got.out, got.err)
		}
		return got.out, got.err
	}
	list, _ := run(exitOK, "campaigns", "list")
	if !strings.Contains(list, "mps-not-border-guards  live   1") {
		t.Errorf("list:\n%s", list)
	}
	text, _ := run(exitOK, "campaigns", "export", "mps-not-border-guards")
	file := filepath.Join(t.TempDir(), "campaign.toml")
	write(t, file, text)
	run(exitOK, "campaigns", "check", file)
	if _, said := run(exitOK, "campaigns", "import", file); !strings.Contains(said, "stays at version 1") {
		t.Errorf("the same again: %s", said)
	}
	write(t, file, strings.Replace(text, "goal = 5000", "goal = 6000", 1))
	if _, said := run(exitOK, "campaigns", "import", file, "--by", "Olga"); !strings.Contains(said, "version 2") {
		t.Errorf("changed: %s", said)
	}
	write(t, file, strings.Replace(text, `slug = "mps-not-border-guards"`, `slug = "another"`, 1))
	if _, said := run(exitOK, "campaigns", "import", file); !strings.Contains(said, "another is a new draft") {
		t.Errorf("another: %s", said)
	}
	if list, _ = run(exitOK, "campaigns", "list"); !strings.Contains(list, "another                draft  1") || !strings.Contains(list, "live   2") {
		t.Errorf("list:\n%s", list)
	}
	write(t, file, strings.Replace(text, "in {constituency}", "in {town}", 1))
	if _, said := run(exitNo, "campaigns", "check", file); !strings.Contains(said, "unknown placeholder {town}") || !strings.HasPrefix(said, "line ") {
		t.Errorf("a wrong one: %s", said)
	}
	run(exitNo, "campaigns", "import", file)
	run(exitUsage, "campaigns", "export", "nothing")
}
