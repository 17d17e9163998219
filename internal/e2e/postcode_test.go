package e2e

import (
	"slices"
	"strings"
	"testing"
)

const (
	choice  = `#choices button[name=constituency]`
	lookUp  = `form.again button`
	showAll = `#choices button[name=choose][value=all]`
)

// wrong fails the test unless the field is marked as wrong, with a sentence
// that is seen beside it and read out with it, and holds what was typed.
func (b *tab) wrong(field, sentence, typed string) {
	b.t.Helper()
	css := "#" + field
	if got := b.value(css); got != typed {
		b.t.Errorf("%s held %q and now holds %q", field, typed, got)
	}
	if got := b.attribute(css, "aria-invalid"); got != "true" {
		b.t.Errorf("%s has aria-invalid %q", field, got)
	}
	said := ""
	for _, id := range strings.Fields(b.attribute(css, "aria-describedby")) {
		said += b.text("#"+id) + "\n"
	}
	if !strings.Contains(said, sentence) {
		b.t.Errorf("%s is described as %q, not %q", field, said, sentence)
	}
	gap := eval[float64](b, `(() => {
		const error = document.getElementById(%s + "-error").getBoundingClientRect();
		return document.getElementById(%s).getBoundingClientRect().top - error.bottom;
	})()`, field, field)
	if gap < 0 || gap > 40 {
		b.t.Errorf("the sentence about %s stands %v pixels above it", field, gap)
	}
}

func malformedPostcode(t *testing.T, p *program) {
	b := p.open(phone)
	b.visit(atCampaign)
	for _, typed := range []string{"LS6 3H£", "leeds", ""} {
		b.fill("#postcode", typed)
		b.followFor(422, findMP)
		sentence := p.say("field.postcode.malformed")
		if typed == "" {
			sentence = p.say("field.postcode.missing")
		}
		b.wrong("postcode", sentence, typed)
		if title := eval[string](b, `document.title`); !strings.HasPrefix(title, p.say("layout.title_error")) {
			t.Errorf("the title is %q", title)
		}
	}
	b.fill("#postcode", "L56 3HN") // a five for an S
	b.followFor(200, findMP)
}

func unknownUnit(t *testing.T, p *program) {
	b := p.open(phone)
	b.askFor("ls1 1aa")
	b.sees(p.say("choose.reason.within", "within", "LS1 1"))
	if got := b.list(choice + " b"); !slices.Equal(got, []string{"Leeds Central and Headingley", "Leeds South"}) {
		t.Errorf("the choices are %q", got)
	}
	b.follow(choice + `[value=E14001323]`)
	b.at(atLetter)
	b.sees("MP for Leeds South", p.say("letter.to_chosen"), "LS1 1AA")

	// Text of one's own goes along when the constituency is changed.
	b.fill("#subject", "About my neighbour")
	b.details(zofia)
	b.follow(notMine)
	if got := b.count(choice); got != 650 {
		t.Errorf("%d constituencies are offered, not 650", got)
	}
	b.press(`details.region:has([value=E14001319]) summary`)
	b.follow(choice + `[value=E14001319]`)
	b.at(atLetter)
	b.sees("MP for Leeds Central and Headingley")
	for _, field := range zofia.fields() {
		if got := b.value("#" + field[0]); got != field[1] {
			t.Errorf("%s held %q and now holds %q", field[0], field[1], got)
		}
	}
	if got := b.value("#subject"); got != "About my neighbour" {
		t.Errorf("the subject is now %q", got)
	}
	if got := b.value("#body"); !strings.HasPrefix(got, "I live in Leeds Central and Headingley,") {
		t.Errorf("the text that nobody touched begins %.60q", got)
	}
	b.follow(toPreview)
	b.follow(toSend)
	p.smtp.Next(t)
}

func northernIreland(t *testing.T, p *program) {
	b := p.open(desktop)
	b.askFor("bt7 1nn")
	b.sees(p.say("place.northern_ireland"))
	if got := b.count(choice); got != 18 {
		t.Errorf("%d constituencies are offered, not 18", got)
	}
	b.follow(showAll)
	if got := b.count(choice); got != 650 {
		t.Errorf("%d constituencies are offered, not 650", got)
	}
	b.press(`details.region:has([value=N05000002]) summary`)
	b.follow(choice + `[value=N05000002]`)
	b.at(atLetter)
	b.sees("MP for Belfast North", "BT7 1NN")
}

// anotherPostcode looks another one up from the page of choices.
func anotherPostcode(t *testing.T, p *program) {
	b := p.open(phone)
	b.askFor("je2 3ab")
	b.sees(p.say("place.jersey"))
	b.fill("#postcode", "nonsense")
	b.followFor(422, lookUp)
	b.sees(p.say("field.postcode.malformed"))
	if got := b.value("#postcode"); got != "nonsense" {
		t.Errorf("what was typed became %q", got)
	}
	b.fill("#postcode", zofia.typed)
	b.follow(`form[action$="/letter"]:has(#postcode) button`)
	b.at(atLetter)
	b.sees("Alex Sobel")
}

// list returns the text of every element that css selects.
func (b *tab) list(css string) []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll(%s)].map(e => e.innerText.trim())`, css)
}
