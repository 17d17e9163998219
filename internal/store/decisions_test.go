package store

import (
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// noor decides.
var noor = account.Actor{Account: 7, Name: "Noor", Origin: "192.0.2.7"}

// rule carries out one decision about the letter with a token hash.
func (b *bed) rule(tb testing.TB, hash []byte, d campaign.Decision, change ...func(*campaign.Resolution)) error {
	tb.Helper()
	l := b.letter(tb, hash)
	r := campaign.Resolution{
		Chosen: campaign.Chosen{ID: l.ID, Seen: l.StateAt}, Campaign: slug, Decision: d,
		MessageID: "ruled-" + string(d) + "@example.org", RepeatHash: hashOf("repeat", 1), Note: []byte("sealed note"),
	}
	for _, c := range change {
		c(&r)
	}
	results, err := b.DecideLetters(tb.Context(), noor, []campaign.Resolution{r})
	if err != nil {
		tb.Fatal(err)
	}
	return results[0]
}

// Every decision about a letter in every state is either carried out with all
// that belongs to it, or refused with nothing changed.
func TestStore_DecideLetters(t *testing.T) {
	type want struct {
		to   campaign.State
		mail string // the outbox afterwards
	}
	wants := map[campaign.State]map[campaign.Decision]want{
		campaign.StateHeld: {
			campaign.DecideSend:    {campaign.StateQueued, "letter ready"},
			campaign.DecideDecline: {campaign.StateWithdrawn, "declined ready"},
			campaign.DecideErase:   {campaign.StateWithdrawn, ""},
		},
		campaign.StateFailed: {
			campaign.DecideRetry:   {campaign.StateQueued, "letter failed, letter ready"},
			campaign.DecideDecline: {campaign.StateWithdrawn, "letter failed, declined ready"},
			campaign.DecideErase:   {campaign.StateFailed, "letter failed"},
		},
		campaign.StateBounced: {
			campaign.DecideRetry:   {campaign.StateQueued, "letter sent, bounced ready, letter ready"},
			campaign.DecideDecline: {campaign.StateWithdrawn, "letter sent, bounced dropped, declined ready"},
			campaign.DecideErase:   {campaign.StateBounced, "letter sent, bounced dropped"},
		},
		campaign.StateUncertain: {
			campaign.DecideRetry: {campaign.StateQueued, "letter ready"},
			campaign.DecideMark:  {campaign.StateSent, "letter sent"},
			campaign.DecideErase: {campaign.StateUncertain, "letter uncertain"},
		},
		campaign.StateAwaiting:  {campaign.DecideErase: {campaign.StateWithdrawn, ""}},
		campaign.StateQueued:    {campaign.DecideErase: {campaign.StateWithdrawn, "letter dropped"}},
		campaign.StateSent:      {campaign.DecideErase: {campaign.StateSent, "letter sent"}},
		campaign.StateWithdrawn: {campaign.DecideErase: {campaign.StateWithdrawn, ""}},
		campaign.StateExpired:   {campaign.DecideErase: {campaign.StateExpired, ""}},
		campaign.StateSending:   {},
	}
	for _, from := range campaign.States() {
		for _, d := range campaign.Decisions() {
			t.Run(string(from)+"/"+string(d), func(t *testing.T) {
				b := newBed(t)
				hash := b.bring(t, 1, from)
				before := b.letter(t, hash)
				mails := b.texts(t, `SELECT kind || ' ' || status FROM outbox WHERE kind <> 'confirm' ORDER BY id`)
				err := b.rule(t, hash, d)
				after := b.letter(t, hash)
				audited := b.texts(t, `SELECT action || ' ' || object || ' ' || actor || ' ' || account_id || ' ' || before || after FROM audit`)
				w, ok := wants[from][d]
				if !ok {
					if fault.CodeOf(err) != fault.Conflict || fault.SafeOf(err) != "desk.refused.state" {
						t.Errorf("error %v", err)
					}
					w = want{from, mails}
					if len(after.Events) != len(before.Events) || audited != "" {
						t.Errorf("refused, and still %d events, and the log says %q", len(after.Events)-len(before.Events), audited)
					}
				} else if err != nil {
					t.Errorf("refused: %v", err)
				} else if !strings.HasPrefix(audited, "letter."+string(d)+" letter 1 Noor 7 {\"state\":\""+string(from)+"\"") || !strings.Contains(audited, `{"state":"`+string(w.to)+`"`) {
					t.Errorf("the log says %q", audited)
				}
				if after.State != w.to {
					t.Errorf("state %s, want %s", after.State, w.to)
				}
				if got := b.texts(t, `SELECT kind || ' ' || status FROM outbox WHERE kind <> 'confirm' ORDER BY id`); got != w.mail {
					t.Errorf("mail %q, want %q", got, w.mail)
				}
				if erased := after.Sealed == nil; erased != (ok && d == campaign.DecideErase) {
					t.Errorf("erased: %v", erased)
				}
				if noted := after.Note != nil; noted != (ok && d == campaign.DecideDecline) {
					t.Errorf("note: %v", noted)
				}
			})
		}
	}
}

func TestStore_DecideLetters_refuses(t *testing.T) {
	for name, tt := range map[string]struct {
		from   campaign.State
		decide campaign.Decision
		before func(*testing.T, *bed)
		change func(*campaign.Resolution)
		code   fault.Code
		why    string
	}{
		"moved since":             {campaign.StateFailed, campaign.DecideRetry, nil, func(r *campaign.Resolution) { r.Seen = r.Seen.Add(-time.Second) }, fault.Conflict, "desk.refused.moved"},
		"of another campaign":     {campaign.StateFailed, campaign.DecideRetry, nil, func(r *campaign.Resolution) { r.Campaign = "other" }, fault.NotFound, "desk.error.no_letter"},
		"no such letter":          {campaign.StateFailed, campaign.DecideRetry, nil, func(r *campaign.Resolution) { r.ID = 99 }, fault.NotFound, "desk.error.no_letter"},
		"the seat is vacant":      {campaign.StateHeld, campaign.DecideSend, func(t *testing.T, b *bed) { b.unseat(t, seatA) }, nil, fault.Conflict, "desk.refused.vacant"},
		"tried again, and vacant": {campaign.StateUncertain, campaign.DecideRetry, func(t *testing.T, b *bed) { b.unseat(t, seatA) }, nil, fault.Conflict, "desk.refused.vacant"},
		"another MP sits": {campaign.StateHeld, campaign.DecideSend, func(t *testing.T, b *bed) {
			b.unseat(t, seatA)
			b.unseat(t, seatB)
			b.alter(t, `UPDATE members SET constituency = $1 WHERE id = $2`, seatA, member(seatB).ID)
		}, nil, fault.Conflict, "desk.refused.mp_changed"},
		"no address": {campaign.StateHeld, campaign.DecideSend, func(t *testing.T, b *bed) { b.alter(t, `UPDATE members SET email = ''`) }, nil, fault.Conflict, "desk.refused.no_email"},
		"erased":     {campaign.StateFailed, campaign.DecideRetry, func(t *testing.T, b *bed) { b.alter(t, `DELETE FROM people`) }, nil, fault.Conflict, "desk.refused.erased"},
		"the same person wrote anew": {campaign.StateFailed, campaign.DecideRetry, func(t *testing.T, b *bed) {
			l := newLetter(2)
			l.RepeatHash = hashOf("repeat", 1)
			if err := b.SubmitLetter(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if err := b.ConfirmLetter(t.Context(), l.TokenHash, "two@example.org"); err != nil {
				t.Fatal(err)
			}
		}, nil, fault.Conflict, "desk.refused.again"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			hash := b.bring(t, 1, tt.from)
			if tt.before != nil {
				tt.before(t, b)
			}
			change := tt.change
			if change == nil {
				change = func(*campaign.Resolution) {}
			}
			err := b.rule(t, hash, tt.decide, change)
			if fault.CodeOf(err) != tt.code || fault.SafeOf(err) != tt.why {
				t.Errorf("error %v, want %s %s", err, tt.code, tt.why)
			}
			b.wantState(t, hash, tt.from)
			if log := b.texts(t, `SELECT action FROM audit`); log != "" {
				t.Errorf("the log says %q", log)
			}
		})
	}
}

// A letter that may have arrived goes out again under the same Message-ID, and
// one that came back under another.
func TestStore_DecideLetters_messageID(t *testing.T) {
	for from, same := range map[campaign.State]bool{campaign.StateUncertain: true, campaign.StateFailed: false, campaign.StateBounced: false} {
		b := newBed(t)
		hash := b.bring(t, 1, from)
		if err := b.rule(t, hash, campaign.DecideRetry); err != nil {
			t.Fatal(err)
		}
		j := b.claimed(t)
		if got := j.MessageID == "letter-1@example.org"; got != same {
			t.Errorf("%s: goes out again as %s", from, j.MessageID)
		}
		b.finish(t, j, campaign.VerdictSent)
		b.wantState(t, hash, campaign.StateSent)
	}
}

// One that cannot be decided about holds up no other, and all stand in the log.
func TestStore_DecideLetters_some(t *testing.T) {
	b := newBed(t)
	first, second := b.bring(t, 1, campaign.StateUncertain), b.bring(t, 2, campaign.StateFailed)
	one, two := b.letter(t, first), b.letter(t, second)
	results, err := b.DecideLetters(t.Context(), noor, []campaign.Resolution{
		{Chosen: campaign.Chosen{ID: two.ID}, Campaign: slug, Decision: campaign.DecideMark},
		{Chosen: campaign.Chosen{ID: one.ID}, Campaign: slug, Decision: campaign.DecideMark},
	})
	if err != nil || fault.CodeOf(results[0]) != fault.Conflict || results[1] != nil {
		t.Fatal(results, err)
	}
	b.wantState(t, first, campaign.StateSent)
	b.wantState(t, second, campaign.StateFailed)
	if got := b.count(t, seatA); got.Sent != 1 || got.Failed != 1 {
		t.Errorf("counted %+v", got)
	}
	if got := b.texts(t, `SELECT variant || ' ' || sent FROM variants`); got != "ask 1" {
		t.Errorf("of each text were sent: %s", got)
	}
}

// Whoever has written to the MP since is not sent for a second time, even when
// they have deleted that letter.
func TestStore_DecideLetters_erasedSince(t *testing.T) {
	b := newBed(t)
	hash := b.bring(t, 1, campaign.StateFailed)
	b.alter(t, `INSERT INTO past_letters (repeat_hash, until) VALUES ($1, '2027-01-01')`, hashOf("repeat", 1))
	if err := b.rule(t, hash, campaign.DecideRetry); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("trying again: %v", err)
	}
	b.wantState(t, hash, campaign.StateFailed)
}

