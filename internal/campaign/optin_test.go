package campaign_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/account"
	. "postbag/internal/campaign"
	"postbag/internal/fault"
)

const (
	friendsAsk   = "Friends of Leeds may write to me once a month."
	friendsAskCy = "Caiff Friends of Leeds ysgrifennu ataf unwaith y mis."
	ownAsk       = "Tell me what becomes of this campaign."
)

// asking is a desk whose campaign asks in English, and which has a partner that
// asks in English and Welsh.
func asking(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	check(t, d.AddPartner(t.Context(), olga, Partner{
		Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example", Origins: []string{"https://friends.example"},
		OptIn: map[string]string{"en": friendsAsk, "cy": friendsAskCy},
	}))
	d.asks(t, ownAsk)
	return d
}

// asks has the campaign ask something in English.
func (d *desk) asks(t *testing.T, words string) {
	t.Helper()
	source, err := d.Source(t.Context(), slug)
	check(t, err)
	f, _ := ReadFile(source.TOML)
	f.Texts["en"].OptIn = words
	_, err = d.SaveCampaign(t.Context(), olga, slug, f.TOML(), source.Version, "")
	check(t, err)
}

// partner changes the partner.
func (d *desk) partner(t *testing.T, change func(*Partner)) {
	t.Helper()
	p, err := d.AnyPartner("friends")
	check(t, err)
	changed := *p
	change(&changed)
	check(t, d.EditPartner(t.Context(), olga, changed))
}

// agreed is a form that ticks words of the partner's, and of the campaign's.
func agreed(partner, owner string) Form {
	return typed(func(f *Form) {
		f.Credit = Credit{Partner: "friends", Source: "source=mail"}
		if partner != "" {
			f.OptIns.Partner = Wording{Lang: "en", Text: partner}.Hash()
		}
		if owner != "" {
			f.OptIns.Owner = Wording{Lang: "en", Text: owner}.Hash()
		}
	})
}

// given returns what an organisation gets, each as "name email source credit".
func (d *desk) given(t *testing.T, of OptInsOf) (all []string) {
	t.Helper()
	check(t, d.ExportOptIns(t.Context(), olga, of, func(some []OptIn) error {
		for _, o := range some {
			if o.Contact == nil {
				all = append(all, "ended "+o.Ended)
				continue
			}
			c := o.Contact
			all = append(all, strings.Join([]string{c.Name, c.Email, o.Wording.Text, c.At.Format(time.RFC3339), c.Credit.Source}, "|"))
		}
		return nil
	}))
	return all
}

func TestService_AskOptIns(t *testing.T) {
	d := asking(t)
	retire := func(p *Partner) { p.RetiredAt = d.clock.Now() }
	for _, c := range []struct {
		name   string
		form   Form
		change func()
		want   string // the questions, with a plus where they are ticked and a ! where they were, otherwise
		gone   bool
	}{
		{"nothing ticked", agreed("", ""), nil, friendsAsk + "; " + ownAsk, false},
		{"without a partner", typed(), nil, ownAsk, false},
		{"of a partner that there is not", typed(func(f *Form) { f.Credit.Partner = "strangers" }), nil, ownAsk, false},
		{"ticked", agreed(friendsAsk, ownAsk), nil, friendsAsk + "+; " + ownAsk + "+", false},
		{"in Welsh, where the campaign asks nothing", typed(func(f *Form) { f.Lang, f.Credit.Partner = "cy", "friends" }), nil, friendsAskCy, false},
		{"ticked in English, now in Welsh", func() Form { f := agreed(friendsAsk, ownAsk); f.Lang = "cy"; return f }(), nil, friendsAsk + "+; " + ownAsk + "+", false},
		{"one under the other's words", func() Form { f := agreed("", ""); f.OptIns.Owner = Wording{"en", friendsAsk}.Hash(); return f }(), nil, friendsAsk + "; " + ownAsk + "!", true},
		{"a partner's without the partner", typed(func(f *Form) { f.OptIns.Partner = Wording{"en", friendsAsk}.Hash() }), nil, ownAsk, true},
		{"other words since", agreed(friendsAsk, ownAsk), func() { d.asks(t, "Something else.") }, friendsAsk + "+; Something else.!", true},
		{"no words since", agreed(friendsAsk, ownAsk), func() { d.asks(t, "") }, friendsAsk + "+", true},
		{"a partner that has retired", agreed(friendsAsk, ""), func() { d.partner(t, retire) }, "", true},
		{"nothing asked, nothing ticked", agreed("", ""), nil, "", false},
	} {
		if c.change != nil {
			c.change()
		}
		found, err := d.Campaign(slug)
		check(t, err)
		asks, gone := d.AskOptIns(found, c.form)
		var got []string
		for _, ask := range asks {
			words := ask.Wording.Text
			if ask.Ticked {
				words += "+"
			}
			if ask.Changed {
				words += "!"
			}
			got = append(got, words)
		}
		if strings.Join(got, "; ") != c.want || gone != c.gone {
			t.Errorf("%s: %q, gone %v", c.name, got, gone)
		}
	}
}

