package main

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"postbag/internal/campaign"
	"postbag/internal/seal"
)

func TestOptInsOpen(t *testing.T) {
	dir := t.TempDir()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	to, err := seal.ReadRecipient(id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(campaign.Contact{Name: "=Amina, O'Connor", Email: "amina@example.org", At: time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC), Embed: true, Token: "TOKEN"})
	if err != nil {
		t.Fatal(err)
	}
	file, err := to.Seal(plain)
	if err != nil {
		t.Fatal(err)
	}
	key, download, wrong := filepath.Join(dir, "key.txt"), filepath.Join(dir, "opt-ins.csv"), filepath.Join(dir, "other.txt")
	write(t, key, "# created: 2026-11-23\n"+id.String()+"\n")
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	write(t, wrong, other.String()+"\n")
	sealed := base64.StdEncoding.EncodeToString(file)
	write(t, download, "\ufeffcontact_id,status,name,email,given_at,asked_on,unsubscribe_url,age\r\n"+
		"c1,active,,,,,https://x.example/u/,"+sealed+"\r\nc2,ended,,,,,,\r\nc3,active,Sam,sam@example.org,,page,https://x.example/u/S,\r\n")

	got := postbag(t, dir, "opt-ins", "open", download, "--identity", key)
	want := "contact_id,status,name,email,given_at,asked_on,unsubscribe_url\n" +
		"c1,active,\"'=Amina, O'Connor\",amina@example.org,2026-11-23T12:00:00Z,embed,https://x.example/u/TOKEN\n" +
		"c2,ended,,,,,\nc3,active,Sam,sam@example.org,,page,https://x.example/u/S\n"
	if got.code != exitOK || got.out != want {
		t.Errorf("%+v\nwant %s", got, want)
	}
	got = postbag(t, dir, "opt-ins", "open", download, "--identity", wrong)
	if got.code != exitFailed || !strings.Contains(got.err, "1 contact does not open with this key") || !strings.Contains(got.out, "c3,active,Sam") {
		t.Errorf("another key: %+v", got)
	}
	empty, export, cut := filepath.Join(dir, "empty.csv"), filepath.Join(dir, "people.csv.age"), filepath.Join(dir, "cut.csv")
	write(t, empty, "")
	write(t, export, string(file))
	write(t, cut, "name,email,age\nSam,sam")
	for path, want := range map[string]string{
		empty: empty + " is empty", export: "age -d -i " + key + " " + export, cut: "download it again",
	} {
		if got := postbag(t, dir, "opt-ins", "open", path, "--identity", key); got.code == exitOK || !strings.Contains(got.err, want) {
			t.Errorf("%s: %+v, want %q", path, got, want)
		}
	}
	if got := postbag(t, dir, "opt-ins", "open", download, "--identity", download); !strings.Contains(got.err, download+": no secret age key") {
		t.Errorf("a key that is no: %+v", got)
	}
	for name, args := range map[string][]string{
		"no key":           {download},
		"no such key":      {download, "--identity", key + "-none"},
		"a key that is no": {download, "--identity", download},
		"no such file":     {download + "-none", "--identity", key},
		"another file":     {key, "--identity", key},
	} {
		if got := postbag(t, dir, append([]string{"opt-ins", "open"}, args...)...); got.code != exitUsage || strings.Contains(got.err, id.String()) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
