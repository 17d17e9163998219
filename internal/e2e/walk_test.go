package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

const leeds = "E14001319" // Leeds Central and Headingley

// TestWalk goes the whole way, from the first page to the letter that arrives,
// with and without JavaScript, on a phone and at a desk.
func TestWalk(t *testing.T) {
	t.Parallel()
	for _, d := range []device{phone, desktop} {
		for _, off := range []bool{false, true} {
			d := d
			d.noScript = off
			name := d.name + " with JavaScript"
			if off {
				name = d.name + " without JavaScript"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				walk(t, d)
			})
		}
	}
}

func walk(t *testing.T, d device) {
	p := start(t)
	b := p.open(d)

	b.visit("/")
	b.at(atCampaign)
	b.fill("#postcode", zofia.typed)
	b.follow(findMP)

	b.at(atLetter)
	b.sees("Alex Sobel MP", "Labour (Co-op) MP for Leeds Central and Headingley", zofia.postcode)
	if locked := b.text(".locked"); !strings.Contains(locked, "Dear Alex Sobel,") {
		t.Errorf("the first locked part says %q", locked)
	}
	if got := b.count(".locked :is(input, textarea, [contenteditable])"); got != 0 {
		t.Errorf("%d fields stand in the locked parts", got)
	}
	draft, err := p.app.Service().Draft(t.Context(), slug, campaign.Form{Lang: "en", Constituency: leeds})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.value("#subject"); got != draft.Subject {
		t.Errorf("the subject starts as %q", got)
	}
	if diff := cmp.Diff(draft.Body, b.value("#body")); diff != "" {
		t.Errorf("the letter does not start as the campaign's text:\n%s", diff)
	}
	b.writeOpening(zofia)
	b.details(zofia)
	b.follow(toPreview)

	b.at(atPreview)
	want := "Dear Alex Sobel,\n\n" + zofia.opening + "\n\n" + draft.Body + "\n\nYours sincerely,\n\n" + zofia.signature()
	b.showsLetter(want)
	b.sees("Alex Sobel MP, Leeds Central and Headingley", zofia.name, zofia.email, draft.Subject)
	if n := p.rows("letters"); n != 0 || p.smtp.Accepted() != 0 {
		t.Errorf("a preview left %d letters and sent %d mails", n, p.smtp.Accepted())
	}
	b.follow(toSend)

	b.at(atSend)
	b.sees(p.say("check.heading"), zofia.email)
	asks := p.smtp.Next(t)
	sameMail(t, asks, "confirm.eml")
	if diff := cmp.Diff([]string{mailFrom, zofia.email}, append([]string{asks.From}, asks.To...)); diff != "" {
		t.Errorf("the envelope of the mail that asks:\n%s", diff)
	}
	link := privateLink(t, asks)

	// Following the link changes nothing: mail scanners do it too.
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, path := range []string{link, link + "/confirm", link + "/withdraw", link + "/erase"} {
			follow(t, method, path)
		}
	}
	b.openPrivate(link)
	b.sees(p.say("state.awaiting.title"))
	b.showsLetter(want)
	if got := p.state(link); got != campaign.StateAwaiting {
		t.Fatalf("opening the private page made the letter %s", got)
	}
	if diff := cmp.Diff(map[string]campaign.Count{leeds: {Constituency: leeds, Written: 1}}, p.counts()); diff != "" {
		t.Errorf("counts before confirming:\n%s", diff)
	}
	if n := p.smtp.Accepted(); n != 1 {
		t.Fatalf("%d mails came before anything was confirmed", n)
	}

	// The MP's server takes its time, so that it is always the same page that is weighed.
	taken := make(chan struct{})
	p.smtp.Script(testkit.SMTPFault{Stage: testkit.StageDot, Recipient: "alex.sobel.mp@parliament.uk", Hang: taken})
	b.follow(toConfirm)
	b.at("/l/" + token(link) + "?done=confirmed")
	b.sees(p.say("done.confirmed"))
	close(taken)
	delivered := p.smtp.Next(t)
	sameMail(t, delivered, "letter.eml")
	if diff := cmp.Diff([]string{mailFrom, "alex.sobel.mp@parliament.uk"}, append([]string{delivered.From}, delivered.To...)); diff != "" {
		t.Errorf("the envelope of the letter:\n%s", diff)
	}
	if diff := cmp.Diff(want+"\n", read(t, delivered).text); diff != "" {
		t.Errorf("what was delivered is not what was previewed (-want +got):\n%s", diff)
	}

	_, weight := b.received()
	b.reloadUntil(".postmark.sent")
	b.sees(p.say("state.sent.title"), p.say("step.sent"))
	b.showsLetter(want)
	if n := b.count(toConfirm) + b.count(toWithdraw); n != 0 {
		t.Errorf("a letter that is gone still has %d buttons to confirm or withdraw it", n)
	}
	if diff := cmp.Diff(map[string]campaign.Count{leeds: {Constituency: leeds, Written: 1, Confirmed: 1, Sent: 1}}, p.counts()); diff != "" {
		t.Errorf("counts in the end:\n%s", diff)
	}
	if n := p.smtp.Accepted(); n != 2 {
		t.Errorf("%d mails came, not 2", n)
	}
	b.checkWeight(weight)
}

// follow does what a scanner of mail does with a link.
func follow(t *testing.T, method, link string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	if response.StatusCode >= 500 {
		t.Errorf("%s %s: %s", method, link, response.Status)
	}
}

// showsLetter fails the test unless the page holds the letter to the character
// and lays it out line by line as it will arrive.
func (b *tab) showsLetter(want string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.content(verbatim)); diff != "" {
		b.t.Errorf("%s holds another letter (-want +got):\n%s", b.path(), diff)
	}
	if diff := cmp.Diff(want, b.text(verbatim)); diff != "" {
		b.t.Errorf("%s shows another letter (-want +got):\n%s", b.path(), diff)
	}
}

// mostBytes is how much the whole way may weigh.
const mostBytes = 52 << 10

// checkWeight adds the page that the way ended on to what came before it. All
// is counted that came over the wire: heads, pages, stylesheet and everything
// else, compressed as it was. How often the last page had to be loaded until
// the letter was sent is chance, and counts once.
func (b *tab) checkWeight(before int64) {
	b.t.Helper()
	requests, _ := b.received()
	total := before
	for _, r := range slices.Backward(requests) {
		if r.kind == network.ResourceTypeDocument {
			total += r.bytes
			break
		}
	}
	for _, r := range requests {
		if !r.cached {
			b.t.Logf("%6d bytes %s %s %d", r.bytes, r.method, strings.TrimPrefix(r.url, b.program.base), r.status)
		}
	}
	b.t.Logf("%6d bytes in all, without reloads", total)
	if total > mostBytes {
		b.t.Errorf("the way weighs %d bytes, more than %d", total, mostBytes)
	}
	if total < 4<<10 {
		b.t.Errorf("the way weighs %d bytes: something was not counted", total)
	}
}
