package campaign

import (
	"strings"
	"testing"

	"postbag/internal/seal"
)

func TestReturned_about(t *testing.T) {
	told := func(kind ReturnKind, recipients ...string) Returned {
		return Returned{Kind: kind, Enhanced: "5.1.1", Recipients: recipients}
	}
	for name, tt := range map[string]struct {
		each []Returned
		want ReturnKind
	}{
		"the MP's own address":              {[]Returned{told(ReturnFailed, "Jane@Parliament.example")}, ReturnFailed},
		"the address behind an alias":       {[]Returned{told(ReturnFailed, "jane.doe.mp@parliament.example")}, ReturnFailed},
		"a server of the domain":            {[]Returned{told(ReturnFull, "jane@mail.parliament.example")}, ReturnFull},
		"the address that it had at first":  {[]Returned{told(ReturnFailed, "jane@parliament.example", "staff@elsewhere.example")}, ReturnFailed},
		"whoever it was passed on to":       {[]Returned{told(ReturnFailed, "staff@elsewhere.example")}, ReturnDelivered},
		"a full mailbox behind it":          {[]Returned{told(ReturnFull, "staff@elsewhere.example")}, ReturnDelivered},
		"a domain that only ends alike":     {[]Returned{told(ReturnFailed, "jane@notparliament.example")}, ReturnDelivered},
		"a copy that failed beside it":      {[]Returned{told(ReturnFailed, "staff@elsewhere.example"), told(ReturnDelayed, "jane@parliament.example")}, ReturnDelayed},
		"the worst of what is at the house": {[]Returned{told(ReturnDelivered, "a@parliament.example"), told(ReturnFailed, "b@parliament.example")}, ReturnFailed},
		"nobody":                            {nil, ReturnFailed},
	} {
		t.Run(name, func(t *testing.T) {
			r := Returned{Kind: ReturnFailed, Enhanced: "5.1.1", Each: tt.each}.about("jane@parliament.example")
			if r.Kind != tt.want {
				t.Errorf("%s, want %s", r.Kind, tt.want)
			}
			if r.Kind == ReturnDelivered && r.Enhanced != "" {
				t.Errorf("it keeps %q of somebody else", r.Enhanced)
			}
		})
	}
}

// Whoever reads an answer that is passed on must not get to know the address to
// which reports come.
func TestReturnPath_strip(t *testing.T) {
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewReturnPath(keys, "bounces@letters.example.org")
	if err != nil {
		t.Fatal(err)
	}
	raw := "To: " + p.For(7) + "\r\nX-Original-To: " + strings.ToUpper(p.For(7)) + "\r\n\r\nDiolch, Siân. " + p.Token(7) + " " + p.Token(8)
	got := string(p.strip([]byte(raw), 7))
	if strings.Contains(strings.ToLower(got), p.Token(7)) {
		t.Errorf("the token is left in %q", got)
	}
	if !strings.Contains(got, "To: bounces+token@letters.example.org\r\n") || !strings.Contains(got, "Diolch, Siân. token "+p.Token(8)) {
		t.Errorf("something else is changed: %q", got)
	}
}
