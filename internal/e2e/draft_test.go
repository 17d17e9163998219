package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"postbag/internal/campaign"
)

// comes waits until an expression about the page is true: what a script does a
// moment after the last key.
func (b *tab) comes(expression string, args ...any) {
	b.t.Helper()
	await[bool](b, `new Promise(done => {
		const look = () => `+expression+` ? done(true) : setTimeout(look, 20);
		look();
	})`, args...)
}

// drafts returns what the tab remembers.
func (b *tab) drafts() string {
	b.t.Helper()
	return eval[string](b, `JSON.stringify(Object.entries({...sessionStorage}).filter(([k]) => k.startsWith("draft ")))`)
}

const saved = `JSON.stringify({...sessionStorage}).includes(%s)`

// TestDraft: what was typed outlives a reload and a new start, in this tab
// alone, and is gone once the letter is sent.
func TestDraft(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.askFor(zofia.typed)
	b.sees(p.say("letter.draft"))
	body := b.value("#body")
	b.fill("#subject", "About my neighbour")
	b.fill("#answer1", "She could ask you for help.")
	b.fill("#answer2", "I care, as she is my friend.")
	b.press("#place")
	if got := b.value("#body"); got != "She could ask you for help.\n\nI care, as she is my friend.\n\n"+body {
		t.Fatalf("the letter begins %.80q", got)
	}
	if b.value("#answer1")+b.value("#answer2") != "" {
		t.Error("the answers stand in the letter, and still in their fields")
	}
	b.comes(`document.getElementById("advice").textContent.includes(%s)`, p.say("letter.placed"))
	body = b.value("#body")
	b.details(zofia)
	b.comes(saved, zofia.phone)
	if local := eval[int](b, `localStorage.length`); local != 0 {
		t.Errorf("%d things are kept for good", local)
	}

	b.askFor(zofia.typed) // as after a crash: a new page, the same tab
	b.holds("About my neighbour", body)
	b.reload()
	b.holds("About my neighbour", body)

	other := p.open(phone)
	other.askFor(zofia.typed)
	if got := other.value("#name") + other.value("#answer1"); got != "" {
		t.Errorf("another tab knows %q", got)
	}

	b.follow(toPreview)
	b.follow(toSend)
	if got := b.drafts(); got != "[]" {
		t.Errorf("after sending the tab remembers %s", got)
	}
	b.askFor(zofia.typed)
	if got := b.value("#name"); got != "" {
		t.Errorf("after sending the form holds %q", got)
	}
	p.smtp.Next(t)
}

// TestDraft_emptied: what somebody emptied is nothing that they wrote. Starting
// anew, they find the campaign's words, not a letter that cannot be sent.
func TestDraft_emptied(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.askFor(zofia.typed)
	subject, body := b.value("#subject"), b.value("#body")
	b.fill("#subject", "")
	b.fill("#body", " ")
	b.fill("#name", zofia.name)
	b.comes(saved, zofia.name)
	b.askFor(zofia.typed)
	for field, want := range map[string]string{"#subject": subject, "#body": body, "#name": zofia.name} {
		if got := b.value(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

// TestDraft_backAfterSending: whoever goes back to the form after the letter was
// sent, and away again, leaves nothing in the tab, whether the browser kept the
// whole page or only what stood in its fields. What is typed anew is kept again.
func TestDraft_backAfterSending(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"a page that was kept": ``,
		"a page loaded anew":   `navigator.locks.request("here", () => new Promise(() => {}))`, // who holds a lock is not kept
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			b := p.open(desktop)
			b.beforeEveryPage(script)
			b.askFor(zofia.typed)
			b.details(zofia)
			b.comes(saved, zofia.phone)
			b.follow(toPreview)
			b.follow(toSend)
			h := call(b, page.GetNavigationHistory, cdp.Empty{})
			var form int64
			for _, e := range h.Entries {
				if strings.HasSuffix(e.URL, atCampaign+"/letter") {
					form = e.ID
				}
			}
			b.reaches(b.program.base+atCampaign+"/letter", func() {
				call(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: form})
			})
			b.comes(`document.getElementById("own").checkVisibility({visibilityProperty: true})`)
			if got := b.value("#name"); got != zofia.name {
				t.Errorf("the browser does not bring back what stood in the fields, but %q", got)
			}
			b.visit(atCampaign)
			if got := b.drafts(); strings.Contains(got, zofia.name) || strings.Contains(got, zofia.town) {
				t.Errorf("after looking back the tab remembers %s", got)
			}
			b.askFor(zofia.typed)
			b.fill("#subject", "Once more")
			b.comes(saved, "Once more")
			p.smtp.Next(t)
		})
	}
}

// TestDraft_answers: an answer that went into the letter by way of the preview
// does not come back into its field, and so not into the letter twice.
func TestDraft_answers(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.askFor(zofia.typed)
	const answer = "She could  ask you for help. \nAnd I could sleep."
	b.fill("#answer1", answer)
	b.comes(saved, "And I could sleep.")
	b.details(zofia)
	b.follow(toPreview)
	letter := b.content(verbatim)
	for range 2 {
		b.follow(toChange)
		if got := b.value("#answer1"); got != "" {
			t.Fatalf("the answer is back in its field: %q", got)
		}
		b.follow(toPreview)
		b.showsLetter(letter)
	}
}

