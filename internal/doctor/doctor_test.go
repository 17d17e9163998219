package doctor_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"postbag/internal/doctor"
)

const (
	base   = "https://letters.example.org"
	tag    = `<script async src="` + base + `/embed.js"></script>`
	link   = `<a class="postbag" href="` + base + `/c/bill?partner=friends">Write</a>`
	frame  = `<iframe class="postbag" src="` + base + `/embed/friends/c/bill" title="Write" width="100%" height="640" frameborder="0" referrerpolicy="strict-origin"></iframe>`
	letter = `<postbag-letter campaign="bill" partner="friends"></postbag-letter>`
)

func parse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// deep is more elements within each other than html.Parse takes.
var deep = strings.Repeat("<div>", 600)

func site(t *testing.T) doctor.Site {
	return doctor.Site{
		Base:      parse(t, base),
		Partners:  map[string]doctor.Partner{"friends": {Origins: []string{"https://friends.example"}}, "gone": {Origins: []string{"https://friends.example"}, Retired: true}},
		Campaigns: map[string]bool{"bill": true, "over": false},
	}
}

func with(html, old, new string) string { return strings.Replace(html, old, new, 1) }

func TestExamine(t *testing.T) {
	for _, tt := range []struct {
		name    string
		html    string
		headers []string // name, value…
		at      string   // the page; empty: a page of the partner's
		want    doctor.Want
		verdict doctor.Severity
		code    string // that must be found
		line    string // of that; "": none is looked at
	}{
		{name: "script and link", html: link + tag, verdict: doctor.Works, code: "found_script"},
		{name: "script in the head, as a module", html: `<head><script type="module" src="` + base + `/embed.js"></script></head>` + link, verdict: doctor.Works, code: "found_script"},
		{name: "element", html: letter + tag, verdict: doctor.Works, code: "found_element"},
		{name: "plain frame", html: frame, verdict: doctor.Works, code: "found_frame"},
		{name: "in Welsh", html: with(frame, "/embed/", "/cy/embed/"), verdict: doctor.Works, code: "found_frame"},
		{name: "relative to a base", html: `<head><base href="` + base + `/"></head><a class="x postbag" href="c/bill?partner=friends">W</a><script src="embed.js"></script>`, verdict: doctor.Works, code: "found_script"},
		{name: "what was asked for", html: frame, want: doctor.Want{Partner: "friends", Campaign: "bill"}, verdict: doctor.Works, code: "found_frame"},

		{name: "nothing", html: "<p>Hello</p>", want: doctor.Want{Partner: "friends", Campaign: "bill"}, verdict: doctor.Broken, code: "nothing", line: with(link, "Write<", "Write to your MP<") + tag},
		{name: "nothing, and a policy besides", html: "", headers: []string{"Content-Security-Policy", "script-src 'self'"}, verdict: doctor.Broken, code: "csp_script", line: "script-src 'self' " + base + ";"},
		{name: "script alone", html: tag, verdict: doctor.Broken, code: "nothing_to_show"},
		{name: "link alone", html: link, verdict: doctor.Broken, code: "no_script", line: tag},
		{name: "element alone", html: letter, verdict: doctor.Broken, code: "no_script", line: tag},
		{name: "in a comment", html: "<!-- " + frame + " -->", verdict: doctor.Broken, code: "nothing"},
		{name: "in noscript", html: "<noscript>" + frame + "</noscript>", verdict: doctor.Broken, code: "in_noscript"},
		{name: "in a template", html: "<template>" + frame + "</template>", verdict: doctor.Broken, code: "in_template"},
		{name: "in more elements than a tree may be deep", html: deep + frame, verdict: doctor.Works, code: "found_frame"},
		{name: "so deep, beside a script", html: deep + link + tag, verdict: doctor.Works, code: "found_script"},
		{name: "so deep, in a comment", html: deep + "<!-- " + frame + " -->", verdict: doctor.Broken, code: "nothing"},
		{name: "so deep, in noscript", html: deep + "<noscript>" + frame + "</noscript>", verdict: doctor.Broken, code: "in_noscript"},
		{name: "so deep within noscript", html: "<noscript>" + deep + frame + "</noscript>", verdict: doctor.Broken, code: "in_noscript"},
		{name: "so deep, in a template", html: deep + "<template><template></template>" + frame + "</template>", verdict: doctor.Broken, code: "in_template"},
		{name: "so deep, behind a template", html: deep + "<template></template>" + frame, verdict: doctor.Works, code: "found_frame"},
		{name: "so deep, with a policy in the head", html: `<title>T</title><meta http-equiv="Content-Security-Policy" content="frame-src 'self'">` + deep + frame, verdict: doctor.Broken, code: "csp_frame"},
		{name: "so deep, with a policy in the body", html: `<head></head>` + deep + `<meta http-equiv="Content-Security-Policy" content="frame-src 'self'">` + frame, verdict: doctor.Works, code: "found_frame"},
		{name: "twice", html: frame + frame, verdict: doctor.WorksBut, code: "twice"},

		{name: "no partner in the link", html: with(link, "?partner=friends", "") + tag, verdict: doctor.Broken, code: "no_partner"},
		{name: "no partner in the frame", html: with(frame, "/friends", ""), verdict: doctor.Broken, code: "card_only"},
		{name: "unknown partner", html: with(frame, "friends", "fiends"), verdict: doctor.Broken, code: "unknown_partner"},
		{name: "retired partner", html: with(frame, "friends", "gone"), verdict: doctor.Broken, code: "retired_partner"},
		{name: "another partner", html: frame, want: doctor.Want{Partner: "gone"}, verdict: doctor.Broken, code: "other_partner", line: with(with(frame, "friends", "gone"), "</iframe>", "")},
		{name: "another campaign", html: frame, want: doctor.Want{Campaign: "over"}, verdict: doctor.Broken, code: "other_campaign", line: with(with(frame, "bill", "over"), "</iframe>", "")},
		{name: "unknown campaign", html: with(frame, "bill", "bull"), verdict: doctor.Broken, code: "unknown_campaign"},
		{name: "closed campaign", html: with(frame, "bill", "over"), verdict: doctor.WorksBut, code: "closed_campaign"},
		{name: "a site that is not in the list", html: frame, at: "https://www.friends.example:8443/act", verdict: doctor.Broken, code: "origin", line: "https://www.friends.example:8443"},
		{name: "without encryption", html: frame, at: "http://friends.example/act", verdict: doctor.Broken, code: "not_https", line: "https://friends.example/act"},
		{name: "the campaign's own page in a frame", html: `<iframe src="` + base + `/c/bill?partner=friends" title="W" height="640"></iframe>`, verdict: doctor.Broken, code: "public_page"},
		{name: "an address of before", html: with(frame, base, "https://old.example.org"), verdict: doctor.Broken, code: "old_base", line: with(frame, "</iframe>", "")},
		{name: "a script of before", html: link + with(tag, base, "https://old.example.org"), verdict: doctor.Broken, code: "old_base", line: tag},
		{name: "http in the frame", html: with(frame, "https:", "http:"), verdict: doctor.Broken, code: "mixed", line: with(frame, "</iframe>", "")},
		{name: "http for the script", html: link + with(tag, "https:", "http:"), verdict: doctor.Broken, code: "mixed", line: tag},

		{name: "a consent manager", html: link + with(tag, "async", `type="text/plain"`), verdict: doctor.Broken, code: "script_type", line: tag},
		{name: "a script whose address waits", html: link + with(tag, "src", "data-src"), verdict: doctor.Broken, code: "script_inert", line: tag},
		{name: "the script in noscript", html: link + "<noscript>" + tag + "</noscript>", verdict: doctor.Broken, code: "in_noscript", line: tag},
		{name: "integrity", html: link + with(tag, "async", `async integrity="sha256-A="`), verdict: doctor.WorksBut, code: "integrity", line: with(tag, "async", `async`)},

		{name: "script-src", html: link + tag, headers: []string{"Content-Security-Policy", "default-src 'self'; script-src 'self' https://cdn.example"}, verdict: doctor.Broken, code: "csp_script", line: "script-src 'self' https://cdn.example " + base + ";"},
		{name: "frame-src none", html: frame, headers: []string{"Content-Security-Policy", "frame-src 'none'"}, verdict: doctor.Broken, code: "csp_frame", line: "frame-src " + base + ";"},
		{name: "default-src for the frame", html: frame, headers: []string{"Content-Security-Policy", "default-src 'self'"}, verdict: doctor.Broken, code: "csp_frame", line: "frame-src 'self' " + base + ";"},
		{name: "the first step and no other", html: frame, headers: []string{"Content-Security-Policy", "frame-src " + base + "/embed/friends/c/bill"}, verdict: doctor.Broken, code: "csp_frame", line: "frame-src " + base + "/embed/friends/c/bill " + base + ";"},
		{name: "every step", html: frame, headers: []string{"Content-Security-Policy", "frame-src " + base + "/embed/"}, verdict: doctor.Works, code: "csp_fine"},
		{name: "the second header", html: frame, headers: []string{"Content-Security-Policy", "frame-src *", "Content-Security-Policy", "child-src 'self'"}, verdict: doctor.Broken, code: "csp_frame", line: "child-src 'self' " + base + ";"},
		{name: "the second policy of one header", html: frame, headers: []string{"Content-Security-Policy", "frame-src *, frame-src 'self'"}, verdict: doctor.Broken, code: "csp_frame", line: "frame-src 'self' " + base + ";"},
		{name: "a policy in the head", html: `<head><meta http-equiv="Content-Security-Policy" content="frame-src 'self'"></head>` + frame, verdict: doctor.Broken, code: "csp_frame"},
		{name: "a policy in the body", html: "<body>" + `<p><meta http-equiv="Content-Security-Policy" content="frame-src 'self'">` + frame, verdict: doctor.Works, code: "found_frame"},
		{name: "strict-dynamic", html: link + tag, headers: []string{"Content-Security-Policy", "script-src 'strict-dynamic' 'nonce-a'"}, verdict: doctor.Broken, code: "csp_nonce", line: with(tag, `.js"`, `.js" nonce="…"`)},
		{name: "the right nonce", html: link + with(tag, "async", `async nonce="a"`), headers: []string{"Content-Security-Policy", "script-src 'strict-dynamic' 'nonce-a'"}, verdict: doctor.Works, code: "csp_fine"},
		{name: "a policy that is only reported", html: frame, headers: []string{"Content-Security-Policy-Report-Only", "frame-src 'self'"}, verdict: doctor.WorksBut, code: "csp_tried", line: "frame-src 'self' " + base + ";"},
		{name: "trusted types", html: link + tag, headers: []string{"Content-Security-Policy", "require-trusted-types-for 'script'"}, verdict: doctor.Works, code: "csp_fine"},
		{name: "a page in a sandbox without forms", html: frame, headers: []string{"Content-Security-Policy", "sandbox allow-same-origin"}, verdict: doctor.Broken, code: "csp_sandbox", line: "sandbox allow-same-origin allow-forms allow-scripts allow-popups allow-popups-to-escape-sandbox;"},
		{name: "a page in a sandbox without an origin", html: frame, headers: []string{"Content-Security-Policy", "sandbox allow-forms allow-scripts allow-popups"}, verdict: doctor.Broken, code: "csp_sandbox_origin"},
		{name: "a page in a roomy sandbox", html: frame, headers: []string{"Content-Security-Policy", "sandbox allow-forms allow-same-origin allow-scripts"}, verdict: doctor.WorksBut, code: "csp_sandbox_less"},
		{name: "a sandbox in the head does nothing", html: `<head><meta http-equiv="Content-Security-Policy" content="sandbox"></head>` + frame, verdict: doctor.Works, code: "csp_fine"},

		{name: "a frame in a sandbox", html: with(frame, "title", `sandbox="" title`), verdict: doctor.Broken, code: "sandbox_forms", line: with(with(frame, "title", `sandbox="allow-forms allow-scripts allow-popups allow-popups-to-escape-sandbox" title`), "</iframe>", "")},
		{name: "a frame in a sandbox with forms", html: with(frame, "title", `sandbox="allow-forms allow-scripts" title`), verdict: doctor.WorksBut, code: "sandbox_less"},
		{name: "a frame in a roomy sandbox", html: with(frame, "title", `sandbox="ALLOW-forms allow-scripts allow-popups allow-popups-to-escape-sandbox" title`), verdict: doctor.Works, code: "found_frame"},
		{name: "isolation", html: frame, headers: []string{"Cross-Origin-Embedder-Policy", "require-corp"}, verdict: doctor.Works, code: "coep_fine"},
		{name: "a policy for documents", html: frame, headers: []string{"Require-Document-Policy", "unsized-media=?0"}, verdict: doctor.WorksBut, code: "document_policy"},
		{name: "a policy demanded of the frame", html: with(frame, "title", `csp="script-src 'none'" title`), verdict: doctor.Broken, code: "frame_csp"},
		{name: "srcdoc", html: with(frame, "title", `srcdoc="" title`), verdict: doctor.Broken, code: "srcdoc", line: with(frame, "</iframe>", "")},

		{name: "narrow", html: with(frame, "100%", "300"), verdict: doctor.WorksBut, code: "narrow", line: with(frame, "</iframe>", "")},
		{name: "narrow by style", html: with(frame, "title", `style="width: 200px" title`), verdict: doctor.WorksBut, code: "narrow"},
		{name: "low", html: with(frame, "640", "200"), verdict: doctor.WorksBut, code: "low", line: with(frame, "</iframe>", "")},
		{name: "no height", html: with(frame, ` height="640"`, ""), verdict: doctor.WorksBut, code: "low"},
		{name: "fixed", html: frame, verdict: doctor.Works, code: "fixed"},
		{name: "lazy", html: with(frame, "title", `loading="lazy" title`), verdict: doctor.Works, code: "lazy_fine"},
		{name: "lazy by a script", html: with(frame, "src", "data-src") + `<script src="/lazy.js"></script>`, verdict: doctor.WorksBut, code: "lazy_script", line: with(frame, "</iframe>", "")},
		{name: "lazy for ever", html: with(frame, "src", "data-src"), verdict: doctor.Broken, code: "lazy_dead"},
		{name: "no referrer in a header", html: with(frame, ` referrerpolicy="strict-origin"`, ""), headers: []string{"Referrer-Policy", "no-referrer"}, verdict: doctor.WorksBut, code: "no_referrer", line: with(frame, "</iframe>", "")},
		{name: "no referrer in the head", html: `<head><meta name="referrer" content="same-origin"></head>` + with(frame, "strict-origin", ""), verdict: doctor.WorksBut, code: "no_referrer"},
		{name: "the frame's own word counts", html: frame, headers: []string{"Referrer-Policy", "no-referrer"}, verdict: doctor.Works, code: "found_frame"},
		{name: "no title", html: with(frame, `title="Write"`, ""), verdict: doctor.WorksBut, code: "no_title"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.at == "" {
				tt.at = "https://friends.example/act"
			}
			page := doctor.Page{URL: parse(t, tt.at), Header: http.Header{}, HTML: tt.html}
			for i := 0; i < len(tt.headers); i += 2 {
				page.Header.Add(tt.headers[i], tt.headers[i+1])
			}
			report := doctor.Examine(page, site(t), tt.want)
			if got := report.Verdict(); got != tt.verdict {
				t.Errorf("verdict %s, want %s: %+v", got, tt.verdict, report.Findings)
			}
			i := slices.IndexFunc(report.Findings, func(f doctor.Finding) bool { return f.Code == tt.code })
			if i < 0 {
				t.Fatalf("no %s in %+v", tt.code, report.Findings)
			}
			if got := report.Findings[i].Line; tt.line != "" && got != tt.line {
				t.Errorf("the line is\n%s, want\n%s", got, tt.line)
			}
			for _, f := range report.Findings {
				if !slices.Contains(doctor.Codes(), f.Code) || len(f.Args)%2 != 0 {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// Where nothing is known of partners and campaigns, nothing is said of them.
func TestExamine_WithoutADatabase(t *testing.T) {
	page := doctor.Page{URL: parse(t, "https://anybody.example/"), Header: http.Header{}, HTML: frame}
	if r := doctor.Examine(page, doctor.Site{Base: parse(t, base)}, doctor.Want{}); r.Verdict() != doctor.Works {
		t.Errorf("%+v", r)
	}
}

// A page is as long as its owner likes, and may be made to keep us busy.
func TestExamine_HostilePages(t *testing.T) {
	var forms, policies, directives strings.Builder
	for i := range 30000 {
		fmt.Fprintf(&forms, `<postbag-letter campaign="c%d" partner="friends"></postbag-letter>`, i)
		fmt.Fprintf(&policies, `<meta http-equiv="content-security-policy" content="frame-src h%d.example">`, i)
	}
	for i := range 250000 {
		fmt.Fprintf(&directives, "d%d;", i)
	}
	for name, html := range map[string]string{
		"forms":      forms.String() + tag,
		"policies":   "<head>" + policies.String() + "</head>" + letter + tag,
		"directives": `<head><meta http-equiv="content-security-policy" content="` + directives.String() + `frame-src 'none'"></head>` + letter + tag,
	} {
		t.Run(name, func(t *testing.T) {
			report := doctor.Examine(doctor.Page{URL: parse(t, "https://friends.example/act"), Header: http.Header{}, HTML: html}, site(t), doctor.Want{})
			if n := len(report.Findings); n == 0 || n > 200 {
				t.Errorf("%d findings, which nobody reads", n)
			}
			if report.Verdict() != doctor.Broken {
				t.Errorf("verdict %s", report.Verdict())
			}
		})
	}
}
