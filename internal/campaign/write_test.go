package campaign_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

func TestService_Write_answers(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		name, body string
		answers    [MaxQuestions]string
		want       string
		problem    string
	}{
		{"none", "The text.", [MaxQuestions]string{}, "The text.", ""},
		{"in order, a paragraph each", "The text.", [MaxQuestions]string{"First.", "Second.\nOn two lines."}, "First.\n\nSecond.\nOn two lines.\n\nThe text.", ""},
		{"one left out", "The text.", [MaxQuestions]string{" \n ", "", "Third. "}, "Third.\n\nThe text.", ""},
		{"instead of a text", " ", [MaxQuestions]string{"All I say."}, "All I say.", ""},
		{"invisible ones only", "", [MaxQuestions]string{"\u200b"}, "", "field.body.missing"},
		{"too long together", strings.Repeat("x", MaxBody-5), [MaxQuestions]string{"12345"}, "", "field.body.long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := typed(func(f *Form) { f.Body, f.Answers = c.body, c.answers })
			w, err := d.Write(t.Context(), slug, f)
			if got := problems(t, err)[FieldBody]; got != c.problem {
				t.Fatalf("problem %q, want %q", got, c.problem)
			}
			if c.problem != "" {
				if diff := cmp.Diff(f, w.Form); diff != "" {
					t.Error("what was typed is not where it was typed:", diff)
				}
				return
			}
			if w.Form.Body != c.want || !strings.Contains(w.Letter, ",\n\n"+c.want+"\n\nYours") {
				t.Errorf("the letter is %q", w.Letter)
			}
			if w.Form.Answers != [MaxQuestions]string{} {
				t.Error("the answers stand in the letter, and still in their fields")
			}
		})
	}
}

func TestService_Write_way(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*parliament.Member)
		wish   Way
		email  string
		want   Way
		asks   bool // for an email address
	}{
		{"the usual way", nil, "", "", WaySend, true},
		{"nonsense is the usual way", nil, "pigeon", "", WaySend, true},
		{"by post", nil, WayPost, "", WayPost, false},
		{"by own email", nil, WayEmail, "not an address", WayEmail, false},
		{"the MP’s own address is nobody’s business by post", nil, WayPost, member(durham).Email, WayPost, false},
		{"no email address", func(m *parliament.Member) { m.Email = "" }, WayEmail, "", WayPost, false},
		{"nobody there", vacate, WaySend, "", WayPost, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			if c.change != nil {
				d.reseat(t, durham, c.change)
			}
			f := typed(func(f *Form) { f.Way, f.Email = c.wish, c.email })
			w, err := d.Write(t.Context(), slug, f)
			if asks := problems(t, err)[FieldEmail] != ""; asks != c.asks {
				t.Fatalf("asks for an email address: %v", asks)
			}
			if c.asks {
				return
			}
			if w.Way != c.want || w.Form.Way != c.wish || w.Form.Email != c.email {
				t.Errorf("goes by %q, form %+v", w.Way, w.Form)
			}
			_, err = d.Submit(t.Context(), slug, f)
			if fault.CodeOf(err) != fault.Conflict || len(d.mails(t)) > 0 {
				t.Errorf("it was taken to be sent: %v", err)
			}
		})
	}
}