// TestDraft_elsewhere: a draft for one constituency does not come back over the
// letter to another.
func TestDraft_elsewhere(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.askFor(zofia.typed)
	b.fill("#body", "Words about Leeds.")
	b.comes(saved, "Words about Leeds.")
	b.askFor("DH1 3LE")
	if got := b.value("#body"); !strings.HasPrefix(got, "I live in City of Durham") {
		t.Errorf("the letter to another MP begins %.60q", got)
	}
}

// TestDraft_sharedComputer: one tick forgets everything, and nothing is kept
// from then on.
func TestDraft_sharedComputer(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.askFor(zofia.typed)
	b.fill("#body", "Words of my own.")
	b.comes(saved, "Words of my own.")
	b.press("#shared")
	if got := b.drafts(); got != "[]" {
		t.Errorf("the tab still remembers %s", got)
	}
	b.fill("#name", zofia.name)
	b.press("#town") // leaves the field, which would save
	b.reload()
	if got := b.drafts(); got != "[]" {
		t.Errorf("the tab remembers %s", got)
	}
	if !eval[bool](b, `document.getElementById("shared").checked`) {
		t.Error("the tick is forgotten")
	}
	if got := b.value("#name"); got != "" {
		t.Errorf("the name is still there: %q", got)
	}
}

// TestDraft_noMemory: where the browser forbids it, the page works and says
// nothing about drafts.
func TestDraft_noMemory(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.beforeEveryPage(`Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("no", "SecurityError"); } })`)
	b.askFor(zofia.typed)
	if shown := eval[bool](b, `document.getElementById("draft").checkVisibility({visibilityProperty: true})`); shown {
		t.Error("a draft is promised")
	}
	b.fill("#body", zofia.opening)
	b.comes(`document.getElementById("own-word").textContent === %s`, p.say("advice.yours.mark"))
	b.details(zofia)
	b.follow(toPreview)
	b.follow(toSend)
	p.smtp.Next(t)
}

// TestLetter_nothingMoves: what the script adds has its place from the start.
func TestLetter_nothingMoves(t *testing.T) {
	t.Parallel()
	for _, d := range []device{phone, desktop} {
		b := start(t).open(d)
		b.askFor(zofia.typed)
		b.comes(`document.getElementById("own").checkVisibility({visibilityProperty: true})`)
		if moved := await[float64](b, layoutShift); moved != 0 {
			t.Errorf("%s: the letter moves while it loads, by %v", d.name, moved)
		}
	}
}

// TestHints: the meter and the words beside it follow the letter, and speak only
// when there is something new.
func TestHints(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(desktop)
	b.askFor(zofia.typed)
	word := func(level campaign.OwnLevel) {
		b.t.Helper()
		b.comes(`document.getElementById("own-word").textContent === %s`, p.say("advice."+string(level)+".mark"))
	}
	word(campaign.OwnNone)
	b.fill("#answer1", "My neighbour is a nurse and she is afraid to come.")
	word(campaign.OwnStart)
	if got := b.attribute("#own-bar", "value"); got == "0" {
		t.Error("the meter did not move")
	}
	b.fill("#body", zofia.opening)
	word(campaign.OwnYours)
	b.comes(`document.getElementById("advice").textContent.includes(%s)`, strings.Split(p.say("advice.hard", "age", "\x00"), "\x00")[0])
	b.fill("#body", strings.Repeat("I say so again. ", 200))
	b.comes(`document.getElementById("advice").textContent.includes(%s)`, p.say("advice.length.long.text"))
	if got := b.attribute("#advice", "role"); got != "status" {
		t.Errorf("the hints have the role %q", got)
	}
	b.details(zofia)
	b.follow(toPreview) // nothing of it stands in the way
	b.sees(p.say("advice.yours.text"), p.say("advice.length.long.text"))
}

// TestAnswers_withoutScript: the server puts the answers into the letter, and
// leaves them in their fields while something else is wrong.
func TestAnswers_withoutScript(t *testing.T) {
	t.Parallel()
	p := start(t)
	d := phone
	d.noScript = true
	b := p.open(d)
	b.askFor(zofia.typed)
	for _, css := range []string{"#place", "#own", "#draft"} {
		if eval[bool](b, `document.querySelector(%s).checkVisibility({visibilityProperty: true})`, css) {
			t.Errorf("%s is there, and can do nothing", css)
		}
	}
	b.fill("#answer1", "She could ask for help.")
	b.followFor(422, toPreview)
	if got := b.value("#answer1"); got != "She could ask for help." || strings.Contains(b.value("#body"), got) {
		t.Errorf("the answer is %q, the letter begins %.60q", got, b.value("#body"))
	}
	b.details(zofia)
	b.follow(toPreview)
	if got := b.content(verbatim); !strings.HasPrefix(got, "Dear Alex Sobel,\n\nShe could ask for help.\n\nI live in") {
		t.Errorf("the letter begins %.80q", got)
	}
	b.sees(p.say("advice.start.text"))
	b.follow(toChange)
	if got := b.value("#answer1"); got != "" || !strings.HasPrefix(b.value("#body"), "She could ask for help.\n\n") {
		t.Errorf("the answer is %q, the letter begins %.60q", got, b.value("#body"))
	}
}
