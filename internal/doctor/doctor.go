// Package doctor finds out from a page of another site whether the form that
// was put into it can work there, and says what to change. It looks at what was
// fetched and at nothing else: the rules can be tested without any site.
package doctor

import (
	"net/http"
	"net/url"
)

// Page is a page of another site as it was fetched.
type Page struct {
	URL    *url.URL // after redirects
	Header http.Header
	HTML   string
}

// Site is what Postbag knows of itself.
type Site struct {
	Base      *url.URL           // its own address
	Partners  map[string]Partner // by slug; nil: not known, and not checked
	Campaigns map[string]bool    // by slug, whether it takes letters; nil: likewise
}

// Partner is an organisation that may show the form.
type Partner struct {
	Origins []string
	Retired bool
}

// Want is what should be in the page; empty fields take anything.
type Want struct{ Partner, Campaign string }

// Severity is what a finding means for the form.
type Severity string

// The severities, the mildest first.
const (
	Works    Severity = "works"
	WorksBut Severity = "works_but"
	Broken   Severity = "broken"
)

// Finding is one thing about a page.
type Finding struct {
	Severity Severity
	Code     string   // names the sentence in the catalogue
	Args     []string // of the sentence: name, value, name, value…
	Line     string   // what to add or change, exactly; empty: nothing
}

// Report is what was found, the worst first.
type Report struct{ Findings []Finding }

// Verdict is the severity of the worst finding.
func (r Report) Verdict() Severity {
	for _, s := range []Severity{Broken, WorksBut} {
		for _, f := range r.Findings {
			if f.Severity == s {
				return s
			}
		}
	}
	return Works
}

// Codes lists every code that a finding may have, so that a test can see that
// there is a sentence for each.
func Codes() []string {
	return []string{
		"found_script", "found_element", "found_frame", "nothing", "card_only", "public_page", "old_base",
		"no_partner", "unknown_partner", "retired_partner", "other_partner", "no_campaign", "unknown_campaign", "closed_campaign", "other_campaign",
		"origin", "not_https", "no_script", "nothing_to_show", "script_type", "script_inert", "integrity", "twice", "in_noscript", "in_template",
		"csp_script", "csp_nonce", "csp_frame", "csp_fine", "csp_tried", "csp_sandbox", "csp_sandbox_origin", "csp_sandbox_less",
		"sandbox_forms", "sandbox_less", "mixed", "coep_fine", "document_policy", "frame_csp", "srcdoc",
		"narrow", "low", "fixed", "lazy_fine", "lazy_script", "lazy_dead", "no_referrer", "no_title",
	}
}