func TestService_OptIns(t *testing.T) {
	d := asking(t)
	friends := OptInsOf{Partner: "friends"}
	token := d.mailed(t, agreed(friendsAsk, ""))
	p, err := d.Open(t.Context(), token)
	check(t, err)
	if len(p.OptIns) != 1 || p.OptIns[0].Confirmed != "" || p.OptIns[0].Wording.Text != friendsAsk {
		t.Errorf("before it is confirmed the page has %+v", p.OptIns)
	}
	if got := d.given(t, friends); got != nil {
		t.Errorf("before it is confirmed they get %q", got)
	}
	confirm(t, d, token)
	want := []string{"Amina O’Connor|amina@example.org|" + friendsAsk + "|2026-11-23T12:00:00Z|source=mail"}
	if diff := cmp.Diff(want, d.given(t, friends)); diff != "" {
		t.Error(diff)
	}
	for _, other := range []OptInsOf{{}, {Campaign: slug}, {Partner: "strangers"}} {
		if got := d.given(t, other); got != nil {
			t.Errorf("%+v get %q", other, got)
		}
	}
	// A month later the letter's person is gone, and the opt-in stands.
	d.mails(t)
	d.tick(t, 30*24*time.Hour+time.Minute)
	if p, err = d.Open(t.Context(), token); err != nil || p.Person != nil || p.OptIns != nil {
		t.Errorf("once erased the page has %+v (%v)", p, err)
	}
	if diff := cmp.Diff(want, d.given(t, friends)); diff != "" {
		t.Error(diff)
	}
	check(t, d.ExportOptIns(t.Context(), olga, friends, func(some []OptIn) error {
		return d.EndOptIn(t.Context(), some[0].Contact.Token)
	}))
	if diff := cmp.Diff([]string{"ended 2026-12-23"}, d.given(t, friends)); diff != "" {
		t.Error(diff)
	}
	for _, unknown := range []string{"", "short", strings.Repeat("A", 22), token} {
		check(t, d.EndOptIn(t.Context(), unknown))
	}
}

// A partner that has retired gets nobody any more: what was ticked for it and
// waits does not count, unless it has returned by then.
func TestService_Confirm_partnerRetired(t *testing.T) {
	d := asking(t)
	friends := OptInsOf{Partner: "friends"}
	stays := typed(func(f *Form) { f.Email = "sam@example.org" })
	stays.Credit, stays.OptIns = agreed(friendsAsk, "").Credit, agreed(friendsAsk, "").OptIns
	first, second := d.mailed(t, agreed(friendsAsk, ownAsk)), d.mailed(t, stays)
	d.partner(t, func(p *Partner) { p.RetiredAt = d.clock.Now() })
	p, err := d.Open(t.Context(), first)
	check(t, err)
	if len(p.OptIns) != 1 || p.OptIns[0].Partner != "" {
		t.Errorf("the page says that these will count: %+v", p.OptIns)
	}
	confirm(t, d, first)
	if got := d.given(t, friends); got != nil {
		t.Errorf("they get %q", got)
	}
	if n := len(d.given(t, OptInsOf{})); n != 1 {
		t.Errorf("who runs the campaign gets %d", n)
	}
	d.partner(t, func(p *Partner) { p.RetiredAt = time.Time{} })
	confirm(t, d, second)
	if got := d.given(t, friends); len(got) != 1 || !strings.Contains(got[0], "sam@example.org") {
		t.Errorf("once they have returned they get %q", got)
	}
}

// Nothing is written where the words are not those that were ticked.
func TestService_Submit_otherWords(t *testing.T) {
	d := asking(t)
	f := agreed(friendsAsk, ownAsk)
	d.asks(t, "Something else.")
	w, err := d.Submit(t.Context(), slug, f)
	if err != nil || w.Changed != ChangedOptIn {
		t.Errorf("%q, %v", w.Changed, err)
	}
	if n := len(d.mails(t)); n != 0 {
		t.Errorf("%d mails", n)
	}
	f.OptIns.Owner = ""
	if w, err = d.Submit(t.Context(), slug, f); err != nil || w.Changed != "" {
		t.Errorf("once it is not ticked: %q, %v", w.Changed, err)
	}
}

