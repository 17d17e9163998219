package e2e

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

const (
	atLetters = atDeskCampaign + "/letters"
	atPeople  = atDesk + "/people"
	sobel     = "alex.sobel.mp@parliament.uk" // sits for leeds
)

// choose presses the button of a decision.
func choose(d campaign.Decision) string { return `button[name=decision][value=` + string(d) + `]` }

// sure carries out what the page before asked about.
const sure = `form:has([name=sure]) button`

// wait brings a supporter's letter into a state in which it waits for a decision,
// and returns its private link.
func (p *program) wait(state campaign.State) string {
	p.t.Helper()
	link := p.submit(zofia)
	p.mayWarn = true
	switch state {
	case campaign.StateHeld:
		p.vacate(leeds)
	case campaign.StateFailed:
		p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: sobel, Nth: 1, Reply: "550 5.1.1 No such user"})
	case campaign.StateUncertain:
		p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Recipient: sobel, Drop: testkit.DropBefore})
	}
	if err := p.app.Service().Confirm(p.t.Context(), token(link)); err != nil {
		p.t.Fatal(err)
	}
	p.waitFor(link, state)
	if state == campaign.StateFailed {
		if told := p.smtp.Next(p.t).To; told[0] != zofia.email {
			p.t.Errorf("that it failed is told to %s", told)
		}
	}
	return link
}

// waitFor looks again until a letter has come to a state.
func (p *program) waitFor(link string, state campaign.State) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); p.state(link) != state; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the letter is %s, not %s", p.state(link), state)
		}
	}
}

func tourDeskLetters(b *tab, _ *testkit.Clock, shot func(name string)) {
	p := b.program
	b.signIn(account.Owner)
	b.visit(atLetters)
	shot("desk-letters-none")
	p.wait(campaign.StateHeld)
	b.visit(atLetters)
	shot("desk-letters")
	b.press("#all")
	b.follow(choose(campaign.DecideDecline))
	shot("desk-letters-decline")
	b.visit(atLetters)
	b.press("#all")
	b.follow(choose(campaign.DecideSend))
	shot("desk-letters-refused")
	b.visit(atLetters)
	b.follow(".queue tbody a")
	shot("desk-letter")
	b.follow(`form[action$="/read"] button`)
	shot("desk-letter-read")
	b.visit(atPeople)
	b.fill("#sought", zofia.email)
	b.follow(`main form[action$="/people"] button`)
	shot("desk-find")
	b.follow(`form[action$="/erase"] button`)
	shot("desk-find-erase")
}

// A letter whose MP is gone is declined with a note, which its supporter gets by
// mail and reads on their private page.
func TestDesk_DeclineHeldLetter(t *testing.T) {
	t.Parallel()
	p := start(t)
	link := p.wait(campaign.StateHeld)
	b := p.open(desktop)
	b.signIn(account.Organiser)
	b.visit(atLetters)
	b.sees("Nobody holds the seat.")
	b.seesNot(personal...)
	b.press("#all")
	b.follow(choose(campaign.DecideSend))
	b.sees("there is nobody to send it to")
	if n := b.count(sure); n != 0 {
		t.Error("the letter can be sent to nobody")
	}
	b.visit(atLetters)
	b.press(".queue tbody [type=checkbox]")
	b.follow(choose(campaign.DecideDecline))
	const note = "Your MP has stepped down.\n\nThere will be an election in May: please write again then."
	b.fill("#note", note)
	b.follow(sure)
	b.sees("Declined, and their supporters told")
	b.visit(atLetters)
	b.sees("No letter waits for a decision.")

	m := p.smtp.Next(t)
	mail := read(t, m)
	if m.To[0] != zofia.email || !strings.Contains(mail.text, note) || !strings.Contains(mail.text, link) {
		t.Errorf("the mail to %s says\n%s", m.To, mail.text)
	}
	s := p.open(phone)
	s.openPrivate(link)
	s.sees(p.say("state.declined.title"), "There will be an election in May", p.say("private.again"))
	p.onlyCounts(campaign.Count{Constituency: leeds, Written: 1, Confirmed: 1, Withdrawn: 1})
	for _, table := range []string{"audit"} {
		if n := p.rows(table + " WHERE action = 'letter.decline' AND object = 'letter 1'"); n != 1 {
			t.Errorf("%d lines in the audit log", n)
		}
	}
}

// A letter that may have arrived is opened, which is written down, and marked as
// sent.
func TestDesk_MarkUncertainLetter(t *testing.T) {
	t.Parallel()
	p := start(t)
	link := p.wait(campaign.StateUncertain)
	b := p.open(phone)
	b.signIn(account.Organiser)
	b.visit(atLetters)
	b.follow(".queue tbody th a")
	b.seesNot(personal...)
	b.follow(`form[action$="/read"] button`)
	b.sees(zofia.name, zofia.email, "My neighbour’s name is بهار")
	if n := p.rows("audit WHERE action = 'letter.read' AND object = 'letter 1' AND before || after = ''"); n != 1 {
		t.Errorf("%d lines in the audit log tell that it was opened", n)
	}
	b.follow(choose(campaign.DecideMark))
	b.follow(sure)
	b.sees("Marked as sent")
	p.waitFor(link, campaign.StateSent)
	s := p.open(phone)
	s.openPrivate(link)
	s.sees(p.say("state.arrived.title"))
	if n := p.smtp.Accepted(); n != 1 { // the mail that asked to confirm
		t.Errorf("%d mails were accepted", n)
	}
}

