package mailer

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/assets"
	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/seal"
	"postbag/internal/testkit"
	"postbag/internal/view"
	"postbag/templates"
)

// campaignOf is Campaigns with one campaign, or with none.
type campaignOf struct{ *campaign.Campaign }

func (c campaignOf) AnyCampaign(slug string) (*campaign.Campaign, error) {
	if c.Campaign == nil || c.Slug != slug {
		return nil, fault.New(fault.NotFound, "error.no_campaign")
	}
	return c.Campaign, nil
}

func newPost(t *testing.T, transport Transport) *Post {
	t.Helper()
	keys, err := seal.New([]byte(strings.Repeat("k", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	said, err := vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	c := &campaign.Campaign{Slug: "mps", DefaultLang: "en", Texts: map[string]*campaign.Text{
		"en": {Lang: "en", Title: "MPs Not Border Guards"},
		"cy": {Lang: "cy", Title: "ASau Nid Gwarchodwyr Ffiniau"},
	}}
	return &Post{
		Transport: transport, Keys: keys, Words: said, Campaigns: campaignOf{c},
		BaseURL: func() string { return "https://postbag.example.org" },
	}
}

// jobOf is a mail about one letter, of which everything is known that may be.
func jobOf(t *testing.T, p *Post, kind campaign.MailKind, lang string) campaign.Job {
	t.Helper()
	hash := []byte("token hash")
	sealed, err := campaign.SealPerson(p.Keys, &campaign.Person{
		Name: "Stranger Danger", Email: "sam.okafor@example.com", Phone: "+44 113 496 0000", Address1: "17 Stranger Road", Town: "Strangeton",
		Postcode: "LS6 3HN", Subject: "Strange subject", Letter: "Strange letter", Token: "4fXqPrivateLinkToken99",
	}, hash)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.November, 23, 10, 24, 0, 0, time.UTC)
	j := campaign.Job{
		ID: 3, Letter: 41, Kind: kind, MessageID: string(kind) + ".7h2k@postbag.example.org", QueuedAt: at, Attempts: 1,
		Campaign: "mps", Lang: lang, Constituency: "Leeds Central and Headingley", WrittenTo: "Alex Rivers",
		To:        campaign.Target{MemberID: 1, Name: "Alex Rivers", Email: "alex.rivers.mp@parliament.example"},
		TokenHash: hash, Sealed: sealed, Reference: "K7QM2XRD", ExpiresAt: at.Add(campaign.ConfirmWithin),
	}
	switch kind {
	case campaign.MailDeclined:
		j.Note = campaign.SealNote(p.Keys, "Alex Rivers has joined the campaign.\n\nWrite to thank them, if you like.", hash)
		j.KeptUntil = at.Add(campaign.RetainEnded)
	case campaign.MailSent, campaign.MailFollowUp, campaign.MailLast, campaign.MailForward:
		j.SentAt, j.TextUntil, j.KeptUntil = at, at.Add(7*24*time.Hour), at.Add(30*24*time.Hour)
	case campaign.MailHeld:
		j.To, j.KeptUntil = campaign.Target{}, at.Add(campaign.RetainVacant)
	case campaign.MailChanged:
		j.To.Name, j.KeptUntil = "Sam Successor", at.Add(campaign.RetainOpen)
	case campaign.MailFailed, campaign.MailBounced, campaign.MailPledged:
		j.KeptUntil = at.Add(campaign.RetainOpen)
	}
	return j
}

var allKinds = []campaign.MailKind{
	campaign.MailConfirm, campaign.MailRemind, campaign.MailRepeat, campaign.MailDeclined, campaign.MailSent, campaign.MailFailed,
	campaign.MailBounced, campaign.MailHeld, campaign.MailChanged, campaign.MailPledged, campaign.MailFollowUp, campaign.MailLast, campaign.MailForward,
}

const reply = "Received: from mail.parliament.example\nFrom: \"Office of Alex Rivers\" <alex.rivers.mp@parliament.example>\nSubject: Automatic reply\n\nThank you for your email.\n"

var (
	boundary = regexp.MustCompile(`[0-9a-f]{60}`) // as mime/multipart makes them

	vocabulary = sync.OnceValues(func() (*view.Renderer, error) { return view.New(templates.FS, assets.FS, view.Options{}) })
)

// normal takes out of a message what is another each time.
func normal(raw []byte) []byte { return boundary.ReplaceAll(raw, []byte("BOUNDARY")) }

// Every kind of mail to supporters, in every language, as a mail program gets it.
func TestPost_Golden(t *testing.T) {
	for _, lang := range []string{"en", "cy"} {
		for _, kind := range allKinds {
			server := testkit.StartSMTP(t, testkit.SMTPConfig{})
			post := newPost(t, newSender(t, server))
			if kind == campaign.MailForward {
				post.Transport = attaching{post.Transport}
			}
			j := jobOf(t, post, kind, lang)
			if o := post.Send(t.Context(), j); o.Verdict != campaign.VerdictSent {
				t.Fatalf("%s %s: %+v", lang, kind, o)
			}
			got := server.Next(t)
			golden(t, "mails/"+string(kind)+"."+lang+".eml", normal(got.Data))
			for line := range bytes.Lines(got.Data) {
				if len(line) > 200 || !bytes.HasSuffix(line, []byte("\r\n")) {
					t.Errorf("%s %s: the line %q", lang, kind, line)
				}
			}
			post.wantNoStranger(t, kind, got)
		}
	}
}

// attaching stands in for what finds the original of a mail that is passed on.
type attaching struct{ Transport }

func (a attaching) Send(ctx context.Context, m campaign.Mail) campaign.Outcome {
	m.Original = []byte(reply)
	return a.Transport.Send(ctx, m)
}

// wantNoStranger holds a mail to what it may say: an address that nobody has
// confirmed is mailed by whoever typed it, and hears nothing of what they typed.
func (p *Post) wantNoStranger(t *testing.T, kind campaign.MailKind, m testkit.SMTPMessage) {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	if got := msg.Header.Get("Auto-Submitted"); got != "auto-generated" {
		t.Errorf("%s: Auto-Submitted %q", kind, got)
	}
	all := string(m.Data) + m.Part(t, "text/plain") + m.Part(t, "text/html")
	for _, word := range []string{"Strange", "LS6 3HN", "+44 113"} {
		if strings.Contains(all, word) {
			t.Errorf("%s: the mail repeats %q, which somebody typed", kind, word)
		}
	}
	unsubscribe, oneClick := msg.Header.Get("List-Unsubscribe"), msg.Header.Get("List-Unsubscribe-Post")
	if !kind.Asks() {
		if unsubscribe != "" || oneClick != "" {
			t.Errorf("%s: %s can be stopped, and is not one of a series", kind, unsubscribe)
		}
		return
	}
	token, stops := strings.CutPrefix(strings.Trim(unsubscribe, "<>"), p.BaseURL()+"/stop/")
	if !stops {
		token, stops = strings.CutPrefix(strings.Trim(unsubscribe, "<>"), p.BaseURL()+"/cy/stop/")
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if !stops || oneClick != "List-Unsubscribe=One-Click" || err != nil || len(sealed) != 24 || strings.Contains(unsubscribe, "PrivateLink") {
		t.Errorf("%s: List-Unsubscribe %q, %q, %v", kind, unsubscribe, oneClick, err)
	}
}

// Mail to those who run campaigns is made the same way.
func TestAccountPost_Golden(t *testing.T) {
	server := testkit.StartSMTP(t, testkit.SMTPConfig{})
	p := newPost(t, nil)
	mail, err := account.NewMail(p.Keys, "postbag.example.org", account.MailReset, account.LinkMail{Token: "a-token", Hours: 1})
	if err != nil {
		t.Fatal(err)
	}
	post := &AccountPost{Transport: newSender(t, server), Keys: p.Keys, Words: p.Words, BaseURL: p.BaseURL}
	o := post.Send(t.Context(), campaign.Job{
		Kind: campaign.MailKind(mail.Kind), MessageID: mail.MessageID, QueuedAt: time.Date(2026, time.November, 23, 10, 24, 0, 0, time.UTC),
		Sealed: mail.Sealed, To: campaign.Target{Name: "Ali", Email: "ali@example.org"},
	})
	if o.Verdict != campaign.VerdictSent {
		t.Fatal(o)
	}
	raw := bytes.ReplaceAll(normal(server.Next(t).Data), []byte(mail.MessageID), []byte("reset.7h2k@postbag.example.org"))
	golden(t, "mails/reset.en.eml", raw)
}

// A letter's supporter is told although its campaign can be read no more.
func TestPost_campaignGone(t *testing.T) {
	for _, kind := range allKinds {
		transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictSent}}
		post := newPost(t, transport)
		post.Campaigns = campaignOf{}
		if o := post.Send(t.Context(), jobOf(t, post, kind, "en")); o.Verdict != campaign.VerdictSent || !strings.Contains(transport.got.Text, "Postbag") {
			t.Errorf("%s: %+v, %q", kind, o, transport.got.Text)
		}
	}
}

// The MP who left is the one whom the letter went to.
func TestPost_namesWhomTheLetterWentTo(t *testing.T) {
	transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictSent}}
	post := newPost(t, transport)
	for kind, want := range map[campaign.MailKind]string{
		campaign.MailConfirm: "Sam Successor", campaign.MailSent: "Alex Rivers", campaign.MailFollowUp: "Alex Rivers", campaign.MailBounced: "Alex Rivers",
	} {
		j := jobOf(t, post, kind, "en")
		j.To.Name = "Sam Successor"
		post.Send(t.Context(), j)
		other := map[string]string{"Sam Successor": "Alex Rivers", "Alex Rivers": "Sam Successor"}[want]
		if !strings.Contains(transport.got.Text, want) || strings.Contains(transport.got.Text, other) {
			t.Errorf("%s:\n%s", kind, transport.got.Text)
		}
	}
}

