package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/mailer"
)

// withSettings runs the program with settings of the environment.
func withSettings(t *testing.T, settings map[string]string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	w := &world{ctx: t.Context(), out: &out, err: &err, env: func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	}}
	code := w.run(args)
	return result{code, out.String(), err.String()}
}

func TestDKIMKeygen(t *testing.T) {
	t.Chdir(t.TempDir())
	settings := map[string]string{"POSTBAG_MAIL_FROM": "letters@letters.example.org.uk"}
	got := withSettings(t, settings, "dkim", "keygen")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(here, "dkim-postbag.pem")
	for _, want := range []string{
		"The key is in " + file + ".",
		"name   postbag._domainkey.letters.example.org.uk   (in a panel for example.org.uk type only: postbag._domainkey.letters)\n",
		"value  v=DKIM1; k=rsa; p=",
		"postbag._domainkey.letters.example.org.uk. 3600 IN TXT ( \"v=DKIM1; k=rsa; p=",
		"   POSTBAG_DKIM=postbag=" + file + "\n",
	} {
		if got.code != exitOK || !strings.Contains(got.out, want) {
			t.Errorf("exit %d, want %q:\n%s%s", got.code, want, got.out, got.err)
		}
	}
	for _, part := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(got.out, -1) {
		if len(part[1]) > 255 {
			t.Errorf("a string of %d bytes", len(part[1]))
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	content, err := os.ReadFile(file)
	if err != nil || strings.Contains(got.out, strings.Split(string(content), "\n")[1]) {
		t.Errorf("the key is printed (%v)", err)
	}

	again := withSettings(t, settings, "dkim", "keygen", "--type", "ed25519")
	if left, err := os.ReadFile(file); again.code != exitUsage || !strings.Contains(again.err, "never written over") || err != nil || !bytes.Equal(left, content) {
		t.Errorf("over another: exit %d, %s", again.code, again.err)
	}

	settings["POSTBAG_DKIM"] = "postbag=" + file
	second := withSettings(t, settings, "dkim", "keygen", "--type", "ed25519", "--selector", "postbag-ed", "--out", "ed.pem", "--json")
	var made newKey
	if err := json.Unmarshal([]byte(second.out), &made); err != nil {
		t.Fatalf("%v: %s%s", err, second.out, second.err)
	}
	key, err := mailer.ReadDKIMKey("postbag-ed", made.File)
	if err != nil {
		t.Fatal(err)
	}
	record, err := key.Record()
	if err != nil || made.Record.Value != record || made.Zone != made.Record.Name+`. 3600 IN TXT "`+record+`"` {
		t.Errorf("%+v", made)
	}
	if want := "POSTBAG_DKIM=postbag=" + file + ",postbag-ed=" + filepath.Join(here, "ed.pem"); made.Setting != want {
		t.Errorf("the setting is %s, want %s", made.Setting, want)
	}
}

func TestDKIMKeygen_Refuses(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no domain", nil, "--domain example.org"},
		{"no domain of anybody's", []string{"--domain", "localhost"}, "--domain example.org"},
		{"a selector that is none", []string{"--domain", "example.org", "--selector", "a_b"}, `the selector "a_b"`},
		{"a type that is none", []string{"--domain", "example.org", "--type", "dsa"}, "must be one of"},
		{"no such folder", []string{"--domain", "example.org", "--out", "none/key.pem"}, "none/key.pem"},
	} {
		got := withSettings(t, nil, append([]string{"dkim", "keygen"}, tt.args...)...)
		if got.code != exitUsage || !strings.Contains(got.err, tt.want) {
			t.Errorf("%s: exit %d, %s", tt.name, got.code, got.err)
		}
	}
	// What the settings could not take is not made.
	longDomain := strings.Repeat(strings.Repeat("d", 60)+".", 3) + "org"
	for _, tt := range []struct {
		name, have string
		args       []string
		want       string
	}{
		{"a selector that is taken", "one=/etc/one.pem, Postbag=/etc/two.pem", nil, `the selector "postbag" is in POSTBAG_DKIM already`},
		{"a file that cannot be listed", "", []string{"--out", "a,b.pem"}, "comma"},
		{"a file on two lines", "", []string{"--out", "a\nb.pem"}, "comma"},
		{"a name that no DNS takes", "", []string{"--domain", longDomain, "--selector", strings.Repeat("s", 63)}, "253"},
	} {
		args := append([]string{"dkim", "keygen", "--domain", "example.org", "--type", "ed25519"}, tt.args...)
		got := withSettings(t, map[string]string{"POSTBAG_DKIM": tt.have}, args...)
		if got.code != exitUsage || !strings.Contains(got.err, tt.want) || got.out != "" {
			t.Errorf("%s: exit %d, %s%s", tt.name, got.code, got.out, got.err)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