// Where Postbag does not send the letter there is no address to write to.
func TestService_Write_noOptInsByPost(t *testing.T) {
	d := asking(t)
	f := agreed(friendsAsk, "what nobody asks")
	f.Way = WayPost
	if w, err := d.Write(t.Context(), slug, f); err != nil || w.OptIns != nil || w.Changed != "" {
		t.Errorf("%+v %q, %v", w.OptIns, w.Changed, err)
	}
}

// The same letter with another answer is another: whichever is confirmed counts.
func TestService_Submit_anotherAnswer(t *testing.T) {
	d := asking(t)
	first := d.mailed(t, agreed("", ""))
	second := d.mailed(t, agreed(friendsAsk, ""))
	if first == second {
		t.Fatal("the second answer is lost")
	}
	confirm(t, d, second)
	if n := len(d.given(t, OptInsOf{Partner: "friends"})); n != 1 {
		t.Errorf("%d opt-ins", n)
	}
	d.wantState(t, first, StateWithdrawn)
}

// The same words beside another organisation's box are another answer: nobody
// gives to one what they ticked for the other.
func TestService_Submit_sameWordsOfAnother(t *testing.T) {
	d := asking(t)
	check(t, d.AddPartner(t.Context(), olga, Partner{
		Slug: "strangers", Name: "Strangers", Website: "https://strangers.example", Origins: []string{"https://strangers.example"},
		OptIn: map[string]string{"en": friendsAsk},
	}))
	first := d.mailed(t, agreed(friendsAsk, ""))
	f := agreed(friendsAsk, "")
	f.Credit.Partner = "strangers"
	second := d.mailed(t, f)
	if first == second {
		t.Fatal("what was ticked for the one counts for the other")
	}
	confirm(t, d, second)
	if got := d.given(t, OptInsOf{Partner: "friends"}); got != nil {
		t.Errorf("the friends get %q", got)
	}
	if n := len(d.given(t, OptInsOf{Partner: "strangers"})); n != 1 {
		t.Errorf("the strangers get %d", n)
	}
}

func TestService_ExportOptIns_isWrittenDown(t *testing.T) {
	d := asking(t)
	confirm(t, d, d.mailed(t, agreed(friendsAsk, "")))
	d.given(t, OptInsOf{Partner: "friends", Since: "2026-11-01"})
	failed := errors.New("the line is down")
	if err := d.ExportOptIns(t.Context(), olga, OptInsOf{Partner: "friends"}, func([]OptIn) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("an export that cannot be written: %v", err)
	}
	log, err := d.store.AuditLog(t.Context(), account.AuditFilter{Family: "opt_ins"}, 10)
	check(t, err)
	if len(log) != 2 || log[1].After != `{"rows":1,"since":"2026-11-01"}` || log[1].Object != "opt-ins of partner friends" || log[1].Actor.Name != "Olga" {
		t.Errorf("written down: %+v", log)
	}
}

func TestReadSince(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", "2026-11-23": "2026-11-23", "2026-06-30T23:30:00Z": "2026-07-01", "2026-11-23T12:00:00+01:00": "2026-11-23",
		"yesterday": "!", "2026-13-01": "!", "23/11/2026": "!", "2026-11-23 12:00": "!", "' OR 1": "!",
	} {
		got, err := ReadSince(typed)
		if want == "!" && fault.CodeOf(err) != fault.Invalid || want != "!" && (err != nil || got != want) {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}

// Two wordings of one hash would let the one be agreed to and the other be kept.
// Who writes wordings could look for such a pair: among 2^64 it is found soon.
func TestWording_Hash(t *testing.T) {
	seen := map[string]Wording{}
	for _, w := range []Wording{{"en", "a"}, {"cy", "a"}, {"en", "b"}, {"en", "a "}} {
		hash := w.Hash()
		if was, ok := seen[hash]; ok {
			t.Errorf("%+v and %+v have one hash", was, w)
		}
		if seen[hash] = w; len(hash) != 32 {
			t.Errorf("a hash of %d bits", 4*len(hash))
		}
	}
}

func TestParseFile_optIn(t *testing.T) {
	for words, problem := range map[string]bool{
		"Write to me.": false, strings.Repeat("x", MaxOptIn): false, strings.Repeat("x", MaxOptIn+1): true,
	} {
		c, err := ParseFile(strings.Replace(small, `title = "T"`, `title = "T"`+"\nopt_in = \" "+words+" \"", 1))
		if (err != nil) != problem || err == nil && c.Text("en").OptIn != words {
			t.Errorf("%.20q: %v", words, err)
		}
	}
	f, _ := ReadFile(everythingSaid)
	f.AddLanguage("cy")
	if f.Texts["cy"].OptIn != "" {
		t.Error("a new language asks in the words of another")
	}
}
