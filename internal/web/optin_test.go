package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
)

const (
	friendsAsk   = "Friends of Leeds may write to me <monthly>."
	friendsAskCy = "Caiff Friends of Leeds ysgrifennu ataf bob mis."
	ownAsk       = "Tell me what becomes of this campaign."
)

var (
	partnerTick = campaign.Wording{Lang: "en", Text: friendsAsk}.Hash()
	ownerTick   = campaign.Wording{Lang: "en", Text: ownAsk}.Hash()
)

// asking is a site whose campaign asks in English, and whose partner does so in
// English and Welsh.
func asking(t *testing.T) *site {
	t.Helper()
	s := start(t, nil)
	p := friends
	p.OptIn = map[string]string{"en": friendsAsk, "cy": friendsAskCy}
	s.partner(p)
	s.asks(ownAsk)
	return s
}

// asks has the campaign ask something in English.
func (s *site) asks(words string) {
	s.t.Helper()
	source, err := s.Service().Source(s.t.Context(), slug)
	if err != nil {
		s.t.Fatal(err)
	}
	f, _ := campaign.ReadFile(source.TOML)
	f.Texts["en"].OptIn = words
	if _, err := s.Service().SaveCampaign(s.t.Context(), tester, slug, f.TOML(), source.Version, ""); err != nil {
		s.t.Fatal(err)
	}
}

// key makes a key of a partner, or of who runs the site.
func (s *site) key(partner string) string {
	s.t.Helper()
	key, err := s.Service().NewAPIKey(s.t.Context(), tester, partner, "the CRM")
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// pull fetches a file of opt-ins with a key.
func (s *site) pull(key, query string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, "/api/v1/opt-ins.csv"+query, nil, "Authorization", "Bearer "+key)
}

// contacts reads a file of opt-ins, each line by column.
func contacts(t *testing.T, a answer) (all []map[string]string) {
	t.Helper()
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s %v\n%s", a.Status, a.Header, a.body)
	}
	records, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records[1:] {
		line := map[string]string{}
		for i, column := range records[0] {
			line[column] = record[i]
		}
		all = append(all, line)
	}
	return all
}

var aBox = regexp.MustCompile(`<input type="checkbox" id="(opt_in_\w+)"[^>]*>`)

