package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

func (s *Server) letterRoutes(d desk) {
	d.get("/organise/c/:campaign/letters", account.DecideLetters, s.showQueue)
	d.post("/organise/c/:campaign/letters/decide", account.DecideLetters, s.decideLetters)
	d.get("/organise/c/:campaign/letters/:id", account.DecideLetters, s.showDeskLetter)
	d.post("/organise/c/:campaign/letters/:id/read", account.ReadLetters, s.readDeskLetter)
	d.post("/organise/c/:campaign/letters.csv", account.SeeCounts, s.exportLettersCSV)
	d.post("/organise/c/:campaign/letters.json", account.SeeCounts, s.exportLettersJSON)
	d.post("/organise/c/:campaign/letters/people", account.ExportPeople, s.exportPeople)
	d.get("/organise/people", account.ReadLetters, s.showFind)
	d.post("/organise/people", account.ReadLetters, s.findPeople)
	d.post("/organise/people/copy", account.ReadLetters, s.copyPeople)
	d.post("/organise/people/erase", account.ReadLetters, s.erasePeople)
}

// showQueue answers GET /organise/c/{campaign}/letters: the letters that wait
// for somebody's decision.
func (s *Server) showQueue(v visit) error { return s.queuePage(v, http.StatusOK, nil) }

func (s *Server) queuePage(v visit, code int, wrong map[string]string) error {
	d, found, err := s.campaignDesk(v, "desk.title.letters")
	if err != nil {
		return err
	}
	form, err := v.FormParams() // of an address, or of a form with what was sifted
	if err != nil {
		return unreadable(err)
	}
	f := filterOf(form)
	q, err := s.Service.Queue(v.Request().Context(), found.Slug, f)
	if err != nil {
		return err
	}
	page := view.DeskQueue{
		Desk: d, Sifted: f != (campaign.OpenFilter{}), Decisions: campaign.Decisions(),
		Form: view.DeskForm{Errors: wrong}, People: v.who.Role.May(account.ExportPeople),
	}
	if page.People {
		k, err := s.Service.AgeKey(v.Request().Context(), found.Slug)
		if err != nil {
			return err
		}
		page.SealedTo, page.AgeAt = k.Fingerprint(), atAge(found.Slug)
	}
	if page.Failing, err = s.failing(v, ""); err != nil {
		return err
	}
	roster, _ := s.Service.Roster()
	for _, l := range q.Letters {
		page.Letters = append(page.Letters, s.letterRow(l, roster))
	}
	s.choices(&page, q.Groups, f, roster)
	page.Filter, page.Freed = filterFields(f), campaign.Freed(q.Groups, roster)
	at := lettersAt(found.Slug)
	if f.After != 0 {
		page.First = at + query(f, 0)
	}
	if q.More {
		page.Next = at + query(f, q.Letters[len(q.Letters)-1].ID)
	}
	return s.deskPage(v, code, page)
}

func lettersAt(slug string) string { return atDesk + "/c/" + slug + "/letters" }

// backTo is the list of letters with the filter that somebody came with.
func backTo(slug string, f campaign.OpenFilter) string { return lettersAt(slug) + query(f, 0) }

// filterOf reads which letters are wanted; what makes no sense sifts nothing.
func filterOf(q url.Values) campaign.OpenFilter {
	f := campaign.OpenFilter{State: campaign.State(q.Get("state")), Why: q.Get("why"), Constituency: q.Get("seat"), Variant: campaign.Variant(q.Get("variant")), Partner: q.Get("partner")}
	f.Member, _ = strconv.Atoi(q.Get("member"))
	f.After, _ = strconv.ParseInt(q.Get("after"), 10, 64)
	if !campaign.Open(f.State) {
		f.State = ""
	}
	return f
}

