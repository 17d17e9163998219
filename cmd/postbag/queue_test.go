package main

import (
	"strings"
	"testing"
)

// What the commands of the queue say where nothing waits; what they do to
// letters is the domain's, and tested there.
func TestQueue(t *testing.T) {
	dir := withDatabase(t)
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"none waits", []string{"list", shipped}, exitOK, "", "No letter waits"},
		{"an unknown campaign", []string{"list", "nothing"}, exitUsage, "", "there is no campaign \"nothing\": there is " + shipped + "\n"},
		{"an unknown state", []string{"list", shipped, "--state", "sent"}, exitUsage, "", "--state"},
		{"no such letter", []string{"show", shipped, "12"}, exitNo, "", "no letter 12"},
		{"nobody decides", []string{"send", shipped, "12"}, exitUsage, "", "--by"},
		{"no such letter to send", []string{"send", shipped, "12", "--by", "Noor"}, exitNo, "letter 12: there is none", ""},
		{"no such letter to retry", []string{"retry", shipped, "12", "--by", "Noor"}, exitNo, "letter 12: there is none", ""},
		{"no such letter to mark", []string{"mark-sent", shipped, "12", "13", "--by", "Noor"}, exitNo, "letter 13: there is none", ""},
		{"declined without a note", []string{"decline", shipped, "12", "--by", "Noor"}, exitUsage, "", "--note"},
		{"declined with an empty one", []string{"decline", shipped, "12", "--by", "Noor", "--note", " "}, exitUsage, "", "--note needs some words"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"queue"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("%+v", got)
			}
		})
	}
}
