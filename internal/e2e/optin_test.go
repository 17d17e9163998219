package e2e

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

const (
	friendsAsk = "Friends of Leeds may write to me once a month."
	ownAsk     = "Tell me what becomes of this campaign."

	forPartner = "#opt_in_partner"
	forOwner   = "#opt_in_owner"
	toOptOut   = `form[action$="/opt-out"] button`
)

// asking adds a partner that asks supporters whether it may write to them, and
// has the campaign ask as well. It returns a key of the partner's.
func (p *program) asking() string {
	p.t.Helper()
	ctx, by, s := context.Background(), account.Actor{Name: "test"}, p.app.Service()
	err := s.AddPartner(ctx, by, campaign.Partner{
		Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example", Origins: []string{"https://friends.example"},
		OptIn: map[string]string{"en": friendsAsk, "cy": "Caiff Friends of Leeds ysgrifennu ataf unwaith y mis."},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.asks("en", ownAsk)
	p.asks("cy", "Dywedwch wrthyf beth sy’n digwydd i’r ymgyrch hon.")
	key, err := s.NewAPIKey(ctx, by, "friends", "the CRM")
	if err != nil {
		p.t.Fatal(err)
	}
	return key
}

// asks has the campaign ask something else.
func (p *program) asks(lang, words string) {
	p.t.Helper()
	s := p.app.Service()
	source, err := s.Source(context.Background(), slug)
	if err != nil {
		p.t.Fatal(err)
	}
	f, _ := campaign.ReadFile(source.TOML)
	f.Texts[lang].OptIn = words
	if _, err := s.SaveCampaign(context.Background(), account.Actor{Name: "test"}, slug, f.TOML(), source.Version, ""); err != nil {
		p.t.Fatal(err)
	}
}

// pull fetches a partner's opt-ins as a program does, without the head.
func (p *program) pull(key string) [][]string {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.base+"/api/v1/opt-ins.csv", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	records, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s, %v", answer.Status, err)
	}
	return records[1:]
}

// ticks fails the test unless just these boxes of the page are ticked.
func (b *tab) ticks(want ...string) {
	b.t.Helper()
	for _, box := range []string{forPartner, forOwner} {
		ticked := 0
		for _, w := range want {
			if w == box {
				ticked = 1
			}
		}
		if n := b.count(box + ":checked"); n != ticked {
			b.t.Errorf("%s: %d ticked, want %d", box, n, ticked)
		}
	}
}

// TestOptIn ticks a box, sends and confirms the letter, lets the partner pull it
// and ends it by one click: with and without JavaScript, and from an embed.
func TestOptIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		embed, noScript bool
	}{
		{"with JavaScript", false, false}, {"without JavaScript", false, true}, {"embedded", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			key, asked := p.asking(), "page"
			d := phone
			d.noScript = c.noScript
			b := p.open(d)
			if c.embed {
				asked = "embed"
				p.postsFromFrame()
			} else {
				b.tickAndSend()
			}
			link := privateLink(t, p.smtp.Next(t))
			if got := p.pull(key); len(got) != 0 {
				t.Errorf("before it is confirmed they get %v", got)
			}
			b.openPrivate(link)
			b.sees(friendsAsk, p.say("opt_in.waits"))
			b.follow(toConfirm)
			got := p.pull(key)
			if len(got) != 1 || got[0][1] != "active" || got[0][3] != zofia.name || got[0][4] != zofia.email || got[0][6] != friendsAsk || got[0][10] != asked {
				t.Fatalf("they get %v", got)
			}
			p.smtp.Next(t)
			b.visit(strings.TrimPrefix(got[0][14], p.base))
			b.seesNot(zofia.name, zofia.email)
			b.follow(`form[action^="/u/"] button`)
			b.sees(p.say("opt_in.done_heading"))
			if got = p.pull(key); len(got) != 1 || got[0][1] != "ended" || got[0][3]+got[0][4] != "" {
				t.Errorf("once it has ended they get %v", got)
			}
			if n := p.rows("opt_in_people"); n != 0 {
				t.Errorf("%d people are kept", n)
			}
		})
	}
}

