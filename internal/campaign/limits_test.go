package campaign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

// However often somebody's address is typed, and in whatever form, there is a
// limit to what they get, and nobody who types it is told.
func TestService_Submit_oneInbox(t *testing.T) {
	for _, c := range []struct {
		name, first, second string
		same                bool
	}{
		{"one address", "amina@example.org", "amina@example.org", true},
		{"in other letters", "amina@example.org", "Amina@Example.ORG", true},
		{"with something after a plus sign", "amina@example.org", "amina+mps@example.org", true},
		{"after different plus signs", "amina+a@example.org", "amina+b+c@example.org", true},
		{"with dots at Gmail", "amina.oconnor@gmail.com", "a.mina.oconnor+mps@googlemail.com", true},
		{"with dots elsewhere", "amina.oconnor@example.org", "aminaoconnor@example.org", false},
		{"with nothing before the plus sign", "+amina@example.org", "+sam@example.org", false},
		{"at another host", "amina@example.org", "amina@example.com", false},
		{"of another person", "amina@example.org", "sam@example.org", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			for n := range MaxMails {
				f := typed(func(f *Form) {
					f.Email, f.Body = c.first, strings.Repeat("again ", n+1)
					f.Constituency = roster().Seats()[n%4].Constituency.Code
				})
				if _, err := d.Submit(t.Context(), slug, f); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(d.mails(t)); n != MaxMails {
				t.Fatalf("%d mails, want %d", n, MaxMails)
			}
			f := typed(func(f *Form) { f.Email = c.second })
			fresh, err := newDesk(t).Submit(t.Context(), slug, f)
			if err != nil {
				t.Fatal(err)
			}
			w, err := d.Submit(t.Context(), slug, f)
			if err != nil || w.Letter != fresh.Letter || w.Form != fresh.Form || w.Replace == "" {
				t.Errorf("the answer differs from that to a stranger: %v", err)
			}
			if n := len(d.mails(t)); (n == 0) != c.same {
				t.Errorf("%d mails more", n)
			}
		})
	}
}

// Writing, confirming and erasing in turn counts once.
func TestService_aLettersManyLives(t *testing.T) {
	d := newDesk(t)
	var tokens []string
	for n := range 3 {
		token := d.mailed(t, typed())
		if err := d.Confirm(t.Context(), token); (fault.CodeOf(err) == fault.Conflict) != (n > 0) {
			t.Errorf("confirmed for the %d. time: %v", n+1, err)
		}
		d.mails(t)
		check(t, d.Erase(t.Context(), token))
		tokens = append(tokens, token)
		d.tick(t, 24*time.Hour)
	}
	counts, err := d.store.Counts(t.Context(), slug)
	if diff := cmp.Diff([]Count{{Constituency: durham, Written: 3, Confirmed: 1, Sent: 1, Withdrawn: 2}}, counts); err != nil || diff != "" {
		t.Error(err, diff)
	}
	remembered := func() (until []time.Time) {
		for _, token := range tokens {
			p, err := d.Open(t.Context(), token)
			check(t, err)
			until = append(until, p.Remembered)
		}
		return until
	}
	if diff := cmp.Diff([]time.Time{start.Add(RememberFor), {}, {}}, remembered()); diff != "" {
		t.Error("remembered until", diff)
	}
	for range 31 { // and once more after three months
		d.tick(t, 3*24*time.Hour)
	}
	if diff := cmp.Diff(make([]time.Time, 3), remembered()); diff != "" {
		t.Error("still remembered", diff)
	}
	confirm(t, d, d.mailed(t, typed()))
}
