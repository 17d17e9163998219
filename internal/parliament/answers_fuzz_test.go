package parliament_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"postbag/internal/parliament"
)

// answers is a Members API that says the same whatever it is asked.
type answers struct {
	list, contact []byte
	asked         int
}

// RoundTrip implements http.RoundTripper.
func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked++
	body := a.list
	if strings.HasSuffix(r.URL.Path, "/Contact") {
		body = a.contact
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}, nil
}

// FuzzMembersAPI: whatever the API answers, members are taken that can be written
// to, all of those that it promised, or none.
func FuzzMembersAPI(f *testing.F) {
	const one = `{"items":[{"value":{"id":467,"nameDisplayAs":"Sir Lindsay Hoyle","nameFullTitle":"Rt Hon Sir Lindsay Hoyle MP","nameAddressAs":"Mr Speaker","latestParty":{"name":"Speaker"},"latestHouseMembership":{"membershipFrom":"Chorley","house":1,"membershipStatus":{"statusIsActive":true}}}}],"totalResults":1,"skip":0,"take":20}`
	f.Add(one, `{"value":[{"type":"Parliamentary office","typeId":1,"isPreferred":false,"isWebAddress":false,"email":"a@parliament.uk"}]}`)
	f.Add(strings.ReplaceAll(one, "Sir", "Sir\\r\\n"), `{"value":[{"type":"Constituency Office","typeId":4,"email":" a@b.uk; c@d.uk"},{"typeId":1,"email":"x"}]}`)
	f.Add(`{"items":[],"totalResults":0,"skip":0}`, `{"value":null}`)
	f.Add(`{"items":[null,{"value":null}],"totalResults":-9,"skip":0}`, `{"value":[null]}`)
	f.Add(`{"items":[`, ``)
	f.Fuzz(func(t *testing.T, list, contact string) {
		client, err := parliament.NewClient("")
		if err != nil {
			t.Fatal(err)
		}
		api := &answers{list: []byte(list), contact: []byte(contact)}
		client.HTTP, client.Attempts, client.Timeout = &http.Client{Transport: api}, 1, time.Minute
		members, err := client.Members(t.Context())
		if api.asked > 1+2*parliament.SeatCount {
			t.Errorf("%d questions", api.asked)
		}
		if err != nil {
			if members != nil || err.Error() == "" {
				t.Errorf("%d members and %v", len(members), err)
			}
			return
		}
		if len(members) == 0 {
			t.Error("nobody, and nothing wrong")
		}
		for _, m := range members {
			if m.Member.ID <= 0 || m.Member.Name == "" || m.Member.FullTitle == "" || strings.ContainsAny(m.Member.Name+m.Member.FullTitle+m.Member.Salutation+m.Member.Party+m.Member.Email, "\r\n\x00\t") {
				t.Errorf("taken: %+v", m.Member)
			}
			if m.Member.Email != "" && parliament.CheckEmail(m.Member.Email) != nil {
				t.Errorf("nobody can write to %q", m.Member.Email)
			}
		}
	})
}

// FuzzTables: tables that are taken are written as they were, seat for seat.
func FuzzTables(f *testing.F) {
	read := func(name string) string {
		raw, err := os.ReadFile("../../db/" + name)
		if err != nil {
			f.Fatal(err)
		}
		return string(raw)
	}
	constituencies, members := read(parliament.ConstituenciesFile), read(parliament.MembersFile)
	for _, change := range [][3]string{{"", "", ""}, {"Aldershot", "Alder\tshot", ""}, {"Aldershot", "Alder\rshot", ""}, {"\t51.", "\tNaN", ""}, {"# rows: 650", "# rows: 649", ""}, {"England", "Atlantis", ""}} {
		f.Add(change[0], change[1])
	}
	f.Add("parliament.uk", "parliament.uk\nBcc: a@b")
	f.Fuzz(func(t *testing.T, old, with string) {
		files := fstest.MapFS{
			parliament.ConstituenciesFile: {Data: []byte(strings.Replace(constituencies, old, with, 2))},
			parliament.MembersFile:        {Data: []byte(strings.Replace(members, old, with, 2))},
		}
		roster, err := parliament.Load(files)
		if err != nil {
			return
		}
		var c, m bytes.Buffer
		if err := roster.WriteConstituencies(&c); err != nil {
			t.Fatal(err)
		}
		if err := roster.WriteMembers(&m); err != nil {
			t.Fatal(err)
		}
		again, err := parliament.Load(fstest.MapFS{parliament.ConstituenciesFile: {Data: c.Bytes()}, parliament.MembersFile: {Data: m.Bytes()}})
		if err != nil {
			t.Fatalf("%q for %q: written, it is refused: %v", with, old, err)
		}
		for i, s := range roster.Seats() {
			if got := again.Seats()[i]; got != s {
				t.Errorf("%+v\nis then %+v", s, got)
			}
			if strings.ContainsAny(s.Member.Name+s.Member.Email+s.Member.Salutation+s.Member.FullTitle, "\r\n\x00\t") {
				t.Errorf("taken: %+v", s.Member)
			}
		}
	})
}