func TestStore_OpenLetters(t *testing.T) {
	b := newBed(t)
	b.bring(t, 1, campaign.StateHeld)
	b.bring(t, 2, campaign.StateFailed)
	b.bring(t, 3, campaign.StateFailed)
	b.bring(t, 4, campaign.StateUncertain)
	b.bring(t, 5, campaign.StateSent)
	if err := b.EraseLetter(t.Context(), hashOf("token", 3)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		f     campaign.OpenFilter
		limit int
		want  []int64
	}{
		"all that wait, the oldest first": {campaign.OpenFilter{}, 10, []int64{1, 2, 4}},
		"a page":                          {campaign.OpenFilter{}, 2, []int64{1, 2}},
		"the next":                        {campaign.OpenFilter{After: 2}, 2, []int64{4}},
		"by state":                        {campaign.OpenFilter{State: campaign.StateFailed}, 10, []int64{2}},
		"by reason":                       {campaign.OpenFilter{Why: campaign.WhyVacant}, 10, []int64{1}},
		"of another constituency":         {campaign.OpenFilter{Constituency: seatB}, 10, nil},
	} {
		found, err := b.OpenLetters(t.Context(), slug, tt.f, tt.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, l := range found {
			got = append(got, l.ID)
		}
		if len(got) != len(tt.want) || len(got) > 0 && (got[0] != tt.want[0] || got[len(got)-1] != tt.want[len(tt.want)-1]) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	groups, err := b.OpenGroups(t.Context(), slug)
	if err != nil || len(groups) != 3 {
		t.Errorf("groups %+v, %v", groups, err)
	}
	if _, err := b.OpenLetters(t.Context(), "other", campaign.OpenFilter{}, 1); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("of no campaign: %v", err)
	}
}

func TestStore_FindLetters(t *testing.T) {
	b := newBed(t)
	for n := 1; n <= 3; n++ {
		l := newLetter(n)
		l.EmailHash, l.Reference = hashOf("email", n/3), map[int]string{1: "K7QM2XRD", 2: "", 3: "K7QM2XRD"}[n]
		if err := b.SubmitLetter(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		s    campaign.Sought
		want int
	}{
		"by inbox":                    {campaign.Sought{EmailHash: hashOf("email", 0)}, 2},
		"by another":                  {campaign.Sought{EmailHash: hashOf("email", 9)}, 0},
		"a reference is given once":   {campaign.Sought{Reference: "K7QM2XRD"}, 1},
		"none is not a reference":     {campaign.Sought{Reference: "00000000"}, 0},
		"an inbox that has no letter": {campaign.Sought{EmailHash: []byte{}}, 0},
	} {
		found, err := b.FindLetters(t.Context(), noor, tt.s)
		if err != nil || len(found) != tt.want {
			t.Errorf("%s: %d letters, %v", name, len(found), err)
		}
	}
	if got := b.texts(t, `SELECT DISTINCT action || ' ' || object FROM audit ORDER BY 1`); got != "people.search by email, people.search by reference" {
		t.Errorf("the log says %q", got)
	}
}

// Nobody can change or delete what the audit log says, not even beside the
// program.
func TestStore_auditIsAppendOnly(t *testing.T) {
	b := newBed(t)
	if err := b.Record(t.Context(), account.Entry{Actor: noor, Action: "letter.read", Campaign: slug, Object: "letter 1"}); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`UPDATE audit SET actor = 'nobody'`, `DELETE FROM audit`, `INSERT OR REPLACE INTO audit SELECT id, at, account_id, 'nobody', origin, action, campaign_id, object, before, after FROM audit`} {
		if _, err := b.raw.ExecContext(t.Context(), q); err == nil {
			t.Errorf("allowed: %s", q)
		}
	}
	if got := b.texts(t, `SELECT actor FROM audit`); got != "Noor" {
		t.Errorf("the log says %q", got)
	}
}

func TestStore_AuditLog(t *testing.T) {
	b := newBed(t)
	command := account.Actor{Name: "postbag queue"}
	for i, e := range []account.Entry{
		{Actor: noor, Action: "letter.read", Campaign: slug, Object: "letter 1"},
		{Actor: noor, Action: "letters.export", Object: "letters"},
		{Actor: command, Action: "letter.mark", Campaign: slug, Object: "letter 2"},
	} {
		if i == 2 {
			b.clock.Advance(24 * time.Hour)
		}
		if err := b.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		f     account.AuditFilter
		limit int
		want  string
	}{
		"the latest first":   {account.AuditFilter{}, 10, "letter.mark letters.export letter.read"},
		"a page":             {account.AuditFilter{}, 1, "letter.mark"},
		"the next":           {account.AuditFilter{Before: 3}, 1, "letters.export"},
		"of somebody":        {account.AuditFilter{Account: 7}, 10, "letters.export letter.read"},
		"of the server":      {account.AuditFilter{Account: account.Server}, 10, "letter.mark"},
		"of a family":        {account.AuditFilter{Family: "letter"}, 10, "letter.mark letter.read"},
		"of a campaign":      {account.AuditFilter{Campaign: slug}, 10, "letter.mark letter.read"},
		"of a day":           {account.AuditFilter{From: start.Add(-time.Hour), Until: start.Add(time.Hour)}, 10, "letters.export letter.read"},
		"of a day to come":   {account.AuditFilter{From: start.Add(72 * time.Hour)}, 10, ""},
		"of a day long gone": {account.AuditFilter{Until: start.Add(-72 * time.Hour)}, 10, ""},
	} {
		all, err := b.AuditLog(t.Context(), tt.f, tt.limit)
		var got []string
		for _, e := range all {
			got = append(got, e.Action)
		}
		if strings.Join(got, " ") != tt.want || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if actions, err := b.AuditActions(t.Context()); err != nil || strings.Join(actions, " ") != "letter.mark letter.read letters.export" {
		t.Errorf("actions %v, %v", actions, err)
	}
}