// boxes lists the boxes of a page, with a plus where they are ticked.
func (a answer) boxes() string {
	var all []string
	for _, m := range aBox.FindAllStringSubmatch(a.body, -1) {
		name := strings.TrimPrefix(m[1], "opt_in_")
		if strings.Contains(m[0], " checked") {
			name += "+"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// Whatever the page shows, nobody but the supporter ticks a box.
func TestOptIn_NeverTickedForThem(t *testing.T) {
	s := asking(t)
	at := "/c/" + slug
	credited := func(pairs ...string) url.Values { return letter(append([]string{"partner", "friends"}, pairs...)...) }
	postcode := func(typed string) url.Values { return url.Values{"postcode": {typed}, "partner": {"friends"}} }
	for _, c := range []struct {
		name, path string
		form       url.Values
		want       string
	}{
		{"first seen", at + "/letter", postcode("LS6 3HN"), "partner owner"},
		{"without a partner", at + "/letter", url.Values{"postcode": {"LS6 3HN"}}, "owner"},
		{"in Welsh", "/cy" + at + "/letter", postcode("LS6 3HN"), "partner"},
		{"embedded", atFriends + "/letter", url.Values{"postcode": {"LS6 3HN"}}, "partner owner"},
		{"embedded in Welsh", "/cy" + atFriends + "/letter", url.Values{"postcode": {"LS6 3HN"}}, "partner"},
		{"with errors", at + "/preview", credited("name", ""), "partner owner"},
		{"with errors when it is sent", atFriends + "/send", letter("email", "nobody"), "partner owner"},
		{"back from the preview", at + "/letter", credited("edit", "1"), "partner owner"},
		{"another constituency", at + "/letter", credited("constituency", "E14001173", "drafted", "E14001319"), "partner owner"},
		{"in the other language", "/cy" + at + "/letter", credited(), "partner"},
		{"with a value that ticks nothing", at + "/letter", credited("opt_in_partner", "on", "opt_in_owner", "1"), "partner owner"},
		{"with the other's value", at + "/letter", credited("opt_in_partner", ownerTick, "opt_in_owner", partnerTick), "partner owner"},
		{"with other words", at + "/letter", credited("opt_in_owner", campaign.Wording{Lang: "en", Text: "What was asked before."}.Hash()), "partner owner"},
		{"an MP without email", at + "/letter", postcode("PR1 2HE"), ""},
		{"no letter yet", at + "/letter", postcode("LS6"), ""},
		{"the preview", at + "/preview", credited(), ""},
	} {
		a := s.post(c.path, c.form)
		if got := a.boxes(); got != c.want || a.StatusCode >= 500 {
			t.Errorf("%s: %s, the boxes are %q, not %q", c.name, a.Status, got, c.want)
		}
	}
	// A page of somebody else's, in a sandbox of its own making, fills the form in.
	for name, form := range map[string]url.Values{
		"/letter": {"postcode": {"LS6 3HN"}}, "/letter?typed": credited(), "/preview": credited("name", ""),
	} {
		form.Set("opt_in_partner", partnerTick)
		form.Set("opt_in_owner", ownerTick)
		a := s.do(http.MethodPost, atFriends+name, form, "Origin", "null", "Sec-Fetch-Site", "cross-site")
		if got := a.boxes(); got != "partner owner" {
			t.Errorf("%s from a sandbox: %s, the boxes are %q", name, a.Status, got)
		}
	}
	if a := s.post(at+"/letter", url.Values{"postcode": {"LS6 3HN"}, "partner": {"friends"}, "opt_in_partner": {partnerTick}}); a.boxes() != "partner owner" {
		t.Errorf("before there was a box: %q", a.boxes())
	}
	if a := s.get(at + "?partner=friends&opt_in_partner=" + partnerTick + "&opt_in_owner=" + ownerTick); strings.Contains(a.body, partnerTick) || strings.Contains(a.body, ownerTick) {
		t.Error("an address ticks a box")
	}
	a := s.post(at+"/letter", postcode("LS6 3HN"))
	if !strings.Contains(a.body, "<span>Friends of Leeds may write to me &lt;monthly&gt;.</span>") {
		t.Error("the label is not the sentence")
	}
	if strings.Count(a.body, "when and where you agreed") != 2 || strings.Contains(a.body, "nothing else") {
		t.Error("it is not told what the organisations get: see optInColumns")
	}
}

// What another site has posted can be taken after all, by pressing a button: but
// no box that it has ticked.
func TestOptIn_NotTickedByAnotherSite(t *testing.T) {
	s := asking(t)
	for _, at := range []string{"/c/" + slug, "/cy/c/" + slug, atFriends} {
		for _, step := range []string{"/letter", "/preview", "/send"} {
			form := letter("partner", "friends", "opt_in_partner", partnerTick, "opt_in_owner", ownerTick)
			a := s.do(http.MethodPost, at+step, form, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site")
			again := values(a.body)
			if a.StatusCode != http.StatusForbidden || again.Get("name") != form.Get("name") {
				t.Errorf("%s%s: %s, to be sent again: %v", at, step, a.Status, again)
			}
			if again.Has("opt_in_partner") || again.Has("opt_in_owner") {
				t.Errorf("%s%s: a box is ticked that the supporter has not seen", at, step)
			}
		}
	}
	s.mails(0)
}

func TestOptIn_WhatWasTickedStays(t *testing.T) {
	s := asking(t)
	at := "/c/" + slug
	form := letter("partner", "friends", "opt_in_partner", partnerTick)
	with := func(pairs ...string) url.Values {
		f := url.Values{}
		for name, v := range form {
			f[name] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	preview := s.post(at+"/preview", form)
	if !strings.Contains(preview.body, "You also ticked") || !strings.Contains(preview.body, "&lt;monthly&gt;") {
		t.Error("the preview does not say what is ticked")
	}
	choose := s.post(at+"/letter", with("choose", "all"))
	sent := s.post(at+"/send", values(preview.body))
	for name, a := range map[string]answer{
		"with errors":             s.post(at+"/preview", with("name", "")),
		"back from the preview":   s.post(at+"/letter", addTo(values(preview.body), "edit", "1")),
		"another constituency":    s.post(at+"/letter", addTo(values(choose.body), "constituency", "E14001173")),
		"back after it was sent":  s.post(at+"/letter", addTo(values(sent.body), "edit", "1")),
		"embedded, with an error": s.post(atFriends+"/preview", with("name", "")),
	} {
		if got := a.boxes(); got != "partner+ owner" {
			t.Errorf("%s: %s, the boxes are %q", name, a.Status, got)
		}
	}
	// In the other language it stays under the words that they ticked, marked as
	// being in English.
	welsh := s.post("/cy"+at+"/letter", with("edit", "1"))
	if got := welsh.boxes(); got != "partner+" || !strings.Contains(welsh.body, `<span lang="en">Friends of Leeds may write to me`) || strings.Contains(welsh.body, friendsAskCy) {
		t.Errorf("in Welsh the boxes are %q", got)
	}
	if got := s.post(at+"/letter", addTo(values(welsh.body), "opt_in_partner", partnerTick)).boxes(); got != "partner+ owner" {
		t.Errorf("in English again the boxes are %q", got)
	}
	if got := s.post("/cy"+at+"/preview", with()); !strings.Contains(got.body, `<span lang="en">Friends of Leeds may write`) {
		t.Error("the Welsh preview does not say what is ticked")
	}
}

func addTo(form url.Values, name, value string) url.Values {
	form.Set(name, value)
	return form
}

// Words that were changed under somebody's hands come back unticked, and nothing
// is sent until they have seen that.
func TestOptIn_OtherWordsMeanwhile(t *testing.T) {
	s := asking(t)
	at := "/c/" + slug
	form := letter("opt_in_owner", ownerTick)
	preview := s.post(at+"/preview", form)
	s.asks("We share your address with everybody.")
	for step, f := range map[string]url.Values{"preview": form, "send": values(preview.body)} {
		a := s.post(at+"/"+step, f)
		if a.StatusCode != http.StatusOK || a.boxes() != "owner" || !strings.Contains(a.body, "You had ticked that you want to hear more") {
			t.Errorf("%s: %s, boxes %q", step, a.Status, a.boxes())
		}
		if got := values(a.body); got.Get("name") != form.Get("name") || got.Get("body") != form.Get("body") {
			t.Errorf("%s: what was typed is lost", step)
		}
	}
	s.mails(0)
	s.asks("")
	if a := s.post(at+"/preview", form); a.boxes() != "" || !strings.Contains(a.body, "You had ticked that you want to hear more") {
		t.Errorf("nobody asks any more: boxes %q", a.boxes())
	}
}

func TestOptIn_GoesToWhomItWasGiven(t *testing.T) {
	s := asking(t)
	strangers := friends
	strangers.Slug, strangers.Name = "strangers", "Strangers"
	s.partner(strangers)
	key, others, own := s.key("friends"), s.key("strangers"), s.key("")
	form := letter("opt_in_partner", partnerTick, "source", "source=mail", "via", "https://friends.example", "name", "=cmd|' /C calc'!A0")
	if a := s.post(atFriends+"/send", form); a.StatusCode != http.StatusOK {
		t.Fatal(a.Status)
	}
	mail := s.mails(1)[0]
	if strings.Contains(mail, "Friends") || strings.Contains(mail, "monthly") {
		t.Error("the mail tells of the opt-in: anybody can have it sent to anybody")
	}
	private := privateLink.FindStringSubmatch(mail)[1]
	if got := contacts(t, s.pull(key, "")); got != nil {
		t.Errorf("before it is confirmed: %v", got)
	}
	page := s.get(private)
	if !strings.Contains(page.body, "&lt;monthly&gt;") || !strings.Contains(page.body, "It counts once you confirm") {
		t.Error("the page does not say what confirming it means")
	}
	s.post(private+"/confirm", url.Values{})
	got := contacts(t, s.pull(key, ""))
	if len(got) != 1 {
		t.Fatalf("the partner gets %v", got)
	}
	c := got[0]
	for column, want := range map[string]string{
		"status": "active", "campaign": slug, "name": "'=cmd|' /C calc'!A0", "email": "amina@example.org", "language": "en", "wording": friendsAsk,
		"ended_on": "", "asked_on": "embed", "partner": "friends", "source": "source=mail", "via": "https://friends.example", "age": "",
	} {
		if c[column] != want {
			t.Errorf("%s is %q, not %q", column, c[column], want)
		}
	}
	if len(c) != 16 || !strings.HasPrefix(c["unsubscribe_url"], "http://"+s.Addr()+"/u/") || !regexp.MustCompile(`^c[0-9a-f]{16}$`).MatchString(c["contact_id"]) {
		t.Errorf("the line is %v", c)
	}
	for name, a := range map[string]answer{"another partner": s.pull(others, ""), "who runs the site": s.pull(own, ""), "since later": s.pull(key, "?since=2099-01-01")} {
		if got := contacts(t, a); got != nil {
			t.Errorf("%s gets %v", name, got)
		}
	}
	for _, since := range []string{"yesterday", "2026-13-01", "2026-11-23T12:00:00+01:00"} { // a plus in an address is a space
		a := s.pull(key, "?since="+since)
		if got := a.api(t); a.StatusCode != http.StatusUnprocessableEntity || got.Status != "invalid" || got.Message != "That is no day. Write one as 2026-11-23." {
			t.Errorf("since %s: %s %+v", since, a.Status, got)
		}
	}
	s.ends(key, c)
	log, err := s.Store().AuditLog(t.Context(), account.AuditFilter{Family: "opt_ins"}, 100)
	if err != nil || len(log) != 7 {
		t.Fatalf("%d lines in the audit log (%v)", len(log), err)
	}
	for _, line := range log {
		if line.Actor.Name != "key the CRM" || strings.Contains(line.After, "amina") {
			t.Errorf("written down: %+v", line)
		}
	}
	for _, secret := range []string{"amina", "cmd|", strings.TrimPrefix(c["unsubscribe_url"], "http://"+s.Addr()+"/u/"), key} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// ends ends an opt-in as mail programs do, and sees to it that it is gone.
func (s *site) ends(key string, c map[string]string) {
	s.t.Helper()
	link := strings.TrimPrefix(c["unsubscribe_url"], "http://"+s.Addr())
	before := s.get(link)
	unknown := s.get("/u/" + strings.Repeat("A", 22))
	if before.StatusCode != http.StatusOK || strings.Count(before.body, "<button") != 1 {
		s.t.Errorf("%s, %d buttons", before.Status, strings.Count(before.body, "<button"))
	}
	if strings.ReplaceAll(before.body, link, "x") != strings.ReplaceAll(unknown.body, "/u/"+strings.Repeat("A", 22), "x") {
		s.t.Error("an unknown address looks otherwise")
	}
	s.do(http.MethodHead, link, nil)
	if got := contacts(s.t, s.pull(key, "")); got[0]["status"] != "active" {
		s.t.Error("following the link ended it: mail scanners do")
	}
	oneClick := url.Values{"List-Unsubscribe": {"One-Click"}}
	done := s.do(http.MethodPost, link, oneClick, "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site")
	again := s.post("/u/"+strings.Repeat("A", 22), oneClick)
	if done.StatusCode != http.StatusOK || again.StatusCode != http.StatusOK || done.Header.Get("Cache-Control") != "no-store" || len(done.Cookies()) > 0 {
		s.t.Errorf("ended: %s, unknown: %s", done.Status, again.Status)
	}
	if strings.ReplaceAll(done.body, link, "x") != strings.ReplaceAll(again.body, "/u/"+strings.Repeat("A", 22), "x") {
		s.t.Error("ending an unknown one looks otherwise")
	}
	got := contacts(s.t, s.pull(key, ""))
	if len(got) != 1 || got[0]["status"] != "ended" || got[0]["contact_id"] != c["contact_id"] || got[0]["ended_on"] == "" {
		s.t.Fatalf("once it has ended: %v", got)
	}
	for _, column := range []string{"name", "email", "given_at", "source", "via", "partner", "unsubscribe_url"} {
		if got[0][column] != "" {
			s.t.Errorf("of one that has ended there is a %s: %s", column, got[0][column])
		}
	}
}

func TestOptIn_KeysThatOpenNothing(t *testing.T) {
	s := asking(t)
	private := s.write(letter("partner", "friends", "opt_in_partner", partnerTick))
	s.post(private+"/confirm", url.Values{})
	revoked, retired := s.key(""), s.key("friends")
	keys, err := s.Service().APIKeys(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Service().RevokeAPIKey(t.Context(), tester, "", keys[0].ID); err != nil {
		t.Fatal(err)
	}
	p, err := s.Service().AnyPartner("friends")
	if err != nil {
		t.Fatal(err)
	}
	gone := *p
	gone.RetiredAt = s.Service().Now()
	if err := s.Service().EditPartner(t.Context(), tester, gone); err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string]string{
		"none": "", "another scheme": "Basic cGJrXzE6", "an empty one": "Bearer ", "no key": "Bearer pbk_0123456789012345678901", "a long one": "Bearer pbk_" + strings.Repeat("x", 5000),
		"revoked": "Bearer " + revoked, "of a partner that has retired": "Bearer " + retired,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := s.do(method, "/api/v1/opt-ins.csv", nil, "Authorization", shown)
			if a.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") || strings.Contains(a.body, "amina") || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %s %v", method, name, a.Status, a.Header)
			}
		}
	}
	if a := s.get("/api/v1/opt-ins.csv?key=" + retired); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("a key in the address: %s", a.Status)
	}
	if a := s.post("/c/"+slug+"/letter", url.Values{"postcode": {"LS6 3HN"}, "partner": {"friends"}}); a.boxes() != "owner" {
		t.Errorf("a partner that has retired still asks: %q", a.boxes())
	}
}

// Organisers get what was given to them, a partner what was given to it.
func TestOptIn_Downloads(t *testing.T) {
	t.Parallel()
	s := asking(t)
	private := s.write(letter("partner", "friends", "opt_in_partner", partnerTick, "opt_in_owner", ownerTick))
	s.post(private+"/confirm", url.Values{})
	const own, partners = "/organise/c/" + slug + "/opt-ins.csv", "/organise/own/opt-ins.csv"
	for role, want := range map[account.Role][2]string{
		account.Owner: {ownAsk, "404"}, account.Organiser: {ownAsk, "403"}, account.Viewer: {"403", "403"}, account.Partner: {"403", friendsAsk},
	} {
		other := s.another()
		other.signIn(role)
		for i, path := range []string{own, partners} {
			a := other.post(path, url.Values{})
			got := a.Status[:3]
			if got == "200" {
				if all := contacts(t, a); len(all) == 1 {
					got = all[0]["wording"]
				}
			}
			if got != want[i] {
				t.Errorf("%s at %s: %s, want %s", role, path, got, want[i])
			}
		}
		page := other.get("/organise/c/" + slug)
		if role == account.Owner && (!strings.Contains(page.body, "People who want to hear more") || !strings.Contains(page.body, own)) {
			t.Error("the dashboard does not tell of them")
		}
		if role == account.Viewer && (!strings.Contains(page.body, "People who want to hear more") || strings.Contains(page.body, own)) {
			t.Error("a viewer is offered the addresses, or not told how many")
		}
	}
}

// From the private page each is ended by one button, and all of them with the
// data.
func TestOptIn_PrivatePage(t *testing.T) {
	s := asking(t)
	own := s.key("")
	private := s.write(letter("partner", "friends", "opt_in_partner", partnerTick, "opt_in_owner", ownerTick))
	s.post(private+"/confirm", url.Values{})
	ids := regexp.MustCompile(`name="opt_in" value="(\d+)"`).FindAllStringSubmatch(s.get(private).body, -1)
	if len(ids) != 2 {
		t.Fatalf("%d buttons", len(ids))
	}
	if a := s.post(private+"/opt-out", url.Values{"opt_in": {"amina"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an id that is none: %s", a.Status)
	}
	const done = "Done. That has ended."
	for _, claim := range []string{"", "&opt_in=" + ids[0][1], "&opt_in=amina", "&opt_in="} {
		if strings.Contains(s.get(private+"?done=opted_out"+claim).body, done) {
			t.Errorf("an address claims that one has ended that stands: %q", claim)
		}
	}
	if a := s.post(private+"/opt-out", url.Values{"opt_in": {"7"}}); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != private {
		t.Errorf("one that is not the letter's: %s %s", a.Status, a.Header.Get("Location"))
	}
	var a answer
	for range 2 { // pressed twice
		a = s.post("/cy"+private+"/opt-out", url.Values{"opt_in": {ids[0][1]}})
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/cy"+private+"?done=opted_out&opt_in="+ids[0][1] {
			t.Fatalf("%s %s", a.Status, a.Header.Get("Location"))
		}
	}
	if strings.Contains(s.get(private+"?done=opted_out&opt_in="+ids[1][1]).body, done) {
		t.Error("an address claims that the other has ended")
	}
	page := s.get(a.Header.Get("Location"))
	if strings.Contains(page.body, ids[0][1]) || !strings.Contains(page.body, ids[1][1]) || !strings.Contains(page.body, "Mae hynny wedi dod i ben.") {
		t.Error("the page does not say what has ended, or the other is gone")
	}
	s.eventually("the letter to be sent, or not yet", func() bool {
		return s.post(private+"/erase", url.Values{}).StatusCode == http.StatusSeeOther
	})
	ended := append(contacts(t, s.pull(own, "")), contacts(t, s.pull(s.key("friends"), ""))...)
	if len(ended) != 2 || ended[0]["status"] != "ended" || ended[1]["status"] != "ended" {
		t.Errorf("once everything is deleted: %v", ended)
	}
	if page := s.get(private); strings.Contains(page.body, "opt-out") || strings.Contains(page.body, "monthly") || !strings.Contains(page.body, "If you said with it that an organisation may write to you") {
		t.Error("the page still tells of them, or not what may be kept")
	}
	if a := s.post("/l/"+strings.Repeat("A", 22)+"/opt-out", url.Values{"opt_in": {ids[0][1]}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("with an unknown letter: %s", a.Status)
	}
	if a := s.get("/l/" + strings.Repeat("A", 22) + "/opt-out"); a.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown letter: %s", a.Status)
	}
}

// A campaign that has stopped asking still keeps what it was told.
func TestOptIn_KeptIsToldOfWhenNobodyAsksAnyMore(t *testing.T) {
	s := asking(t)
	const told = "If you said with it that an organisation may write to you"
	first := s.write(letter("opt_in_owner", ownerTick))
	s.post("/c/"+slug+"/send", letter("email", "sam@example.org"))
	other := privateLink.FindStringSubmatch(s.mails(2)[0])[1]
	s.post(first+"/confirm", url.Values{})
	s.asks("")
	p, err := s.Service().AnyPartner("friends")
	if err != nil {
		t.Fatal(err)
	}
	silent := *p
	silent.OptIn = nil
	if err := s.Service().EditPartner(t.Context(), tester, silent); err != nil {
		t.Fatal(err)
	}
	s.post(other+"/erase", url.Values{})
	if !strings.Contains(s.get(other).body, told) {
		t.Error("it is not told that something may be kept")
	}
	s.eventually("the letter to be sent, or not yet", func() bool {
		return s.post(first+"/erase", url.Values{}).StatusCode == http.StatusSeeOther
	})
	if strings.Contains(s.get(other).body, told) {
		t.Error("something is said to be kept where nothing is")
	}
}

// Who has lost the emails can ask whoever runs the site, long after the letter's
// data are deleted.
func TestOptIn_FoundForThePersonThemselves(t *testing.T) {
	s := asking(t)
	key := s.key("friends")
	private := s.write(letter("partner", "friends", "opt_in_partner", partnerTick))
	s.post(private+"/confirm", url.Values{})
	s.signIn(account.Owner)
	sought := url.Values{"sought": {"Amina@example.org "}}
	if a := s.post("/organise/people", sought); !strings.Contains(a.body, "They said that 1 organisation may write to them") {
		t.Errorf("not found: %s", a.Status)
	}
	if a := s.post("/organise/people/copy", sought); !strings.Contains(a.body, `"wording": "Friends of Leeds`) || strings.Contains(a.body, "/u/") || strings.Contains(a.body, `"token": "`) && !strings.Contains(a.body, `"token": ""`) {
		t.Errorf("the copy: %s", a.body)
	}
	if a := s.post("/organise/people", url.Values{"sought": {"sam@example.org"}}); strings.Contains(a.body, "They said that") {
		t.Error("another's are found")
	}
	sought.Set("sure", "1")
	if a := s.post("/organise/people/erase", sought); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "1 organisation may not write to them any more") {
		t.Errorf("deleted, the letter's among them: %s, and it does not say what ended", a.Status)
	}
	if got := contacts(t, s.pull(key, "")); len(got) != 1 || got[0]["status"] != "ended" {
		t.Errorf("once deleted for them: %v", got)
	}
}