// Whoever has confirmed, and is told how it stands with their letter, is told until
// when they can read it.
func TestPost_saysUntilWhen(t *testing.T) {
	for _, kind := range []campaign.MailKind{
		campaign.MailDeclined, campaign.MailSent, campaign.MailFailed, campaign.MailBounced, campaign.MailHeld, campaign.MailChanged, campaign.MailPledged,
	} {
		transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictSent}}
		post := newPost(t, transport)
		j := jobOf(t, post, kind, "en")
		post.Send(t.Context(), j)
		if day := j.KeptUntil.Format("Monday 2 January"); !strings.Contains(strings.ReplaceAll(transport.got.Text, "\u00a0", " "), day) {
			t.Errorf("%s does not say %s:\n%s", kind, day, transport.got.Text)
		}
	}
}

// A mail offers on the private page only what is there: of a letter that did not
// go nobody is asked what came back, and one that has ended is not taken back.
func TestPost_offersWhatThePageHas(t *testing.T) {
	const answered, takeBack = "say what your MP answered", "take it back before it is sent"
	for _, tt := range []struct {
		kinds []campaign.MailKind
		want  string
		never []string
	}{
		{[]campaign.MailKind{campaign.MailConfirm, campaign.MailRemind, campaign.MailRepeat}, takeBack, []string{answered}},
		{[]campaign.MailKind{campaign.MailSent, campaign.MailFollowUp, campaign.MailLast, campaign.MailForward}, answered, []string{takeBack}},
		{[]campaign.MailKind{
			campaign.MailDeclined, campaign.MailFailed, campaign.MailBounced, campaign.MailHeld, campaign.MailChanged, campaign.MailPledged,
		}, "see your letter and what became of it, and delete your data", []string{answered, takeBack}},
	} {
		for _, kind := range tt.kinds {
			transport := &answers{outcome: campaign.Outcome{Verdict: campaign.VerdictSent}}
			post := newPost(t, transport)
			post.Send(t.Context(), jobOf(t, post, kind, "en"))
			if !strings.Contains(transport.got.Text, tt.want) {
				t.Errorf("%s does not say %q:\n%s", kind, tt.want, transport.got.Text)
			}
			for _, words := range tt.never {
				if strings.Contains(transport.got.Text, words) {
					t.Errorf("%s says %q", kind, words)
				}
			}
		}
	}
}

