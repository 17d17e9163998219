package internal

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// licences are those under which what we build with may be: each lets anybody use,
// change and pass on the program, and asks for no more than its words in return. A
// module under another one is a decision for people, not for an upgrade.
var licences = []struct {
	name string
	mark *regexp.Regexp // of its text, in one line and without capitals
}{
	{"GPL, LGPL or AGPL", regexp.MustCompile(`gnu (lesser |affero |library )?general public license`)},
	{"Apache-2.0", regexp.MustCompile(`apache license,? version 2\.0`)},
	{"MPL-2.0", regexp.MustCompile(`mozilla public license,? version 2\.0`)},
	{"OFL-1.1", regexp.MustCompile(`sil open font license,? version 1\.1`)},
	{"BSD-3-Clause", regexp.MustCompile(`redistribution and use in source and binary forms.*(neither the name|names? of the (author|copyright)[^.]*may not be used to endorse)`)},
	{"BSD-2-Clause", regexp.MustCompile(`redistribution and use in source and binary forms`)},
	{"ISC", regexp.MustCompile(`permission to use, copy, modify, and(/or)? distribute this software for any purpose`)},
	{"MIT", regexp.MustCompile(`permission is hereby granted, free of charge, to any person obtaining a copy`)},
	{"public domain", regexp.MustCompile(`has been dedicated to the public domain by the authors`)},
	{"Unlicense", regexp.MustCompile(`this is free and unencumbered software released into the public domain`)},
}

// allowed are the names of those that will do.
var allowed = []string{"Apache-2.0", "MPL-2.0", "OFL-1.1", "BSD-3-Clause", "BSD-2-Clause", "ISC", "MIT", "public domain", "Unlicense"}

// read are files that somebody has read, by their SHA-256: another version of them
// is to be read again.
var read = map[string]string{
	"f4a00ade8f4057ab0ea49097d9c459df8559fcf10ca78da0c950343fb7428d37": "what modernc.org/sqlite is made of: MIT, BSD, Apache and public domain; MPL-2.0, which it quotes, is of its tests",
	"5ae5bee3072a841376451b48d8cfcec7188e10543926d5870828d36c8a750dc5": "where the picture in modernc.org/memory's page is from, which no build has",
}

// licenceFile is what a module's licence is called.
var licenceFile = regexp.MustCompile(`(?i)^(li[cs]en[cs]e|copying|unlicense|ofl)([-.].*)?$`)

// licenceOf names the licence of a text; empty: it is none of these.
func licenceOf(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, l := range licences {
		if l.mark.MatchString(text) {
			return l.name
		}
	}
	return ""
}

// TestLicences: every module that the program or its tests are built from is under
// a licence that we know and may use.
func TestLicences(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", "./...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("list the modules: %v", err)
	}
	modules := slices.Compact(slices.Sorted(strings.Lines(string(out))))
	if len(modules) < 20 {
		t.Fatalf("%d modules", len(modules))
	}
	for _, line := range modules {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, f := range files {
			if f.IsDir() || !licenceFile.MatchString(f.Name()) || strings.HasSuffix(f.Name(), ".go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			found++
			if read[fmt.Sprintf("%x", sha256.Sum256(text))] != "" {
				continue
			}
			name := licenceOf(string(text))
			t.Logf("%-50s %s", path, name)
			if !slices.Contains(allowed, name) {
				t.Errorf("%s: %s is under %q, which nobody has looked at", path, f.Name(), name)
			}
		}
		if found == 0 {
			t.Errorf("%s: no licence is with it", path)
		}
	}
	for text, want := range map[string]string{
		"GNU AFFERO GENERAL PUBLIC LICENSE Version 3": "GPL, LGPL or AGPL", "Business Source License 1.1": "", "All rights reserved.": "",
	} {
		if got := licenceOf(text); got != want || slices.Contains(allowed, got) {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}