// TestOptIn_PressedWithinASitesPage ticks the boxes where supporters of a partner
// meet them: in a frame of another origin, by finger, mouse and key, with and
// without scripts, and in a sandbox.
func TestOptIn_PressedWithinASitesPage(t *testing.T) {
	t.Parallel()
	p, h := start(t), serve(t, "localhost")
	key := p.asking()
	partner, err := p.app.Service().AnyPartner("friends")
	if err != nil {
		t.Fatal(err)
	}
	beside := *partner
	beside.Origins = []string{h.base}
	if err := p.app.Service().EditPartner(t.Context(), account.Actor{Name: "test"}, beside); err != nil {
		t.Fatal(err)
	}
	off := phone
	off.noScript = true
	sandboxed := fmt.Sprintf(asFrame, p.base, "friends", ` sandbox="allow-forms allow-scripts allow-popups"`) + fmt.Sprintf(`<script async src="%s/embed.js"></script>`, p.base)
	for i, c := range []struct {
		name, content, frame string
		device               device
	}{
		{name: "script", content: fmt.Sprintf(snippet, p.base, "friends"), frame: element, device: phone},
		{name: "element", content: fmt.Sprintf(asElement, p.base, "friends"), frame: element, device: desktop},
		{name: "no scripts", content: fmt.Sprintf(asFrame, p.base, "friends", ""), frame: inside, device: off},
		{name: "sandbox", content: sandboxed, frame: inside, device: desktop},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := p.in(t)
			h.put("/act", c.content)
			b := p.openAt(c.device, h)
			b.visitHost(h, "/act")
			form, s := b.guest(c.frame, "#postcode"), another(20+i)
			form.fill("#postcode", s.typed)
			form.follow(framedFind)
			form.ticks()
			form.details(s)
			form.press("label[for=opt_in_partner]")
			form.ticks(forPartner)
			form.key(" ")
			form.ticks()
			form.key(" ")
			form.ticks(forPartner)
			form.press("label[for=opt_in_owner]")
			form.press("label[for=opt_in_owner]")
			form.ticks(forPartner)
			form.follow(framedPreview)
			form.sees(p.say("opt_in.ticked"), friendsAsk)
			form.seesNot(ownAsk)
			form.follow(framedSend)
			own := p.open(desktop)
			own.openPrivate(privateLink(t, p.smtp.Next(t)))
			own.sees(friendsAsk)
			own.follow(toConfirm)
			p.smtp.Next(t)
			all := p.pull(key)
			mine := slices.IndexFunc(all, func(row []string) bool { return row[4] == s.email })
			if len(all) != i+1 || mine < 0 {
				t.Fatalf("the partner gets %v", all)
			}
			if got := [...]string{all[mine][1], all[mine][6], all[mine][10], all[mine][13]}; got != [...]string{"active", friendsAsk, "embed", h.base} {
				t.Errorf("the partner gets %q", got)
			}
			if !c.device.noScript {
				b.toldNothing(s)
			}
			h.keptClean(t)
		})
	}
}

// tickAndSend goes the whole way with the partner's box ticked.
func (b *tab) tickAndSend() {
	b.t.Helper()
	b.visit(atCampaign + "?partner=friends")
	b.fill("#postcode", zofia.typed)
	b.follow(findMP)
	b.ticks()
	b.details(zofia)
	b.press("label[for=opt_in_partner]")
	b.follow(toPreview)
	b.sees(b.program.say("opt_in.ticked"), friendsAsk)
	b.follow(toChange)
	b.ticks(forPartner)
	b.fill("#name", "")
	b.followFor(422, toPreview)
	b.ticks(forPartner)
	b.fill("#name", zofia.name)
	b.follow(toPreview)
	b.follow(toSend)
}

// postsFromFrame posts what an embed does at the end of the way.
func (p *program) postsFromFrame() {
	p.t.Helper()
	form := url.Values{
		campaign.FieldPostcode: {zofia.typed}, "constituency": {leeds}, campaign.FieldSubject: {"My neighbour"}, campaign.FieldBody: {zofia.opening},
		"opt_in_partner": {campaign.Wording{Lang: "en", Text: friendsAsk}.Hash()},
	}
	for _, field := range zofia.fields() {
		form.Set(field[0], field[1])
	}
	answer, err := http.PostForm(p.base+"/embed/friends"+atSend, form)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("the letter was answered with %s, %v", answer.Status, err)
	}
}

// TestOptIn_draft: what the browser remembers of a letter ticks no box, and what
// stands for the words stays what the page has.
func TestOptIn_draft(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.asking()
	b := p.open(phone)
	b.askFor(zofia.typed)
	b.details(zofia)
	b.press("label[for=opt_in_owner]")
	b.ticks(forOwner)
	b.askFor(zofia.typed) // the draft comes back
	if b.value("#name") != zofia.name {
		t.Fatal("there is no draft: this test shows nothing")
	}
	b.ticks()
	p.asks("en", "Something else.")
	b.askFor(zofia.typed)
	if got, want := b.value(forOwner), (campaign.Wording{Lang: "en", Text: "Something else."}).Hash(); got != want {
		t.Errorf("the box stands for %s, not %s", got, want)
	}
	b.ticks()
}

// tourOptIns shows what opt-ins look like, wherever they are.
func tourOptIns(t *testing.T, d device, see func(b *tab, name string)) {
	p := start(t, at(testkit.NewClock(monday)))
	key := p.asking()
	b := p.open(d)
	b.visit(atCampaign + "?partner=friends")
	b.fill("#postcode", amina.typed)
	b.follow(findMP)
	see(b, "letter-opt-ins")
	b.details(amina)
	b.press("label[for=opt_in_partner]")
	b.press("label[for=opt_in_owner]")
	b.follow(toPreview)
	see(b, "preview-opt-ins")
	lang := d.lang
	if lang == "" {
		lang = "en"
	}
	p.asks(lang, "Tell me everything.")
	b.follow(toSend)
	see(b, "letter-opt-ins-changed")
	b.follow(toPreview)
	b.follow(toSend)
	b.openPrivate(privateLink(t, p.smtp.Next(t)))
	see(b, "private-opt-ins-awaiting")
	b.follow(toConfirm)
	p.smtp.Next(t)
	b.reloadUntil(".postmark.sent")
	see(b, "private-opt-ins")
	link := p.pull(key)[0][14]
	b.follow(toOptOut)
	see(b, "private-opt-ins-ended")
	b.visit("/u/" + link[strings.LastIndexByte(link, '/')+1:])
	see(b, "unsubscribe")
	b.follow(`form[action*="/u/"] button`)
	see(b, "unsubscribe-done")
	b.visit("/stop/" + strings.Repeat("A", 32)) // the same for an address that stops nothing
	see(b, "stop")
	b.follow(`form[action*="/stop/"] button`)
	see(b, "stop-done")
	if d.lang == "" { // the workspace is in English
		b.signIn(account.Owner)
		b.visit("/organise/c/" + slug + "#opt-ins")
		see(b, "desk-opt-ins")
	}
}
