package campaign_test

import (
	"fmt"
	"testing"
	"time"

	. "postbag/internal/campaign"
	"postbag/internal/parliament"
)

// vacated marks the seat of Durham vacant.
func (d *desk) vacated(tb testing.TB) {
	tb.Helper()
	c := MPCorrection{Source: "the news"}
	c.Constituency, c.Field = durham, parliament.CorrectedVacant
	if err := d.CorrectMP(tb.Context(), ann, c); err != nil {
		tb.Fatal(err)
	}
}

// What was held goes when somebody says so, once its own MP sits again: never by
// itself, never to another, and never what was not counted.
func TestService_SweepOfWhatIsFreed(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	tokens := make([]string, 3)
	for i := range tokens {
		tokens[i] = d.mailed(t, typed(func(f *Form) { f.Email = fmt.Sprintf("supporter%d@example.org", i) }))
	}
	d.vacated(t)
	for _, token := range tokens {
		if err := d.Confirm(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	freed := func() int {
		q := must(d.Queue(ctx, slug, OpenFilter{}))
		roster, _ := d.Roster()
		n := 0
		for _, l := range q.Letters {
			if l.Freed() {
				n++
			}
		}
		if got := Freed(q.Groups, roster); got != n {
			t.Errorf("%d counted, %d are freed", got, n)
		}
		return n
	}
	if n := freed(); n != 0 {
		t.Fatalf("%d can go to a vacant seat", n)
	}
	send := Sweep{Decision: DecideSend, Freed: true, Asked: d.Now()}
	if swept := must(d.Sweep(ctx, ann, slug, send)); swept.Done != 0 || len(swept.Refused) != 0 {
		t.Errorf("to a vacant seat: %+v", swept)
	}
	all := must(d.Corrections(ctx))
	if err := d.EndCorrection(ctx, ann, durham, all[0].ID); err != nil {
		t.Fatal(err)
	}
	if n := freed(); n != 3 {
		t.Fatalf("%d of 3 can go", n)
	}
	for _, l := range must(d.Queue(ctx, slug, OpenFilter{})).Letters {
		if l.State != StateHeld {
			t.Errorf("a letter went by itself: %s", l.State)
		}
	}
	late := send
	late.Asked = d.Now().Add(-time.Hour)
	if swept := must(d.Sweep(ctx, ann, slug, late)); swept.Done != 0 {
		t.Errorf("%d went that were not counted", swept.Done)
	}
	if swept := must(d.Sweep(ctx, ann, slug, send)); swept.Done != 3 || len(swept.Refused) != 0 || swept.After != 0 {
		t.Errorf("%+v", swept)
	}
	if left := must(d.Queue(ctx, slug, OpenFilter{})).Letters; len(left) != 0 {
		t.Errorf("%d wait still", len(left))
	}
}

// A sweep goes on beyond a page of letters, and beyond one step of the store's.
func TestService_SweepIsOfEverything(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	token := d.mailed(t, typed())
	d.vacated(t)
	if err := d.Confirm(ctx, token); err != nil {
		t.Fatal(err)
	}
	const more = MaxChosen + 7
	for i := range more {
		d.alter(t, `INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state, why, created_at, state_at, expires_at, erase_at, token_hash)
			SELECT campaign_id, constituency, member_id, partner, lang, variant, chosen, state, why, created_at, state_at, expires_at, erase_at, CAST($1 AS BLOB) FROM letters WHERE id = 1`, fmt.Sprint("copy ", i))
	}
	swept := must(d.Sweep(ctx, ann, slug, Sweep{Decision: DecideSend, Filter: OpenFilter{State: StateHeld}, Asked: d.Now()}))
	if swept.Done != 0 || len(swept.Refused) != more+1 || swept.After != 0 {
		t.Errorf("%d done, %d refused, after %d; want all %d refused", swept.Done, len(swept.Refused), swept.After, more+1)
	}
	if other := must(d.Sweep(ctx, ann, slug, Sweep{Decision: DecideSend, Filter: OpenFilter{State: StateFailed}, Asked: d.Now()})); len(other.Refused) != 0 {
		t.Errorf("%d that the filter does not find", len(other.Refused))
	}
}
