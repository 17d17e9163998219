package parliament_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/parliament"
)

func nothingNew(d parliament.Diff) bool {
	return len(d.Joined)+len(d.Left)+len(d.Changed)+len(d.Unaccounted) == 0
}

func TestCompare_NothingNew(t *testing.T) {
	diff := parliament.Compare(embedded(t), embedded(t))
	if !nothingNew(diff) || !diff.Complete() {
		t.Errorf("diff:\n%s", diff)
	}
	want := `650 of 650 seats have a member: 0 joined, 0 left, 0 changed, 4 without email, 0 vacant

Without email (4)
  Bolton South and Walkden: Yasmin Qureshi (Labour)
  Preston: Sir Mark Hendrick (Labour (Co-op))
  New Forest East: Sir Julian Lewis (Conservative)
  West Tyrone: Órfhlaith Begley (Sinn Féin)
`
	if d := cmp.Diff(want, diff.String()); d != "" {
		t.Errorf("text (-want +got):\n%s", d)
	}
}

func TestCompare_EveryKindOfChange(t *testing.T) {
	next := with(t, func(code string, s *parliament.Seat) {
		switch s.Constituency.Name {
		case "Aldershot":
			s.Member.Email = "new@parliament.uk"
			s.Member.Party = "Independent"
		case "Chorley":
			s.Member = parliament.Member{}
		case "Ynys Môn":
			s.Member = parliament.Member{ID: 9001, Name: "Ann Other", FullTitle: "Ann Other MP", Party: "Plaid Cymru"}
		case "Wrexham":
			s.Member, s.Unlisted = parliament.Member{}, true
		case "Preston":
			s.Member.Email = "mark.hendrick.mp@parliament.uk"
		}
	})
	diff := parliament.Compare(embedded(t), next)
	diff.Unmatched = []parliament.Entry{{Constituency: "Atlantis", MemberID: 9002, Name: "Po Seidon", Party: "Independent"}}
	diff.Notes = []string{"a note"}
	want := `648 of 650 seats have a member: 1 joined, 3 left, 2 changed, 4 without email, 1 vacant
Not every seat is accounted for: 1 without a listed member, 1 unmatched, 0 contested

Joined (1)
  Ynys Môn: Ann Other (Plaid Cymru)

Left (3)
  Chorley: Sir Lindsay Hoyle (Speaker)
  Wrexham: Andrew Ranger (Labour)
  Ynys Môn: Llinos Medi (Plaid Cymru)

Changed (2)
  Preston: Sir Mark Hendrick (Labour (Co-op)): email "" → "mark.hendrick.mp@parliament.uk"
  Aldershot: Alex Baker (Independent): party "Labour" → "Independent", email "alex.baker.mp@parliament.uk" → "new@parliament.uk"

Without email (4)
  Bolton South and Walkden: Yasmin Qureshi (Labour)
  New Forest East: Sir Julian Lewis (Conservative)
  Ynys Môn: Ann Other (Plaid Cymru)
  West Tyrone: Órfhlaith Begley (Sinn Féin)

Vacant (1)
  Chorley

No member listed, and not known to be vacant (1)
  Wrexham

Unmatched: no constituency of this name (1)
  Atlantis: Po Seidon (Independent)

Notes (1)
  a note
`
	var got bytes.Buffer
	n, err := diff.WriteTo(&got)
	if err != nil || n != int64(got.Len()) {
		t.Errorf("WriteTo: %d of %d bytes, %v", n, got.Len(), err)
	}
	if d := cmp.Diff(want, got.String()); d != "" {
		t.Errorf("text (-want +got):\n%s", d)
	}
	if diff.Complete() || nothingNew(diff) {
		t.Error("it is neither complete nor empty")
	}
}

// A member may move to another seat, and two may swap: neither joined nor left.
func TestCompare_MemberMovesSeat(t *testing.T) {
	a, b := mustSeat(t, embedded(t), "Aldershot"), mustSeat(t, embedded(t), "Chorley")
	next := with(t, func(code string, s *parliament.Seat) {
		switch code {
		case aldershot:
			s.Member = b.Member
		case chorley:
			s.Member = a.Member
		}
	})
	diff := parliament.Compare(embedded(t), next)
	if len(diff.Joined)+len(diff.Left) != 0 || len(diff.Changed) != 2 {
		t.Fatalf("diff:\n%s", diff)
	}
	want := []parliament.Field{{Field: "constituency", Old: aldershot, New: chorley}}
	if d := cmp.Diff(want, diff.Changed[0].Fields); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
}

// The first sync fills in hundreds of salutations; they are counted, while what
// matters is still listed, and JSON has all of it.
func TestDiff_String_CountsSalutations(t *testing.T) {
	next := with(t, func(code string, s *parliament.Seat) {
		s.Member.Salutation = "Friend"
		if code == aldershot {
			s.Member.Email = ""
		}
	})
	diff := parliament.Compare(embedded(t), next)
	text := diff.String()
	want := `Changed (650)
  Aldershot: Alex Baker (Labour): salutation "" → "Friend", email "alex.baker.mp@parliament.uk" → ""
  and 649 with nothing but another salutation
`
	if !strings.Contains(text, want) {
		t.Errorf("text:\n%s", text)
	}
	if len(diff.Changed) != 650 {
		t.Errorf("%d changes", len(diff.Changed))
	}
}

func TestDiff_JSON(t *testing.T) {
	next := with(t, func(code string, s *parliament.Seat) {
		if code == ynysMon {
			s.Member.Party = "Independent"
		}
	})
	diff := parliament.Compare(embedded(t), next)
	diff.WithoutEmail = diff.WithoutEmail[3:]
	raw, err := json.MarshalIndent(diff, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "seats": 650,
  "members": 650,
  "joined": [],
  "left": [],
  "changed": [
    {
      "code": "W07000112",
      "constituency": "Ynys Môn",
      "member_id": 5085,
      "name": "Llinos Medi",
      "party": "Independent",
      "fields": [
        {
          "field": "party",
          "old": "Plaid Cymru",
          "new": "Independent"
        }
      ]
    }
  ],
  "without_email": [
    {
      "code": "N05000018",
      "constituency": "West Tyrone",
      "member_id": 4697,
      "name": "Órfhlaith Begley",
      "party": "Sinn Féin"
    }
  ],
  "vacant": [],
  "unaccounted": [],
  "unmatched": [],
  "contested": [],
  "notes": []
}`
	if d := cmp.Diff(want, string(raw)); d != "" {
		t.Errorf("JSON (-want +got):\n%s", d)
	}
}
