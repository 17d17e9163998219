package e2e

import "testing"

// TestSite holds what is about no single page. These keep nothing, and so
// share a program.
func TestSite(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, test := range map[string]func(*testing.T, *program){
		"malformed postcode":           malformedPostcode,
		"unknown unit":                 unknownUnit,
		"Northern Ireland":             northernIreland,
		"another postcode":             anotherPostcode,
		"addresses to nowhere":         nowhere,
		"no JavaScript when it is off": noScript,
		"the postcode form is near":    nearPostcode,
		"and covers nothing":           nearCoversNothing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, p.in(t))
		})
	}
}

// nowhere: addresses that lead nowhere say so, and those of a form lead back
// to its beginning.
func nowhere(t *testing.T, p *program) {
	b := p.open(phone)
	b.visitFor(404, "/nowhere")
	b.sees(p.say("message.404.heading"))
	b.visitFor(404, "/c/nowhere")
	b.sees(p.say("error.no_campaign"))
	b.visitFor(404, "/l/0123456789012345678901")
	b.sees(p.say("error.no_letter"))
	b.visitFor(404, "/dev/mail") // this program sends its mail
	for _, step := range []string{"letter", "preview", "send"} {
		b.visit(atCampaign + "/" + step)
		b.at(atCampaign)
	}
}

// noScript holds that a window without JavaScript really runs none, and that
// we can still read its pages. Else the tests without it would prove nothing.
func noScript(t *testing.T, p *program) {
	for _, off := range []bool{false, true} {
		d := desktop
		d.noScript = off
		b := p.open(d)
		b.visit("/")
		if got := eval[bool](b, `matchMedia("(scripting: none)").matches`); got != off {
			t.Errorf("with noScript %v the page believes that it runs no scripts: %v", off, got)
		}
	}
}