// Letters that failed are tried again all at once; one that moved meanwhile is
// left alone, and the page says so.
func TestDesk_RetryFailedLetters(t *testing.T) {
	t.Parallel()
	p := start(t)
	link := p.wait(campaign.StateFailed)
	b := p.open(desktop)
	b.signIn(account.Organiser)
	b.visit(atLetters)
	other := p.open(desktop)
	other.device.name = "another organiser"
	b.press("#all")
	b.follow(choose(campaign.DecideRetry))
	ask := eval[string](b, `document.querySelector("[name=letter]").value`)
	b.follow(sure)
	b.sees("They are tried again")
	p.waitFor(link, campaign.StateSent)
	if got := p.smtp.Next(t).To; got[0] != sobel {
		t.Errorf("the letter went to %v", got)
	}
	// The same form once more finds the letter elsewhere, and does nothing.
	body := p.postAs(b, atLetters+"/decide", url.Values{"decision": {"retry"}, "sure": {"1"}, "letter": {ask}})
	if !strings.Contains(body, "It has moved on since you saw it") || p.state(link) != campaign.StateSent {
		t.Errorf("the page says\n%s", body)
	}
}

func TestDesk_ViewerCannotOpenTheQueue(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.wait(campaign.StateHeld)
	b := p.open(desktop)
	b.signIn(account.Viewer)
	for _, path := range []string{atLetters, atLetters + "/1", atPeople} {
		b.visitFor(403, path)
		b.seesNot(personal...)
	}
	b.visit(atDesk)
	b.seesNot(atLetters, atPeople)
}

// A data-subject request: a person is found by the reference on their private
// page, gets a copy, and is deleted.
func TestDesk_FindAndErasePerson(t *testing.T) {
	t.Parallel()
	p := start(t)
	link := p.wait(campaign.StateHeld)
	private, err := p.app.Service().Open(t.Context(), token(link))
	if err != nil {
		t.Fatal(err)
	}
	reference := campaign.ShowReference(private.Letter.Reference)
	b := p.open(desktop)
	b.openPrivate(link)
	b.sees(reference)
	b.signIn(account.Organiser)
	for _, sought := range []string{strings.ToLower(reference), strings.ToUpper(zofia.email)} {
		b.visit(atPeople)
		b.fill("#sought", sought)
		b.follow(`main form[action$="/people"] button`)
		b.at(atPeople)
		b.sees("1 letter", reference)
	}
	var copied struct {
		Letters []campaign.Copy `json:"letters"`
	}
	if err := json.Unmarshal([]byte(p.postAs(b, atPeople+"/copy", url.Values{"sought": {zofia.email}})), &copied); err != nil {
		t.Fatal(err)
	}
	if len(copied.Letters) != 1 || copied.Letters[0].Person.Name != zofia.name || copied.Letters[0].Person.Letter == "" || copied.Letters[0].Person.Token != "" {
		t.Errorf("the copy is %+v", copied)
	}
	b.follow(`form[action$="/erase"] button`)
	b.follow(sure)
	b.sees("The data of 1 letter is deleted")
	if n := p.rows("people"); n != 0 {
		t.Errorf("%d sealed records are left", n)
	}
	b.visit(atPeople)
	b.fill("#sought", zofia.email)
	b.follow(`main form[action$="/people"] button`)
	b.sees("Nothing found")
}

// The file of letters with their people opens as what was written, and no cell of
// it is a formula.
func TestDesk_ExportLetters(t *testing.T) {
	t.Parallel()
	p := start(t)
	evil := zofia
	evil.name = "=HYPERLINK(\"https://evil.example\")"
	p.submit(evil)
	b := p.open(desktop)
	b.signIn(account.Organiser)
	file := p.postAs(b, atLetters+"/people", url.Values{"bom": {"1"}})
	if !strings.HasPrefix(file, "\uFEFF") {
		t.Errorf("no byte order mark: %q", file[:20])
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatal(len(rows), err)
	}
	row := map[string]string{}
	for i, column := range rows[0] {
		row[column] = rows[1][i]
	}
	if row["name"] != "'"+evil.name || row["email"] != zofia.email || row["code"] != leeds || row["state"] != "awaiting" || !strings.Contains(row["letter"], "بهار") {
		t.Errorf("the file has %v", row)
	}
	if n := p.rows(`audit WHERE action = 'letters.export' AND after = '{"people":true}'`); n != 1 {
		t.Errorf("%d lines in the audit log", n)
	}
	counts := p.postAs(b, atLetters+".json", nil)
	var letters []map[string]any
	if err := json.Unmarshal([]byte(counts), &letters); err != nil || len(letters) != 1 || letters[0]["code"] != leeds || letters[0]["name"] != nil {
		t.Errorf("%s: %v", counts, err)
	}
}

// postAs posts a form as whoever is signed in in a window, and returns the file
// that comes back, without saving it to the disk.
func (p *program) postAs(b *tab, path string, form url.Values) string {
	p.t.Helper()
	const ask = `(async () => {
		const r = await fetch(%s, {method: "POST", body: %s, headers: {"Content-Type": "application/x-www-form-urlencoded"}});
		return r.status + "\n" + new TextDecoder("utf-8", {ignoreBOM: true}).decode(await r.arrayBuffer());
	})()`
	status, body, _ := strings.Cut(await[string](b, ask, path, form.Encode()), "\n")
	if status != "200" {
		p.t.Fatalf("POST %s: %s\n%s", path, status, body)
	}
	return body
}
