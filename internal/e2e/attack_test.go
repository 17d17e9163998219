package e2e

import (
	"fmt"
	"testing"
)

// making tries what makes HTML or code of text, and returns what went through.
const making = `(() => {
	const done = [], box = document.createElement("div");
	const ways = {
		innerHTML: () => { box.innerHTML = "<i>x</i>"; },
		outerHTML: () => { document.body.append(box); box.outerHTML = "<i>x</i>"; },
		insertAdjacentHTML: () => box.insertAdjacentHTML("beforeend", "<i>x</i>"),
		parseFromString: () => new DOMParser().parseFromString("<i>x</i>", "text/html"),
		createContextualFragment: () => document.createRange().createContextualFragment("<i>x</i>"),
		srcdoc: () => { document.createElement("iframe").srcdoc = "<i>x</i>"; },
		"script.src": () => { document.createElement("script").src = "/assets/x.js"; },
		"script.text": () => { document.createElement("script").text = "1"; },
		policy: () => trustedTypes.createPolicy("mine", {createHTML: s => s}),
		"default policy": () => trustedTypes.createPolicy("default", {createHTML: s => s}),
	};
	for (const [name, way] of Object.entries(ways)) {
		try { way(); done.push(name); } catch {}
	}
	return done;
})()`

// TestAttack_TrustedTypes: whatever text an attacker gets into a page, no script of
// that page can be made to take it for HTML or code. The pages' own scripts work
// all the same: every other test here fails where the browser complains.
func TestAttack_TrustedTypes(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	b := p.openAt(desktop, h)
	b.mayGrumble = []string{"TrustedHTML", "TrustedScript", "TrustedTypePolicy", "Trusted Type", "trusted-types", "ContentSecurityPolicy"}
	if got := eval[[]string](b, making); len(got) < 8 {
		t.Fatalf("on an empty page %v go through: the test finds nothing", got)
	}
	for _, path := range []string{"/", atCampaign, atCampaign + "/mps", atCampaign + "/map", atCheck, "/accessibility", "/api", "/organise/sign-in"} {
		b.visit(path)
		if got := eval[[]string](b, making); len(got) > 0 {
			t.Errorf("%s: %v", path, got)
		}
	}
	h.put("/act", fmt.Sprintf(snippet, p.base, "friends"))
	b.visitHost(h, "/act")
	form := b.guest(element, "#postcode")
	if got := eval[[]string](form, making); len(got) > 0 {
		t.Errorf("the form within a page: %v", got)
	}
}

// TestAttack_TrustedTypesOfAPartner: a partner's page that allows no text to become
// HTML shows our form: embed.js needs no exception.
func TestAttack_TrustedTypesOfAPartner(t *testing.T) {
	t.Parallel()
	p, h := startBeside(t)
	h.policy = "default-src 'none'; style-src 'self'; script-src " + p.base + "; frame-src " + p.base + "; require-trusted-types-for 'script'; trusted-types 'none'"
	for path, content := range map[string]string{"/link": fmt.Sprintf(snippet, p.base, "friends"), "/element": fmt.Sprintf(asElement, p.base, "friends")} {
		h.put(path, content)
		b := p.openAt(desktop, h)
		b.visitHost(h, path)
		form := b.guest(element, "#postcode")
		form.write(another(0))
		form.sees(p.say("check.heading"))
		if got := len(b.events()); got < 3 {
			t.Errorf("%s: the page was told %d things", path, got)
		}
	}
}
