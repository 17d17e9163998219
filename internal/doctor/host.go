package doctor

import (
	"net/url"
	"strings"
)

// readPolicies gathers every policy of the page: all of them must allow a thing.
func (x *exam) readPolicies() {
	for _, value := range x.page.Header.Values("Content-Security-Policy") {
		x.policies = append(x.policies, parsePolicies(value)...)
	}
	for _, value := range x.in.policies {
		if p := parsePolicy(value); len(p.directives) > 0 {
			p.meta = true
			x.policies = append(x.policies, p)
		}
	}
	for _, value := range x.page.Header.Values("Content-Security-Policy-Report-Only") {
		for _, p := range parsePolicies(value) {
			p.tried = true
			x.policies = append(x.policies, p)
		}
	}
	x.policies = x.policies[:min(len(x.policies), mostPolicies)]
}

// checkScriptPolicy looks whether every policy lets our script load. withNonce is
// its tag with a nonce.
func (x *exam) checkScriptPolicy(s script, withNonce string) {
	for _, p := range x.policies {
		d, ok := p.allowsScript(x.page.URL, s)
		switch {
		case ok:
		case d.has("'strict-dynamic'") && withNonce != "":
			x.refuse(p, "csp_nonce", d, withNonce)
		default:
			name := d.name
			if name == "default-src" {
				name = "script-src"
			}
			x.refuse(p, "csp_script", d, d.with(name, Origin(x.site.Base)).String())
		}
	}
}

// checkFramePolicy looks whether every policy lets the form's frame show.
func (x *exam) checkFramePolicy(frame *url.URL) {
	refused := false
	for _, p := range x.policies {
		d, ok := p.allowsFrame(x.page.URL, frame)
		if ok { // forms lead to the next steps, which a path that ends there forbids
			d, ok = p.allowsFrame(x.page.URL, frame.JoinPath("letter"))
		}
		if !ok {
			name := d.name
			if name == "default-src" {
				name = "frame-src"
			}
			x.refuse(p, "csp_frame", d, d.with(name, Origin(x.site.Base)).String())
			refused = refused || !p.tried
		}
	}
	if len(x.policies) > 0 && !refused {
		x.add(Works, "csp_fine", "")
	}
}

// refuse notes that a policy forbids something; one that is only tried out
// forbids nothing yet.
func (x *exam) refuse(p policy, code string, d directive, line string) {
	if p.tried {
		x.add(WorksBut, "csp_tried", line+";", "directive", d.name)
		return
	}
	if code != "csp_nonce" {
		line += ";"
	}
	x.add(Broken, code, line, "directive", d.String(), "name", d.name)
}

// sandboxPolicy is the sandbox that the page is in itself. In a meta element it
// does nothing.
func (x *exam) sandboxPolicy() (d directive, found bool) {
	for _, p := range x.policies {
		if d, ok := p.find("sandbox"); ok && !p.meta && !p.tried {
			return d, true
		}
	}
	return d, false
}

// lacks lists which of some tokens a sandbox does not have.
func lacks(have []string, tokens ...string) (missing []string) {
	for _, token := range tokens {
		if !(directive{values: have}).has(token) {
			missing = append(missing, token)
		}
	}
	return missing
}

// checkSandboxPolicy looks at the sandbox that a page puts itself into, and with
// it all its frames. Without allow-same-origin the page is of no site that could
// be in the partner's list (frame-ancestors).
func (x *exam) checkSandboxPolicy(scripted bool) {
	d, found := x.sandboxPolicy()
	if !found {
		return
	}
	all := append([]string{"sandbox"}, d.values...)
	needs := []string{"allow-forms", "allow-same-origin"}
	if scripted {
		needs = append(needs, "allow-scripts")
	}
	wishes := lacks(d.values, "allow-scripts", "allow-popups", "allow-popups-to-escape-sandbox")
	if missing := lacks(d.values, needs...); len(missing) > 0 {
		whole := append(append(all, missing...), lacks(append(d.values, missing...), "allow-scripts", "allow-popups", "allow-popups-to-escape-sandbox")...)
		code := "csp_sandbox"
		if len(missing) == 1 && missing[0] == "allow-same-origin" {
			code = "csp_sandbox_origin"
		}
		x.add(Broken, code, strings.Join(whole, " ")+";", "tokens", strings.Join(missing, " "))
	} else if len(wishes) > 0 {
		x.add(WorksBut, "csp_sandbox_less", strings.Join(append(all, wishes...), " ")+";", "tokens", strings.Join(wishes, " "))
	}
}

// checkHeaders looks at what else a page may ask of its frames.
func (x *exam) checkHeaders() {
	h := x.page.Header
	if embedder := h.Get("Cross-Origin-Embedder-Policy"); embedder != "" && !strings.HasPrefix(embedder, "unsafe-none") {
		x.add(Works, "coep_fine", "", "value", embedder)
	}
	if required := h.Get("Require-Document-Policy"); required != "" {
		x.add(WorksBut, "document_policy", "", "value", required)
	}
}

// referrerPolicy is how much of its address the page tells of itself: the last
// word that browsers know counts, and an element's own goes before.
func (x *exam) referrerPolicy(e element) string {
	policy := ""
	for _, list := range append(x.page.Header.Values("Referrer-Policy"), x.in.referrer, e.attr["referrerpolicy"]) {
		for word := range strings.SplitSeq(list, ",") {
			switch word = strings.ToLower(strings.TrimSpace(word)); word {
			case "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin", "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url":
				policy = word
			}
		}
	}
	return policy
}
