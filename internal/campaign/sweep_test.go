package campaign_test

import (
	"fmt"
	"strings"
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

// copies adds letters like the first, without their people.
func (d *desk) copies(tb testing.TB, n int) {
	tb.Helper()
	d.alter(tb, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO letters (campaign_id, constituency, member_id, partner, lang, variant, chosen, state, why, created_at, state_at, expires_at, erase_at, token_hash)
		SELECT campaign_id, constituency, member_id, partner, lang, variant, chosen, state, why, created_at, state_at, expires_at, erase_at, CAST('copy ' || i AS BLOB)
		FROM letters, n WHERE id = 1`, n)
}

// heldAtDurham leaves letters that were held while the seat was vacant, and which
// could go by now.
func heldAtDurham(t *testing.T, letters int) *desk {
	t.Helper()
	d := newDesk(t)
	tokens := make([]string, letters)
	for i := range tokens {
		tokens[i] = d.mailed(t, typed(func(f *Form) { f.Email = fmt.Sprintf("supporter%d@example.org", i) }))
	}
	d.vacated(t)
	for _, token := range tokens {
		if err := d.Confirm(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.EndCorrection(t.Context(), ann, durham, must(d.Corrections(t.Context()))[0].ID); err != nil {
		t.Fatal(err)
	}
	return d
}

// Something that goes wrong with one letter hides nothing of what became of the
// others, which are done.
func TestService_DecideSaysWhatIsDone(t *testing.T) {
	d := heldAtDurham(t, 3)
	d.alter(t, `CREATE TRIGGER stop BEFORE UPDATE ON letters WHEN new.id = 2 BEGIN SELECT RAISE(ABORT, 'on purpose'); END`)
	woken := d.woken
	judged, err := d.Decide(t.Context(), ann, slug, DecideSend, []Chosen{{ID: 1}, {ID: 2}, {ID: 3}}, "")
	if err != nil || len(judged) != 3 || d.woken == woken {
		t.Fatalf("%+v, %v", judged, err)
	}
	for _, j := range judged {
		now := must(d.OneLetter(t.Context(), slug, j.ID)).State
		if want := map[bool]string{true: RefusedFailed}[j.ID == 2]; j.Refused != want || (now == StateQueued) != (want == "") {
			t.Errorf("letter %d is %s: %q, want %q", j.ID, now, j.Refused, want)
		}
	}
	if log := d.log.String(); !strings.Contains(log, "on purpose") || strings.Contains(log, "supporter") {
		t.Errorf("the log says %s", log)
	}
	all, err := d.EraseLetters(t.Context(), ann, "supporter1@example.org")
	if err != nil || len(all) != 1 || all[0].Refused != RefusedFailed {
		t.Errorf("erased: %+v, %v", all, err)
	}
}

// A sweep that cannot go on says how far it came, and goes on from there.
func TestService_SweepSaysHowFarItCame(t *testing.T) {
	d := heldAtDurham(t, 1)
	d.copies(t, MaxChosen+7)
	d.alter(t, `UPDATE letters SET state_at = 'damaged' WHERE id = $1`, MaxChosen+2)
	send := Sweep{Decision: DecideSend, Asked: d.Now()}
	swept, err := d.Sweep(t.Context(), ann, slug, send)
	if err == nil || swept.Done != 1 || len(swept.Refused) != MaxChosen-1 || swept.After != MaxChosen {
		t.Fatalf("%d done, %d refused, after %d, %v", swept.Done, len(swept.Refused), swept.After, err)
	}
	d.alter(t, `UPDATE letters SET state_at = (SELECT state_at FROM letters WHERE id = 2) WHERE id = $1`, MaxChosen+2)
	send.Filter.After = swept.After
	if swept, err = d.Sweep(t.Context(), ann, slug, send); err != nil || swept.Done != 0 || len(swept.Refused) != 8 || swept.After != 0 {
		t.Errorf("the rest: %d done, %d refused, after %d, %v", swept.Done, len(swept.Refused), swept.After, err)
	}
}

// What it is about may lie far behind letters that it is not about; and where it
// has done as many as it may in one go and there are no more, it says so.
func TestService_SweepEndsWhereNoneIsLeft(t *testing.T) {
	d := heldAtDurham(t, 1)
	d.copies(t, MaxSwept+MaxChosen-1)
	d.alter(t, `UPDATE letters SET state = 'failed', why = 'refused' WHERE id > 1`)
	d.alter(t, `UPDATE letters SET id = 1000000 WHERE id = 1`) // to the end
	d.alter(t, `UPDATE people SET letter_id = 1000000 WHERE letter_id = 1`)
	d.alter(t, `UPDATE outbox SET letter_id = 1000000 WHERE letter_id = 1`)
	d.alter(t, `UPDATE events SET letter_id = 1000000 WHERE letter_id = 1`)
	swept := must(d.Sweep(t.Context(), ann, slug, Sweep{Decision: DecideSend, Freed: true, Asked: d.Now()}))
	if swept.Done != 1 || len(swept.Refused) != 0 || swept.After != 0 {
		t.Errorf("freed: %d done, %d refused, after %d", swept.Done, len(swept.Refused), swept.After)
	}
	retry := Sweep{Decision: DecideRetry, Asked: d.Now()}
	if swept = must(d.Sweep(t.Context(), ann, slug, retry)); len(swept.Refused) != MaxSwept || swept.After == 0 {
		t.Errorf("%d refused, after %d", len(swept.Refused), swept.After)
	}
	retry.Filter.After = swept.After
	if swept = must(d.Sweep(t.Context(), ann, slug, retry)); len(swept.Refused) != MaxChosen-1 || swept.After != 0 {
		t.Errorf("the rest: %d refused, after %d", len(swept.Refused), swept.After)
	}
	d.alter(t, `DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE state = 'failed' ORDER BY id DESC LIMIT $1)`, MaxChosen-1)
	retry.Filter.After = 0
	if swept = must(d.Sweep(t.Context(), ann, slug, retry)); len(swept.Refused) != MaxSwept || swept.After != 0 {
		t.Errorf("as many as it may: %d refused, after %d", len(swept.Refused), swept.After)
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
	d.copies(t, more)
	swept := must(d.Sweep(ctx, ann, slug, Sweep{Decision: DecideSend, Filter: OpenFilter{State: StateHeld}, Asked: d.Now()}))
	if swept.Done != 0 || len(swept.Refused) != more+1 || swept.After != 0 {
		t.Errorf("%d done, %d refused, after %d; want all %d refused", swept.Done, len(swept.Refused), swept.After, more+1)
	}
	if other := must(d.Sweep(ctx, ann, slug, Sweep{Decision: DecideSend, Filter: OpenFilter{State: StateFailed}, Asked: d.Now()})); len(other.Refused) != 0 {
		t.Errorf("%d that the filter does not find", len(other.Refused))
	}
}
