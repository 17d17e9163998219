package parliament_test

import (
	"testing"

	"postbag/internal/testkit"
)

// Each row is the contacts of one member, all read in one run.
func TestClient_Members_ChoosesTheAddress(t *testing.T) {
	const (
		office = `"type":"Parliamentary office","typeId":1`
		local  = `"type":"Constituency office","typeId":4`
	)
	tests := []struct{ name, contacts, want string }{
		{"the Parliamentary office", `{` + office + `,"email":"a@parliament.uk"}`, "a@parliament.uk"},
		{"it comes before the constituency office", `{` + local + `,"isPreferred":true,"email":"b@b.uk"},{` + office + `,"email":"a@parliament.uk"}`, "a@parliament.uk"},
		{"the constituency office, failing that", `{` + office + `,"email":null},{` + local + `,"email":"b@b.uk"}`, "b@b.uk"},
		{"an empty address is none", `{` + office + `,"email":" "},{` + local + `,"email":"b@b.uk"}`, "b@b.uk"},
		{"a bad address is none", `{` + office + `,"email":"see website"},{` + local + `,"email":"b@b.uk"}`, "b@b.uk"},
		{"the preferred of two", `{` + office + `,"email":"a@a.uk"},{` + office + `,"isPreferred":true,"email":"b@b.uk"}`, "b@b.uk"},
		{"the first of two alike", `{` + office + `,"email":"a@a.uk"},{` + office + `,"email":"b@b.uk"}`, "a@a.uk"},
		{"a website is no office", `{"type":"Website","typeId":6,"isWebAddress":true,"email":"a@a.uk"}`, ""},
		{"a department is not for constituents", `{"type":"Departmental","typeId":9,"email":"a@a.gov.uk"}`, ""},
		{"no contact at all", ``, ""},
		{"no email key", `{` + office + `}`, ""},
		{"blanks and a line break at the ends", `{` + office + `,"email":" a@a.uk\n"}`, "a@a.uk"},
	}
	current := embedded(t)
	api := testkit.NewMembersAPI(t, current)
	seats := current.Seats()
	for i, tt := range tests {
		api.Fault(testkit.ContactPath(seats[i].Member.ID), -1, answer(`{"value":[`+tt.contacts+`]}`))
	}
	client, _ := newClient(t, api)
	listed, err := client.Members(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, tt := range tests {
		if got := listed[i].Member.Email; listed[i].Member.ID != seats[i].Member.ID || got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
