package e2e

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
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
	if d.lang == "" { // the workspace is in English
		b.signIn(account.Owner)
		b.visit("/organise/c/" + slug + "#opt-ins")
		see(b, "desk-opt-ins")
	}
}
