package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postbag/internal/app"
)

func TestPartners(t *testing.T) {
	dir := withDatabase(t)
	run := func(want int, args ...string) (string, string) {
		t.Helper()
		got := postbag(t, dir, args...)
		if got.code != want {
			t.Fatalf("%v: exit code %d, want %d\n%s%s", args, got.code, want, got.out, got.err)
		}
		return got.out, got.err
	}
	run(exitOK, "partners", "add", "friends", "--name", "Friends", "--website", "https://friends.example", "--origin", "https://friends.example", "--origin", "https://www.friends.example/act", "--opt-in", "en=Hear from Friends; now and then")
	if _, said := run(exitNo, "partners", "add", "friends", "--name", "Friends", "--website", "https://friends.example", "--origin", "friends.example"); !strings.Contains(said, "short name") {
		t.Errorf("twice: %s", said)
	}
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"no https", []string{"--name", "Others", "--website", "http://others.example", "--origin", "others.example"}, []string{"--website: Give"}},
		{"nothing told", nil, []string{"--name: Say", "--website: Give", "--origin: Give"}},
		{"a site that is none", []string{"--name", "Others", "--website", "https://others.example", "--origin", "https://others.example", "--origin", "others example"}, []string{"--origin: \"https://others example\" is no address"}},
		{"no address of a person", []string{"--name", "Others", "--website", "https://others.example", "--origin", "others.example", "--contact", "nobody"}, []string{"--contact: This"}},
		{"no picture", []string{"--name", "Others", "--website", "https://others.example", "--origin", "others.example", "--logo", "nothing.png"}, []string{"--logo: ", "nothing.png"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, said := run(exitUsage, append([]string{"partners", "add", "others"}, tt.args...)...)
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("it says %q, without %q", said, want)
				}
			}
			if strings.Contains(said, "each line") {
				t.Errorf("it speaks of a form: %q", said)
			}
		})
	}
	run(exitOK, "partners", "edit", "friends", "--name", "Good friends")
	run(exitUsage, "partners", "edit", "nobody", "--name", "Nobody")
	var rows []partnerRow
	if out, _ := run(exitOK, "partners", "list", "--json"); json.Unmarshal([]byte(out), &rows) != nil || len(rows) != 1 {
		t.Fatal(out)
	}
	if r := rows[0]; r.Name != "Good friends" || strings.Join(r.Origins, " ") != "https://friends.example https://www.friends.example" || r.OptIn["en"] != "Hear from Friends; now and then" || r.RetiredAt != nil {
		t.Errorf("%+v", r)
	}
	snippet := []string{"embed", "snippet", "--partner", "friends", "--campaign", shipped, "--base", "https://letters.example.org"}
	if out, _ := run(exitOK, snippet...); strings.Count(out, "https://letters.example.org/embed.js") != 2 || !strings.Contains(out, "<postbag-letter campaign=") || !strings.Contains(out, "/embed/friends/c/"+shipped+`"`) {
		t.Errorf("%s", out)
	}
	if _, said := run(exitUsage, append(snippet, "--radius", "99")...); !strings.Contains(said, "--radius: ") {
		t.Errorf("a radius too large: %s", said)
	}
	run(exitOK, "partners", "retire", "friends")
	run(exitUsage, snippet...)
	if out, _ := run(exitOK, "partners", "list"); !strings.Contains(out, "retired") {
		t.Errorf("%s", out)
	}
	run(exitOK, "partners", "retire", "friends", "--back")
	run(exitOK, snippet...)
}

func TestEmbedCheck(t *testing.T) {
	dir := t.TempDir() // without a database
	const base = "https://letters.example.org"
	policy := ""
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/act" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", policy)
		w.Write([]byte(`<iframe src="` + base + `/embed/friends/c/bill" title="W" height="640"></iframe>`))
	}))
	defer host.Close()
	check := []string{"embed", "check", host.URL + "/act", "--base", base}
	if got := postbag(t, dir, check...); got.code != 0 || !strings.Contains(got.out, "The form works on this page.") {
		t.Errorf("%+v", got)
	}
	policy = "default-src 'self'"
	if got := postbag(t, dir, check...); got.code != 1 || !strings.Contains(got.out, "\n    frame-src 'self' "+base+";\n") || got.err != "" {
		t.Errorf("%+v", got)
	}
	var found app.Checkup
	if got := postbag(t, dir, append(check, "--json")...); got.code != 1 || json.Unmarshal([]byte(got.out), &found) != nil || found.Verdict != "broken" || len(found.Findings) == 0 {
		t.Errorf("%+v", got)
	}
	if got := postbag(t, dir, append(check, "--campaign", "other")...); got.code != 1 || !strings.Contains(got.out, "where other was expected") {
		t.Errorf("%+v", got)
	}
	for _, address := range []string{host.URL + "/nothing", "https://10.0.0.1/", "nonsense://x", "http://169.254.169.254/"} {
		if got := postbag(t, dir, "embed", "check", address, "--base", base); got.code != 2 || got.out != "" || got.err == "" {
			t.Errorf("%s: %+v", address, got)
		}
	}
}
