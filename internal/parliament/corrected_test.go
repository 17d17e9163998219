package parliament_test

import (
	"testing"

	"postbag/internal/parliament"
)

func TestRoster_Corrected(t *testing.T) {
	list := embedded(t)
	seat, _ := list.ByName("Aldershot")
	code, m := seat.Constituency.Code, seat.Member
	email := func(id int, value string) parliament.Correction {
		return parliament.Correction{Constituency: code, MemberID: id, Field: parliament.CorrectedEmail, Value: value}
	}
	vacant := func(id int) parliament.Correction {
		return parliament.Correction{Constituency: code, MemberID: id, Field: parliament.CorrectedVacant}
	}
	for name, tt := range map[string]struct {
		c            parliament.Correction
		over, absent bool
		listed       string
		email        string // afterwards; "": vacant
	}{
		"another address":        {email(m.ID, "x@example.org"), false, false, m.Email, "x@example.org"},
		"the listed address":     {email(m.ID, m.Email), true, false, m.Email, m.Email},
		"one who is not listed":  {email(99999, "x@example.org"), false, true, "", m.Email},
		"a vacancy":              {vacant(m.ID), false, false, m.Name, ""},
		"a vacancy that is over": {vacant(99999), true, false, "", m.Email},
	} {
		t.Run(name, func(t *testing.T) {
			got, held, err := list.Corrected([]parliament.Correction{tt.c})
			if err != nil || len(held) != 1 {
				t.Fatalf("%v, %v", held, err)
			}
			if h := held[0]; h.Over != tt.over || h.Absent != tt.absent || h.Listed != tt.listed || h.Correction != tt.c {
				t.Errorf("%+v", h)
			}
			if now, _ := got.Seat(code); now.Member.Email != tt.email {
				t.Errorf("letters go to %q, want %q", now.Member.Email, tt.email)
			}
			if before, _ := list.Seat(code); before.Member != m {
				t.Error("the list itself has changed")
			}
		})
	}
	if got, held, err := list.Corrected(nil); got != list || held != nil || err != nil {
		t.Error("nothing to correct, and yet a new roster")
	}
}

// What is corrected is no news when a list comes that has it as before.
func TestRoster_Corrected_comparesAsVacant(t *testing.T) {
	list := embedded(t)
	seat, _ := list.ByName("Aldershot")
	correction := parliament.Correction{Constituency: seat.Constituency.Code, MemberID: seat.Member.ID, Field: parliament.CorrectedVacant}
	current, _, err := list.Corrected([]parliament.Correction{correction})
	if err != nil {
		t.Fatal(err)
	}
	inForce, _, err := list.Corrected([]parliament.Correction{correction})
	if err != nil {
		t.Fatal(err)
	}
	if diff := parliament.Compare(current, inForce); !nothingNew(diff) || !diff.Complete() {
		t.Errorf("a list that still has the member differs:\n%s", diff)
	}
}
