package campaign_test

import (
	"testing"
	"time"

	"postbag/internal/account"
	. "postbag/internal/campaign"
	"postbag/internal/parliament"
)

// wants adds an account that wants the digest.
func (d *desk) wants(tb testing.TB, role account.Role) {
	tb.Helper()
	a := account.Account{Email: string(role) + "@example.org", Name: "Noor", Role: role}
	if role == account.Partner {
		a.Partner = "friends"
	}
	a, err := d.store.AddAccount(tb.Context(), ann, a, account.Link{Kind: account.LinkSetUp, TokenHash: []byte(role), ExpiresAt: start}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	d.alter(tb, `UPDATE accounts SET digest = 1, password = 'a hash' WHERE id = $1`, a.ID)
}

// Monday at eight in London, whatever the clocks do, and for a day after that.
func TestService_QueueDigests(t *testing.T) {
	at := func(text string) time.Time { return must(time.ParseInLocation("2006-01-02 15:04", text, London)) }
	for _, c := range []struct {
		name, now string
		want      int
	}{
		{"on Sunday night", "2026-11-22 23:59", 0},
		{"on Monday before eight", "2026-11-23 07:59", 0},
		{"on Monday at eight", "2026-11-23 08:00", 1},
		{"on Monday evening", "2026-11-23 20:00", 1},
		{"on Tuesday before eight", "2026-11-24 07:59", 1},
		{"on Tuesday at eight: too late", "2026-11-24 08:00", 0},
		{"in summer, at seven by the world's clock", "2027-06-07 08:00", 1},
		{"in summer, a minute before", "2027-06-07 07:59", 0},
		{"the morning after the clocks went forward", "2027-03-29 08:00", 1},
		{"the morning after the clocks went back", "2026-10-26 07:59", 0},
		{"the morning after the clocks went back, at eight", "2026-10-26 08:00", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.wants(t, account.Organiser)
			d.wants(t, account.Partner) // may see no such figures
			d.clock.Advance(at(c.now).Sub(start))
			for i, want := range []int{c.want, 0} {
				if n, err := d.QueueDigests(t.Context()); n != want || err != nil {
					t.Errorf("time %d: %d queued, %v; want %d", i+1, n, err, want)
				}
			}
		})
	}
}

func TestService_NextDigest(t *testing.T) {
	d := newDesk(t)
	d.add(t, given())
	token := d.mailed(t, typed())
	if err := d.Confirm(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	d.mails(t)
	digest, err := d.NextDigest(t.Context())
	if err != nil || digest.From != "2026-11-23" || digest.To != "2026-11-29" || len(digest.Campaigns) != 1 {
		t.Fatalf("%+v, %v", digest, err)
	}
	c := digest.Campaigns[0]
	if c.Week != (DigestCounts{Confirmed: 1, Sent: 1}) || c.All != c.Week || c.Standing != 1 || len(c.Gained) != 1 || len(c.Reached) != 1 || c.Reached[0] != "City of Durham" {
		t.Errorf("%+v", c)
	}
	if len(c.Unpledged) != 0 {
		t.Errorf("the MP has pledged: %+v", c.Unpledged)
	}
	if c.Gone != 0 {
		t.Errorf("%d pledges of MPs who sit no more", c.Gone)
	}
	vacant := MPCorrection{Source: "the news"}
	vacant.Constituency, vacant.Field = durham, parliament.CorrectedVacant
	if err := d.CorrectMP(t.Context(), olga, vacant); err != nil {
		t.Fatal(err)
	}
	d.clock.Advance(time.Minute)
	if digest, err = d.NextDigest(t.Context()); err != nil || digest.Campaigns[0].Standing != 0 || digest.Campaigns[0].Gone != 1 {
		t.Errorf("the seat is marked vacant: %+v, %v", digest.Campaigns, err)
	}
	d.clock.Advance(7 * 24 * time.Hour)
	if digest, err = d.NextDigest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := digest.Campaigns[0]; c.Week != (DigestCounts{}) || c.All.Sent != 1 || len(c.Gained)+len(c.Reached) != 0 {
		t.Errorf("the week after: %+v", c)
	}
}
