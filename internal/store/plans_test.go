package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

// TestPlans runs everything that is done often and asks SQLite how it goes
// about each statement that came up: none may read a growing table from end to
// end.
func TestPlans(t *testing.T) {
	b := newBed(t)
	ctx := t.Context()
	b.bring(t, 1, campaign.StateSent)
	b.tell(t, 7, campaign.AnswerPledged)
	again := newLetter(2)
	again.RepeatHash = hashOf("repeat", 1)
	if err := b.SubmitLetter(ctx, again); err != nil {
		t.Fatal(err)
	}
	b.confirm(t, 3)
	b.clock.Advance(campaign.RemindAfter)
	b.reminded(t)
	if _, err := b.FollowUp(ctx, 100, func() string { return "follow-1@example.org" }); err != nil {
		t.Fatal(err)
	}
	if err := b.EndFollowUps(ctx, 1); err != nil {
		t.Fatal(err)
	}
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
	if _, err := b.ForgetPastLetters(ctx, 10); err != nil {
		t.Fatal(err)
	}
	b.change(t, added(seatA, "2026-11-01"))
	if _, err := b.Pledged(ctx, slug, 1); err != nil {
		t.Fatal(err)
	}
	b.pledges(t)
	if _, err := b.VoidedPledges(ctx, slug); err != nil {
		t.Fatal(err)
	}
	if _, err := b.PledgeReports(ctx, slug); err != nil {
		t.Fatal(err)
	}
	if _, err := b.JudgeReports(ctx, ann, slug, campaign.Judgement{MemberID: member(seatA).ID, Until: b.clock.Now()}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SeatWeeks(ctx, slug, "2026-11-23", "2026-11-30"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.PledgeMoves(ctx, slug, start, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	b.count(t, seatA)
	b.deskWork(t)
	b.dashboard(t)
	b.optInWork(t)
	b.checkWork(t)
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
		"replies": true, "self_reports": true, "pledges": true, "past_letters": true, "campaign_versions": true,
		"opt_ins": true, "opt_in_people": true, "opt_in_letters": true, "x": true,
		"tallies": true, "hours": true, "steps": true, "variants": true, "own_words": true, "credits": true, "partner_loads": true, "limits": true, "likenesses": true}
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
		{"o.status = 'ready' AND o.urgency", "outbox_ready"},
		{"(SELECT min(at) FROM", "outbox_ready"},
		{"l.token_hash = $1", "sqlite_autoindex_letters_1"},
		{"WHERE token_hash = $1", "sqlite_autoindex_letters_1"},
		{"WHERE repeat_hash = $1", "letters_repeat"},
		{"state = 'awaiting' AND expires_at", "letters_expires"},
		{"remind_at IS NOT NULL AND", "letters_remind"},
		{"erase_at IS NOT NULL AND", "letters_erase"},
		{"(SELECT min(at) FROM", "outbox_sending"},
		{"o.status = 'sending' AND", "outbox_sending"},
		{"AND kind IN ('confirm', 'remind', 'repeat')", "outbox_letter"},
		{"follow_at IS NOT NULL AND follow_at <=", "letters_follow"},
		{"l.email_hash = $1", "letters_email"},
		{"l.email_hash = $1", "outbox_letter"},
		{"FROM events", "events_letter"},
		{"SELECT EXISTS", "pledges_standing"},
		{"l.campaign_id = $1 AND l.id > $2 AND l.state IN", "letters_open"},
		{"WHERE l.email_hash = $1 ORDER", "letters_email"},
		{"WHERE l.reference = $1 ORDER", "letters_reference"},
		{"WHERE letter_id = $1\n		ORDER BY id", "outbox_letter"},
		{"DELETE FROM self_reports", "self_reports_day"},
		{"DELETE FROM past_letters", "past_letters_until"},
		{"FROM past_letters\n\t\tWHERE repeat_hash = (", "PRIMARY KEY"},
		{"UPDATE replies SET judged", "replies_pledged"},
		{"FROM partner_links WHERE revoked_at IS NULL AND token_hash", "sqlite_autoindex_partner_links_1"},
		{"o.partner = $1 AND", "opt_ins_export"},
		{"o.email_hash = $1 AND", "opt_ins_person"},
		{"o.token_hash = $1", "sqlite_autoindex_opt_ins_1"},
		{"FROM limits WHERE hash IN", "PRIMARY KEY"},
		{"DELETE FROM limits", "PRIMARY KEY"},
		{"DELETE FROM likenesses", "PRIMARY KEY"},
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
	for _, q := range statements { // what the list of open letters is sifted by is counted without the letters
		if strings.Contains(q, "GROUP BY l.state, l.why") {
			if plan := strings.Join(b.plan(t, q), "\n"); !strings.Contains(plan, "COVERING INDEX letters_open") {
				t.Errorf("open letters are read to be counted:\n%s", plan)
			}
		}
	}
}

// dashboard reads everything that organisers look at.
func (b *bed) dashboard(tb testing.TB) {
	tb.Helper()
	ctx := tb.Context()
	_, err := b.Totals(ctx, slug)
	errs := []error{err}
	_, err = b.ChangesVersion(ctx, slug)
	errs = append(errs, err)
	_, err = b.Hours(ctx, slug, start, start.AddDate(0, 0, 30))
	errs = append(errs, err)
	_, err = b.FirstHour(ctx, slug)
	errs = append(errs, err)
	_, err = b.OwnWords(ctx, slug)
	errs = append(errs, err, b.partnerWork(tb), b.AddSteps(ctx, map[campaign.Visit]int{{Campaign: slug, Day: "2026-11-23", Step: campaign.StepFound}: 1}))
	_, err = b.Steps(ctx, slug, "2026-11-01", "2026-11-30")
	if err := errors.Join(append(errs, err)...); err != nil {
		tb.Fatal(err)
	}
}

// partnerWork does what partners' pages read, and what writes it.
func (b *bed) partnerWork(tb testing.TB) error {
	tb.Helper()
	ctx := tb.Context()
	l := newLetter(77)
	l.Credit = campaign.Credit{Partner: "friends", Source: "source=mail", Via: "https://friends.example"}
	_, credits := b.Credits(ctx, slug)
	_, days := b.PartnerDays(ctx, slug, "friends", "2026-11-01", "2026-11-30")
	_, health := b.Loads(ctx, "friends", "2026-11-01")
	_, links := b.PartnerLinks(ctx, "friends")
	_, none := b.PartnerOfLink(ctx, hashOf("link", 1))
	if fault.CodeOf(none) == fault.NotFound {
		none = nil
	}
	return errors.Join(b.SubmitLetter(ctx, l), credits, days, health, links, none, b.AddLoads(ctx, map[campaign.Load]int{
		{Partner: "friends", Origin: "https://friends.example", Day: "2026-11-23"}: 1, {Partner: "friends", Origin: "https://else.example", Day: "2026-11-23", Refused: true}: 1,
	}))
}

func (b *bed) plan(tb testing.TB, q string) (steps []string) {
	tb.Helper()
	var args []any
	for n := 1; n <= 40; n++ { // not every statement has all its numbers
		if regexp.MustCompile(fmt.Sprintf(`\$%d\b`, n)).MatchString(q) {
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

// optInWork does what is done with opt-ins.
func (b *bed) optInWork(t *testing.T) {
	t.Helper()
	hash := b.confirmed(t, ticked(31, 31, "friends", ""))
	of := campaign.OptInsOf{Partner: "friends"}
	for _, do := range []func() error{
		func() error { _, err := b.LetterOptIns(t.Context(), b.letter(t, hash).ID); return err },
		func() error { _, err := b.CountOptInsFrom(t.Context(), of); return err },
		func() error {
			_, err := b.OptInsFrom(t.Context(), of, campaign.OptInPlace{}, func(campaign.OptIn) error { return nil })
			return err
		},
		func() error { _, err := b.OptInCounts(t.Context(), slug); return err },
		func() error {
			_, err := b.OptInsByEmail(t.Context(), [][]byte{hashOf("opt-in friends", 31)})
			return err
		},
		func() error { return b.EndOptIns(t.Context(), ann, nil) },
		func() error { return b.EndLetterOptIn(t.Context(), hash, 31001) },
		func() error { return b.EndOptIn(t.Context(), hashOf("opt-in token", 31002)) },
		func() error { return b.WithdrawLetter(t.Context(), b.ticking(t, ticked(32, 32, "friends"))) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
}

// deskWork does what organisers do with letters, as far as it reads any.
func (b *bed) deskWork(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for _, j := range b.claims(t, 100) {
		b.finish(t, j, campaign.VerdictSent)
	}
	failed := b.bring(t, 9, campaign.StateFailed)
	for _, do := range []func() error{
		func() error { _, err := b.OpenLetters(ctx, slug, campaign.OpenFilter{}, 10); return err },
		func() error { _, err := b.OpenGroups(ctx, slug); return err },
		func() error { _, err := b.DeskLetters(ctx, slug, []int64{1}); return err },
		func() error { _, _, err := b.LetterHistory(ctx, 1); return err },
		func() error { _, err := b.ReadLetter(ctx, noor, slug, b.letter(t, failed).ID); return err },
		func() error {
			return b.rule(t, failed, campaign.DecideRetry, func(r *campaign.Resolution) { r.RepeatHash = hashOf("repeat", 9) })
		},
		func() error {
			_, err := b.FindLetters(ctx, noor, campaign.Sought{EmailHash: hashOf("email", 9)})
			return err
		},
		func() error { _, err := b.FindLetters(ctx, noor, campaign.Sought{Reference: "K7QM2XRD"}); return err },
		func() error {
			_, err := b.LettersFrom(ctx, slug, 0, true, func(campaign.ExportLetter) error { return nil })
			return err
		},
		func() error { _, err := b.AuditLog(ctx, account.AuditFilter{}, 10); return err },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
}
