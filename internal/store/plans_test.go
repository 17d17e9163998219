package store

import (
	"context"
	"strings"
	"testing"

	"postbag/internal/campaign"
)

// TestPlans runs everything that is done often and asks SQLite how it goes
// about each statement that came up: none may read a growing table from end to
// end.
func TestPlans(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	b.bring(t, 1, campaign.StateSent)
	again := newLetter(2)
	again.RepeatHash = hashOf("repeat", 1)
	if err := b.SubmitLetter(ctx, again); err != nil {
		t.Fatal(err)
	}
	b.confirm(t, 3)
	b.clock.Advance(campaign.RemindAfter)
	b.reminded(t)
	b.expired(t, 100)
	b.erasedDue(t)
	b.reclaimed(t)
	if err := b.EraseLetter(ctx, hashOf("token", 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.NextDue(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.SetReply(ctx, hashOf("token", 1), campaign.AnswerNone); err != nil {
		t.Fatal(err)
	}
	if err := b.SetReply(ctx, hashOf("token", 1), campaign.AnswerReal); err != nil {
		t.Fatal(err)
	}
	if err := b.AddSelfReport(ctx, campaign.SelfReport{Campaign: slug, Constituency: seatA, TokenHash: hashOf("self", 1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ForgetSelfReports(ctx, 10); err != nil {
		t.Fatal(err)
	}
	b.change(t, added(seatA, "2026-11-01"))
	if _, err := b.Pledged(ctx, slug, 1); err != nil {
		t.Fatal(err)
	}
	b.pledges(t)
	b.count(t, seatA)
	if _, err := b.CampaignHolds(ctx, slug); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Variants(ctx, slug); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CampaignVersions(ctx, slug); err != nil {
		t.Fatal(err)
	}
	var statements []string
	for q := range b.writer.stmts {
		statements = append(statements, q)
	}
	b.readStmts.Range(func(q, _ any) bool { statements = append(statements, q.(string)); return true })

	growing := map[string]bool{"letters": true, "l": true, "people": true, "p": true, "events": true, "outbox": true, "o": true, "counters": true,
		"replies": true, "self_reports": true, "pledges": true, "campaign_versions": true, "variants": true}
	explained := 0
	for _, q := range statements {
		first := strings.Fields(q)[0]
		if first != "SELECT" && first != "UPDATE" && first != "DELETE" && first != "INSERT" {
			continue
		}
		for _, step := range b.plan(t, q) {
			explained++
			words := strings.Fields(step)
			if words[0] == "SCAN" && growing[words[1]] {
				t.Errorf("%s in\n%s", step, q)
			}
		}
	}
	if explained < 15 {
		t.Errorf("only %d steps explained", explained)
	}
	for _, c := range []struct{ part, index string }{
		{"o.status = 'ready' AND o.next_at", "outbox_ready"},
		{"l.token_hash = $1", "sqlite_autoindex_letters_1"},
		{"WHERE token_hash = $1", "sqlite_autoindex_letters_1"},
		{"WHERE repeat_hash = $1", "letters_repeat"},
		{"state = 'awaiting' AND expires_at", "letters_expires"},
		{"remind_at IS NOT NULL AND", "letters_remind"},
		{"erase_at IS NOT NULL AND", "letters_erase"},
		{"SELECT min(at) FROM", "outbox_sending"},
		{"o.status = 'sending' AND", "outbox_sending"},
		{"kind <> $2", "outbox_letter"},
		{"FROM events", "events_letter"},
		{"SELECT EXISTS", "pledges_standing"},
		{"DELETE FROM self_reports", "self_reports_day"},
	} {
		found := false
		for _, q := range statements {
			if strings.Contains(q, c.part) {
				found = true
				if plan := strings.Join(b.plan(t, q), "\n"); !strings.Contains(plan, c.index) {
					t.Errorf("%q does not use %s:\n%s", c.part, c.index, plan)
				}
				// What is due is read in the order of the index.
				if plan := strings.Join(b.plan(t, q), "\n"); strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%q sorts:\n%s", c.part, plan)
				}
			}
		}
		if !found {
			t.Errorf("no statement with %q was run", c.part)
		}
	}
}

func (b *bed) plan(tb testing.TB, q string) (steps []string) {
	tb.Helper()
	args := make([]any, 0, 19)
	for n := 1; n <= 19; n++ {
		if strings.Contains(q, "$"+string(rune('0'+n%10))) && n < 10 || n >= 10 && strings.Contains(q, "$1"+string(rune('0'+n-10))) {
			args = append(args, "")
		}
	}
	rows, err := b.raw.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+q, args...)
	if err != nil {
		tb.Fatalf("%v in\n%s", err, q)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			tb.Fatal(err)
		}
		steps = append(steps, detail)
	}
	return steps
}