func TestBuild_Unsubscribe(t *testing.T) {
	b, err := newBuilder(from, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"mailto:x@example.org", "https://", "letters.example.org/stop/x", "https://example.org/>\r\nBcc: x@example.org", "https://example.org/a b",
		"https://example.org/a,b", "https://example.org/ŵ", "javascript:alert(1)", "https://example.org/" + strings.Repeat("x", 900),
	} {
		m := confirmation()
		m.Unsubscribe = bad
		if built, err := b.build(m); err == nil {
			t.Errorf("%q was accepted:\n%s", bad, built.raw)
		}
	}
}

// What is passed on arrives as it came, whatever it is.
func TestBuild_Original(t *testing.T) {
	b, err := newBuilder(from, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ original, kind string }{
		"an ordinary answer":  {reply, "message/rfc822"},
		"lines of From":       {"Subject: x\n\nFrom me\n", "application/octet-stream"},
		"an mbox's line":      {"From me\nSubject: x\n\ny\n", "application/octet-stream"},
		"not ASCII":           {"Subject: x\n\nDiolch yn fawr, Siân\n", "application/octet-stream"},
		"not UTF-8":           {"Subject: x\n\n\xe2\x00\n", "application/octet-stream"},
		"a very long line":    {"Subject: x\n\n" + strings.Repeat("y", 2000) + "\n", "application/octet-stream"},
		"a part with headers": {"Subject: x\n\nContent-Transfer-Encoding: 8bit\n\n.\n", "message/rfc822"},
		"nothing":             {"", "message/rfc822"},
	} {
		m := confirmation()
		m.HTML, m.Original = "<p>Hello</p>", []byte(c.original)
		built, err := b.build(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := testkit.SMTPMessage{Data: built.raw}
		if !strings.Contains(got.Part(t, "text/plain"), "Please confirm:") || got.Part(t, "text/html") != "<p>Hello</p>\n" {
			t.Errorf("%s: the words are\n%s", name, built.raw)
		}
		original := got.Part(t, c.kind)
		if c.kind == "application/octet-stream" {
			plain, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(original, "\n", ""))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			original = strings.ReplaceAll(string(plain), "\r\n", "\n")
		} else if bytes.Count(built.raw, []byte("Content-Transfer-Encoding: 7bit")) != 1 {
			t.Errorf("%s: it is not said to be 7bit", name)
		}
		if strings.TrimRight(original, "\n") != strings.TrimRight(c.original, "\n") {
			t.Errorf("%s: %q arrives as %q", name, c.original, original)
		}
		if bytes.Contains(built.raw, []byte("\nFrom ")) {
			t.Errorf("%s: a line begins with From", name)
		}
	}
}
