package web_test

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
)

const atAge = "/organise/c/" + slug + "/age"

func newAgeKey(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// unsealed opens an age file.
func unsealed(t *testing.T, file string, id age.Identity) string {
	t.Helper()
	r, err := age.Decrypt(strings.NewReader(file), id)
	if err != nil {
		t.Fatalf("the file does not open: %v", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("the file does not open to its end: %v", err)
	}
	return string(plain)
}

// contactOf opens the contact in a line of opt-ins.
func contactOf(t *testing.T, line map[string]string, id age.Identity) *campaign.Contact {
	t.Helper()
	file, err := base64.StdEncoding.DecodeString(line["age"])
	if err != nil {
		t.Fatal(err)
	}
	c, err := campaign.OpenContactWith(campaign.Identities{id}, file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// confirmed sends a letter and confirms it, whoever has written before.
func (s *site) confirmed(form url.Values) {
	s.t.Helper()
	if a := s.post("/c/"+slug+"/send", form); a.StatusCode != http.StatusOK {
		s.t.Fatalf("send: %s\n%s", a.Status, a.body)
	}
	private := ""
	s.eventually("the mail to "+form.Get("email"), func() bool {
		for _, link := range regexp.MustCompile(`/dev/mail/\d+`).FindAllString(s.get("/dev/mail").body, -1) {
			mail := decodeQuoted(s.t, s.get(link+"/raw").body)
			if found := privateLink.FindStringSubmatch(mail); found != nil && strings.Contains(mail, "To: <"+form.Get("email")) {
				private = found[1]
			}
		}
		return private != ""
	})
	if a := s.post(private+"/confirm", url.Values{}); a.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("confirm: %s", a.Status)
	}
}

func (s *site) setAgeKey(key string) {
	s.t.Helper()
	if a := s.post(atAge, url.Values{"age_key": {key}}); a.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("set the key: %s\n%s", a.Status, a.body)
	}
}

func TestAge_SealsExportsOfPeople(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.write(letter())
	s.signIn(account.Organiser)
	const people, counts = "/organise/c/" + slug + "/letters/people", "/organise/c/" + slug + "/letters.csv"
	if a := s.post(people, url.Values{}); !strings.Contains(a.body, "amina@example.org") || strings.Contains(a.Header.Get("Content-Disposition"), ".age") {
		t.Fatalf("without a key: %s %v", a.Status, a.Header)
	}
	id := newAgeKey(t)
	s.setAgeKey("# public key: " + id.Recipient().String() + "\n")
	for format, name := range map[string]string{"": slug + "-people.csv.age", "1": slug + "-people.json.age"} {
		a := s.post(people, url.Values{"json": {format}, "bom": {"1"}})
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/octet-stream" || a.Header.Get("Content-Disposition") != `attachment; filename="`+name+`"` {
			t.Errorf("%s: %s %v", name, a.Status, a.Header)
		}
		if strings.Contains(a.body, "amina") || !strings.HasPrefix(a.body, "age-encryption.org/v1\n") {
			t.Errorf("%s can be read by anybody", name)
		}
		if plain := unsealed(t, a.body, id); !strings.Contains(plain, "amina@example.org") {
			t.Errorf("%s holds %q", name, plain)
		}
	}
	if a := s.post(counts, url.Values{}); !strings.HasPrefix(a.body, "campaign,") {
		t.Errorf("counts are sealed: %s", a.body)
	}
	if a := s.get("/organise/c/" + slug + "/letters"); !strings.Contains(a.body, "is sealed to the key with the fingerprint") {
		t.Error("the page of exports does not say so")
	}
	if a := s.post(atAge+"/remove", url.Values{}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if a := s.post(people, url.Values{}); !strings.Contains(a.body, "amina@example.org") {
		t.Error("the key is removed, and exports are still sealed")
	}
	if a := s.post(atAge+"/remove", url.Values{}); a.StatusCode != http.StatusNotFound {
		t.Errorf("removed twice: %s", a.Status)
	}
}

// The server keeps contacts that it cannot read, and ends, finds and deletes them.
func TestAge_SealsContacts(t *testing.T) {
	s := asking(t)
	own, partners := s.key(""), s.key("friends")
	ticked := func(email string) url.Values {
		return letter("partner", "friends", "opt_in_partner", partnerTick, "opt_in_owner", ownerTick, "email", email)
	}
	s.confirmed(ticked("amina@example.org")) // before there is a key
	s.signIn(account.Owner)
	id := newAgeKey(t)
	s.setAgeKey(id.Recipient().String())
	s.confirmed(ticked("samir@example.org")) // after it

	got := contacts(t, s.pull(own, ""))
	if len(got) != 2 {
		t.Fatalf("%d contacts", len(got))
	}
	tokens := map[string]string{}
	for _, line := range got {
		c := contactOf(t, line, id)
		if tokens[c.Email] = c.Token; line["name"]+line["email"]+line["given_at"] != "" || line["status"] != "active" || !strings.HasSuffix(line["unsubscribe_url"], "/u/") || c.Name == "" {
			t.Errorf("%v of %+v", line, c)
		}
	}
	if tokens["amina@example.org"] == "" || tokens["samir@example.org"] == "" {
		t.Errorf("contacts of %v", tokens)
	}
	sealed, err := s.Store().CountSealed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := map[bool]int{}
	for _, n := range sealed {
		if n.In == campaign.SealedOptIns {
			kept[n.Age] += n.Records
		}
	}
	if kept[true] != 2 || kept[false] != 2 {
		t.Errorf("sealed to the key %d, with the server's %d; want 2, and the partner's 2", kept[true], kept[false])
	}
	for _, line := range contacts(t, s.pull(partners, "")) {
		if line["email"] == "" || line["age"] != "" {
			t.Errorf("a partner cannot read its own: %v", line)
		}
	}
	if a := s.post("/organise/c/"+slug+"/opt-ins.csv", url.Values{}); strings.Contains(a.body, "@example.org") || len(contacts(t, a)) != 2 {
		t.Error("a download in the workspace can be read")
	}
	if a := s.get("/organise/c/" + slug); !strings.Contains(a.body, "Names and addresses are sealed to the key") {
		t.Error("the dashboard does not say so")
	}
	const notice = "encrypted with a key that is not on this server"
	if a := s.get("/c/" + slug + "/privacy"); !strings.Contains(a.body, notice) {
		t.Error("the privacy notice does not say so")
	}
	if a := asking(t).get("/c/" + slug + "/privacy"); strings.Contains(a.body, notice) {
		t.Error("the privacy notice says so where there is no key")
	}

	sought := url.Values{"sought": {"amina@example.org"}}
	if a := s.post("/organise/people", sought); !strings.Contains(a.body, "They said that 2 organisations may write to them") {
		t.Error("not found by address")
	}
	if a := s.post("/organise/people/copy", sought); !strings.Contains(a.body, `"age": "`) || strings.Contains(a.body, "unreadable") {
		t.Errorf("the copy: %s", a.body)
	}
	if a := s.post("/u/"+tokens["samir@example.org"], url.Values{}); a.StatusCode != http.StatusOK && a.StatusCode != http.StatusSeeOther {
		t.Errorf("one click: %s", a.Status)
	}
	sought.Set("sure", "1")
	if a := s.post("/organise/people/erase", sought); a.StatusCode != http.StatusOK {
		t.Errorf("deleted by address: %s", a.Status)
	}
	for _, line := range contacts(t, s.pull(own, "")) {
		if line["status"] != "ended" || line["age"] != "" {
			t.Errorf("after they ended: %v", line)
		}
	}
}

// With another key, what was sealed to the one before is handed on as it is.
func TestAge_AnotherKey(t *testing.T) {
	s := asking(t)
	own := s.key("")
	s.signIn(account.Owner)
	first, second := newAgeKey(t), newAgeKey(t)
	s.setAgeKey(first.Recipient().String())
	s.confirmed(letter("opt_in_owner", ownerTick))
	s.setAgeKey(second.Recipient().String())
	s.confirmed(letter("opt_in_owner", ownerTick, "email", "samir@example.org"))
	opened := map[string]bool{}
	for _, line := range contacts(t, s.pull(own, "")) {
		file, err := base64.StdEncoding.DecodeString(line["age"])
		if err != nil {
			t.Fatal(err)
		}
		for name, id := range map[string]age.Identity{"first": first, "second": second} {
			if c, err := campaign.OpenContactWith(campaign.Identities{id}, file); err == nil {
				opened[name+" "+c.Email] = true
			}
		}
	}
	if len(opened) != 2 || !opened["first amina@example.org"] || !opened["second samir@example.org"] {
		t.Errorf("%v", opened)
	}
	audit := s.get("/organise/audit").body
	if strings.Count(audit, "Set the key for exports") < 2 || !strings.Contains(audit, second.Recipient().String()) {
		t.Error("the audit log does not tell of both")
	}
}

func TestAge_WhatWillNotDo(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.signIn(account.Owner)
	id := newAgeKey(t)
	for name, c := range map[string]struct{ typed, says string }{
		"nothing":         {" ", "That is not a key that will do."},
		"words":           {"my key", "That is not a key that will do."},
		"a slip":          {id.Recipient().String()[:61] + "x", "That is not a key that will do."},
		"an SSH key":      {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN", "That is not a key that will do."},
		"the secret half": {id.String(), "That is the secret half"},
		"the whole file":  {"# public key: " + id.Recipient().String() + "\n" + id.String(), "That is the secret half"},
	} {
		a := s.post(atAge, url.Values{"age_key": {c.typed}})
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: %s", name, a.Status)
		}
		if strings.Contains(a.body, "SECRET-KEY") {
			t.Errorf("%s: the page shows a secret key", name)
		}
	}
	if k, err := s.Service().AgeKey(t.Context(), slug); err != nil || k.Key != "" {
		t.Errorf("%+v, %v", k, err)
	}
	for role, want := range map[account.Role]int{account.Organiser: http.StatusOK, account.Viewer: http.StatusForbidden, account.Partner: http.StatusForbidden} {
		other := s.another()
		other.signIn(role)
		if a := other.get(atAge); a.StatusCode != want {
			t.Errorf("%s: %s", role, a.Status)
		}
		if a := other.post(atAge, url.Values{"age_key": {"x"}}); want == http.StatusForbidden && a.StatusCode != want {
			t.Errorf("%s sets it: %s", role, a.Status)
		}
	}
}

// A server that stopped when the key was hardly set goes on at its next tick.
func TestAge_GoesOnWhereItStopped(t *testing.T) {
	s := asking(t)
	own, id := s.key(""), newAgeKey(t)
	s.confirmed(letter("opt_in_owner", ownerTick))
	_, err := s.database().Exec(`INSERT INTO age_keys (campaign_id, recipient, added_by, added_at, swept) VALUES (1, $1, 'Noor', '2026-11-23T12:00:00.000Z', 0)`, id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	if got := contacts(t, s.pull(own, "")); len(got) != 1 || got[0]["email"] != "" || contactOf(t, got[0], id).Email != "amina@example.org" {
		t.Errorf("before the tick: %v", got)
	}
	if err := s.Service().Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	k, err := s.Service().AgeKey(t.Context(), slug)
	if err != nil || !k.Swept {
		t.Errorf("%+v, %v", k, err)
	}
	var left int
	if err := s.database().QueryRow(`SELECT count(*) FROM opt_in_people WHERE substr(sealed, 5, 4) <> x'6167652d'`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d contacts can still be read here, %v", left, err)
	}
	if got := contacts(t, s.pull(own, "")); len(got) != 1 || contactOf(t, got[0], id).Email != "amina@example.org" {
		t.Errorf("after it: %v", got)
	}
}

// A thief who has the secret as well as the files reads what partners were given, as
// long as that is kept here, and nothing of what is sealed to a key of somebody's own.
func TestAge_thiefWithTheSecret(t *testing.T) {
	s := asking(t)
	s.signIn(account.Owner)
	s.setAgeKey(newAgeKey(t).Recipient().String())
	s.confirmed(letter("partner", "friends", "opt_in_partner", partnerTick, "opt_in_owner", ownerTick))
	keys, err := app.OpenKeys(t.Context(), config.Config{DataDir: s.dir}, s.Store())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.steal().db.Query(`SELECT o.partner, o.token_hash, p.sealed FROM opt_in_people p JOIN opt_ins o ON o.id = p.opt_in_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	opened := map[string]bool{}
	for rows.Next() {
		var partner string
		var hash, kept []byte
		if err := rows.Scan(&partner, &hash, &kept); err != nil {
			t.Fatal(err)
		}
		_, err := campaign.OpenContact(keys, kept[4:4+binary.BigEndian.Uint32(kept)], hash)
		opened[partner] = err == nil
	}
	if err := rows.Err(); err != nil || len(opened) != 2 || opened[""] || !opened["friends"] {
		t.Errorf("opened by whom they were given to: %v, %v", opened, err)
	}
}
