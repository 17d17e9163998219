package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMps_correct(t *testing.T) {
	dir := withDatabase(t)
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string // what must be said
	}{
		{"none yet", []string{"corrections", "--json"}, exitOK, "[]\n", ""},
		{"nothing to end", []string{"uncorrect", "Aldershot", "--by", "Ann"}, exitNo, "", "nothing that holds is corrected"},
		{"no source", []string{"correct", "Aldershot", "--email", "x@example.org", "--by", "Ann"}, exitUsage, "", "--source"},
		{"nobody records", []string{"correct", "Aldershot", "--email", "x@example.org", "--source", "Phone"}, exitUsage, "", "--by"},
		{"neither address nor vacancy", []string{"correct", "Aldershot", "--source", "Phone", "--by", "Ann"}, exitUsage, "", "--email"},
		{"no constituency", []string{"correct", "Atlantis", "--vacant", "--source", "Phone", "--by", "Ann"}, exitUsage, "", "neither a constituency nor an MP"},
		{"no address", []string{"correct", "Aldershot", "--email", "x at example.org", "--source", "Phone", "--by", "Ann"}, exitUsage, "", "--email must be a bare address"},
		{"an address", []string{"correct", "aldershot", "--email", "x@example.org", "--source", "Phone", "--by", "Ann"}, exitOK, "corrected: Alex Baker", ""},
		{"the same again", []string{"correct", "E14001063", "--email", "x@example.org", "--source", "Phone", "--by", "Ann"}, exitNo, "", "go to that address already"},
		{"a vacancy", []string{"correct", "Chorley", "--vacant", "--source", "The news", "--by", "Ann"}, exitOK, "the seat is vacant", ""},
		{"a vacancy twice", []string{"correct", "Chorley", "--vacant", "--source", "The news", "--by", "Ann"}, exitNo, "", "nobody sits for Chorley"},
		{"listed", []string{"corrections"}, exitOK, "x@example.org", ""},
		{"ended", []string{"uncorrect", "Chorley", "--by", "Bea"}, exitOK, "ended: Sir Lindsay Hoyle", ""},
		{"and who ended it", []string{"corrections", "--all"}, exitOK, "Bea", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := postbag(t, dir, append([]string{"mps"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
				t.Errorf("%+v", got)
			}
		})
	}
	var rows []corrected
	if err := json.Unmarshal([]byte(postbag(t, dir, "mps", "corrections", "--json").out), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	if r := rows[0]; r.Value != "x@example.org" || r.Constituency != "Aldershot" || r.Source != "Phone" || r.RecordedBy != "Ann" || r.EndedAt != "" || r.Listed == "" {
		t.Errorf("%+v", r)
	}
	if list := postbag(t, dir, "mps", "list"); !strings.Contains(list.out, "x@example.org") {
		t.Error("the list of MPs knows nothing of it")
	}
}
