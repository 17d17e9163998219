package parliament_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"slices"
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
	constituencies, members := strings.Split(read(parliament.ConstituenciesFile), "\n"), strings.Split(read(parliament.MembersFile), "\n")
	for _, line := range []int{0, 3, 9, 100, len(members) - 2} {
		f.Add(line, constituencies[line], members[line])
	}
	f.Add(4, "# rows: 649", "# rows: -1")
	f.Add(100, strings.ReplaceAll(constituencies[100], "5", "NaN"), strings.ReplaceAll(members[100], "parliament.uk", "parliament.uk\rBcc: a@b"))
	f.Add(100, strings.ReplaceAll(constituencies[100], "England", "Atlantis"), members[101])
	f.Fuzz(func(t *testing.T, line int, constituency, member string) {
		if line < 0 || line >= min(len(constituencies), len(members)) {
			return
		}
		with := func(lines []string, text string) *fstest.MapFile {
			lines = slices.Clone(lines)
			lines[line] = text
			return &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
		}
		files := fstest.MapFS{parliament.ConstituenciesFile: with(constituencies, constituency), parliament.MembersFile: with(members, member)}
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
			t.Fatalf("line %d, %q and %q: written, it is refused: %v", line, constituency, member, err)
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