// query writes a filter as it stands in an address, from after a letter on.
func query(f campaign.OpenFilter, after int64) string {
	q := url.Values{}
	f.After = after
	for _, field := range filterFields(f) {
		q.Set(field.Name, field.Value)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// choices counts the letters that wait by what they can be sifted by.
func (s *Server) choices(page *view.DeskQueue, groups []campaign.OpenGroup, f campaign.OpenFilter, roster *parliament.Roster) {
	states, reasons, seats, partners := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, g := range groups {
		page.Waiting += g.Letters
		states[string(g.State)] += g.Letters
		reasons[g.Why] += g.Letters
		seats[g.Constituency] += g.Letters
		partners[cmp.Or(g.Partner, campaign.NoPartner)] += g.Letters
		if f.Finds(g) {
			page.Found += g.Letters
		}
	}
	list := func(counts map[string]int, chosen string, words func(string) string) (all []view.DeskChoice) {
		for value, n := range counts {
			all = append(all, view.DeskChoice{Value: value, Words: words(value), N: n, Chosen: value == chosen})
		}
		slices.SortFunc(all, func(a, b view.DeskChoice) int {
			return cmp.Or(cmp.Compare(a.Words, b.Words), cmp.Compare(a.Value, b.Value))
		})
		return all
	}
	page.States = list(states, string(f.State), func(v string) string { return s.View.Desk("desk.letter_state." + v + ".name") })
	page.Reasons = list(reasons, f.Why, s.why)
	page.Seats = list(seats, f.Constituency, func(v string) string { return seatName(roster, v) })
	if len(partners) > 1 || partners[campaign.NoPartner] == 0 {
		page.Partners = list(partners, f.Partner, func(v string) string { return s.partnerName(strings.TrimPrefix(v, campaign.NoPartner)) })
	}
}

func seatName(roster *parliament.Roster, code string) string {
	if seat, ok := roster.Seat(code); ok {
		return seat.Constituency.Name
	}
	return code
}

// why says in words why a letter came to its state; as it is kept where nobody
// wrote words for it.
func (s *Server) why(key string) string {
	if said := s.View.Desk("desk.why." + key); said != "desk.why."+key {
		return said
	}
	return key
}

// letterRow is a letter as lists show it.
func (s *Server) letterRow(l campaign.DeskLetter, roster *parliament.Roster) view.DeskLetterRow {
	like := campaign.OpenFilter{State: l.State, Why: l.Why, Member: l.MemberID, Variant: l.Variant}
	row := view.DeskLetterRow{
		ID: l.ID, URL: fmt.Sprintf("%s/%d", lettersAt(l.Campaign), l.ID), Value: chosenValue(l), Reference: campaign.ShowReference(l.Reference),
		Campaign: l.Campaign, Constituency: seatName(roster, l.Constituency), MP: l.MemberName, MPNow: l.Now.Name, SameMP: l.Now.MemberID == l.MemberID,
		State: l.Stands(), Why: s.why(l.Why), Since: l.StateAt, Written: l.CreatedAt, Own: l.Own, Attempts: l.Attempts, Answer: l.Answer,
		Similar: l.Similar, SimilarURL: lettersAt(l.Campaign) + query(like, 0), Kept: l.Kept,
	}
	if found, err := s.Service.Campaign(l.Campaign); err == nil {
		row.Campaign = found.Text(view.DefaultLang).Title
	}
	return row
}

// chosenValue names a letter in a form, and as what it was seen: since when it
// was in its state.
func chosenValue(l campaign.DeskLetter) string {
	return fmt.Sprintf("%d.%d", l.ID, l.StateAt.UnixMilli())
}

// chosen reads what chosenValue wrote; what it did not write is left out.
func chosen(values []string) (all []campaign.Chosen) {
	had := map[int64]bool{}
	for _, value := range values {
		id, at, _ := strings.Cut(value, ".")
		n, err := strconv.ParseInt(id, 10, 64)
		seen, err2 := strconv.ParseInt(at, 10, 64)
		if err != nil || err2 != nil || had[n] {
			continue
		}
		had[n] = true
		all = append(all, campaign.Chosen{ID: n, Seen: time.UnixMilli(seen).UTC()})
	}
	return all
}

// showDeskLetter answers GET /organise/c/{campaign}/letters/{id}: what became of
// one letter, without who wrote it.
func (s *Server) showDeskLetter(v visit) error { return s.deskLetterPage(v, http.StatusOK, nil, "") }

// readDeskLetter answers POST /organise/c/{campaign}/letters/{id}/read: who wrote
// it, and what. To look is an act, and is written down.
func (s *Server) readDeskLetter(v visit) error {
	id, err := letterID(v)
	if err != nil {
		return err
	}
	opened, err := s.Service.ReadLetter(v.Request().Context(), v.by(), v.Param("campaign"), id)
	if fault.CodeOf(err) == fault.Conflict {
		return s.deskLetterPage(v, status(err), nil, s.View.Desk(fault.SafeOf(err)))
	}
	if err != nil {
		return err
	}
	return s.deskLetterPage(v, http.StatusOK, opened, "")
}

func letterID(v visit) (int64, error) {
	id, err := strconv.ParseInt(v.Param("id"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "desk.error.no_letter")
	}
	return id, nil
}

func (s *Server) deskLetterPage(v visit, code int, opened *campaign.Opened, problem string) error {
	d, found, err := s.campaignDesk(v, "desk.title.letter")
	if err != nil {
		return err
	}
	id, err := letterID(v)
	if err != nil {
		return err
	}
	l, err := s.Service.OneLetter(v.Request().Context(), found.Slug, id)
	if err != nil {
		return err
	}
	roster, _ := s.Service.Roster()
	page := view.DeskLetter{
		Desk: d, Row: s.letterRow(l.DeskLetter, roster), Variant: string(l.Variant), Lang: s.View.T(l.Lang, "language.name"), Partner: l.Partner,
		Erase: l.EraseAt, MayRead: v.who.Role.May(account.ReadLetters), Problem: problem,
	}
	for _, each := range campaign.Decisions() {
		switch refused := l.Refuse(each); {
		case refused == "":
			page.Decisions = append(page.Decisions, each)
		case refused != campaign.RefusedState && refused != campaign.RefusedErased:
			page.Blocked = s.View.Desk("desk.refused." + refused)
		}
	}
	for _, c := range l.Holds {
		page.Checks = append(page.Checks, s.why(c.Why()))
	}
	for _, e := range l.Events {
		page.Events = append(page.Events, view.DeskEvent{At: e.At, To: string(e.To), Text: s.why(e.Why)})
	}
	for _, p := range l.Postings {
		at, answer := p.FinishedAt, p.Answer
		if at.IsZero() {
			at = p.QueuedAt
		}
		if opened != nil && opened.Answers[p.ID] != "" {
			answer = opened.Answers[p.ID]
		}
		posting := view.DeskPosting{Kind: string(p.Kind), Status: p.Status, Attempts: p.Attempts, At: at, Answer: answer}
		for _, a := range p.Log {
			codes := a.Enhanced
			if a.Code > 0 {
				codes = strings.TrimSpace(strconv.Itoa(a.Code) + " " + a.Enhanced)
			}
			posting.Log = append(posting.Log, view.DeskAttempt{At: a.At, Verdict: string(a.Verdict), Codes: codes, Meaning: a.Meaning()})
		}
		page.Postings = append(page.Postings, posting)
	}
	if opened != nil {
		page.Opened = &view.DeskOpened{Person: *opened.Person, Note: opened.Note}
	}
	return s.deskPage(v, code, page)
}