// What differs from the preview is noticed, whatever it is.
func TestService_Write_seen(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *desk)
		want   Change
	}{
		{"nothing", func(*testing.T, *desk) {}, ""},
		{"the MP pledged", func(t *testing.T, d *desk) { d.pledge(t, member(durham).ID) }, ChangedPledge},
		{"the MP is called otherwise", func(t *testing.T, d *desk) {
			d.reseat(t, durham, func(m *parliament.Member) { m.Name = "Lady New Name" })
		}, ChangedLetter},
		{"another MP", func(t *testing.T, d *desk) {
			d.reseat(t, durham, func(m *parliament.Member) { m.ID, m.Name = 999_999, "New Member" })
		}, ChangedMP},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			w, err := d.Write(t.Context(), slug, typed())
			if err != nil || w.Changed != "" || w.Form.Seen == "" {
				t.Fatalf("%v, changed %q, seen %q", err, w.Changed, w.Form.Seen)
			}
			c.change(t, d)
			again, err := d.Submit(t.Context(), slug, w.Form)
			if err != nil || again.Changed != c.want {
				t.Errorf("%v, changed %q, want %q", err, again.Changed, c.want)
			}
			if sent := len(d.mails(t)) > 0; sent != (c.want == "") {
				t.Errorf("mail went out: %v", sent)
			}
			if c.want == "" {
				return
			}
			if last, err := d.Submit(t.Context(), slug, again.Form); err != nil || last.Changed != "" {
				t.Errorf("after the second look: %v, changed %q", err, last.Changed)
			}
		})
	}
}

func TestCampaign_LetterLang(t *testing.T) {
	c := &Campaign{DefaultLang: "en", Texts: map[string]*Text{"en": {}, "cy": {}}}
	const bangor, leeds = "W07000083", "E14001319"
	for _, test := range []struct{ name, seat, wish, page, want string }{
		{"Welsh page, MP for Wales", bangor, "", "cy", "cy"},
		{"English page, MP for Wales", bangor, "", "en", "en"},
		{"wished for otherwise", bangor, "en", "cy", "en"},
		{"wished for in Welsh", bangor, "cy", "en", "cy"},
		{"a language without texts", bangor, "gd", "gd", "en"},
		{"Welsh page, MP for England", leeds, "cy", "cy", "en"},
	} {
		if got := c.LetterLang(test.seat, test.wish, test.page); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestPerson_Paper(t *testing.T) {
	d := newDesk(t)
	for _, f := range []Form{
		typed(),
		typed(func(f *Form) { f.Phone, f.Address2 = "0113 496 0123", "Flat 2" }),
		typed(func(f *Form) { f.Name = "Durham"; f.Body = "Durham\nDurham\n1 High Street" }),
	} {
		w, err := d.Write(t.Context(), slug, f)
		if err != nil {
			t.Fatal(err)
		}
		p := w.Paper()
		if p.Text+p.Signed+p.Tail != w.Letter {
			t.Errorf("taken apart it is another letter: %+v", p)
		}
		if !strings.HasSuffix(p.Text, "\n\nYours sincerely,") || p.Signed != "\n\n"+f.Name || !strings.HasSuffix(p.Tail, "\nDurham\nDH1 3LE") {
			t.Errorf("text ends %q, signed %q, tail %q", p.Text[len(p.Text)-20:], p.Signed, p.Tail)
		}
		if p.From[0] != f.Name || p.From[len(p.From)-1] == "" {
			t.Errorf("from %q", p.From)
		}
	}
	other := (&Person{Name: "A", Town: "B", Letter: "Composed otherwise."}).Paper()
	if other.Text != "Composed otherwise." || other.Signed+other.Tail != "" {
		t.Errorf("a letter that ends otherwise: %+v", other)
	}
}

func TestDraft_Hints(t *testing.T) {
	d := newDesk(t)
	draft, err := d.Draft(t.Context(), slug, Form{Lang: "en", Constituency: durham})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body   string
		level  OwnLevel
		length Length
	}{
		"untouched":     {draft.Body, OwnNone, ""},
		"one of it":     {"Please do it.", OwnYours, LengthShort},
		"more than two": {strings.Repeat("I think so. ", 200) + draft.Body, OwnGood, LengthLong},
	} {
		got := draft.Hints(c.body)
		if got.Level != c.level || got.Length != c.length || got.Hard() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	draft.Lang = "cy"
	if got := draft.Hints(draft.Body); got.Age != 0 {
		t.Errorf("a Welsh letter has the reading age %d by an English formula", got.Age)
	}
}
