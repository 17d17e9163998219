package campaign_test

import (
	"strings"
	"testing"
	"time"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

func TestService_Reply(t *testing.T) {
	d := newDesk(t)
	token := d.mailed(t, typed())
	if err := d.Reply(t.Context(), token, AnswerReal); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("before it is confirmed: %v", err)
	}
	if err := d.Confirm(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := d.Reply(t.Context(), token, AnswerReal); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("before it is sent: %v", err)
	}
	if jobs := d.mails(t); len(jobs) != 1 {
		t.Fatalf("%d mails", len(jobs))
	}
	if p := d.wantState(t, token, StateSent); p.Letter.Reply != (Reply{}) {
		t.Errorf("a reply that nobody told of: %+v", p.Letter.Reply)
	}
	for _, answer := range []Answer{"", "Real", "angry", "none "} {
		if err := d.Reply(t.Context(), token, answer); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("answer %q: %v", answer, err)
		}
	}
	for name, stranger := range map[string]string{"a token of nothing": strings.Repeat("x", len(token)), "no token": ""} {
		if err := d.Reply(t.Context(), stranger, AnswerReal); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := d.count(t, durham).Replies; got != (Replies{}) {
		t.Errorf("counted what was refused: %+v", got)
	}

	d.clock.Advance(time.Hour)
	for _, answer := range Answers() {
		if err := d.Reply(t.Context(), token, answer); err != nil {
			t.Fatal(err)
		}
		if got := d.wantState(t, token, StateSent).Letter.Reply; got != (Reply{answer, d.clock.Now()}) {
			t.Errorf("reply %+v, want %s now", got, answer)
		}
		var want Replies
		want.Set(answer, 1)
		if got := d.count(t, durham).Replies; got != want {
			t.Errorf("after %s, counted %+v", answer, got)
		}
	}
	if list := d.list(t); len(list.ByMember) > 0 {
		t.Error("a supporter's word was taken for a pledge")
	}

	// Erasing the person keeps the reply, which says nothing about them; and they
	// may still say something else.
	if err := d.Erase(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if got := d.wantState(t, token, StateSent).Letter.Reply.Answer; got != AnswerRefused {
		t.Errorf("after erasing, the reply is %q", got)
	}
	if err := d.Reply(t.Context(), token, AnswerPledged); err != nil {
		t.Error(err)
	}
}

func TestReplies(t *testing.T) {
	var r Replies
	for i, a := range Answers() {
		r.Set(a, i+1)
	}
	if r != (Replies{1, 2, 3, 4, 5}) {
		t.Errorf("%+v", r)
	}
	r.Set("unknown", 9)
	if r != (Replies{1, 2, 3, 4, 5}) {
		t.Errorf("an unknown answer counts: %+v", r)
	}
}
