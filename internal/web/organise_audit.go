package web

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

func (s *Server) auditRoutes(d desk) {
	d.get("/organise/audit", account.SeeAudit, s.showAudit)
	d.post("/organise/audit.csv", account.SeeAudit, s.exportAuditCSV)
	d.post("/organise/audit.json", account.SeeAudit, s.exportAuditJSON)
}

// auditFilter reads which lines are wanted. What makes no sense sifts nothing;
// a day that is none is reported.
func auditFilter(q url.Values) (f account.AuditFilter, wrongDay bool) {
	f = account.AuditFilter{Family: q.Get("what"), Campaign: q.Get("campaign")}
	f.Account, _ = strconv.ParseInt(q.Get("who"), 10, 64)
	f.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64)
	if day := q.Get("day"); day != "" {
		from, err := time.ParseInLocation(time.DateOnly, day, campaign.London)
		if err != nil {
			return f, true
		}
		f.From, f.Until = from, from.AddDate(0, 0, 1)
	}
	return f, false
}

// auditQuery writes a filter as it stands in an address.
func auditQuery(q url.Values, before int64) string {
	kept := url.Values{}
	for _, name := range []string{"who", "what", "campaign", "day"} {
		if value := q.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	if before != 0 {
		kept.Set("before", strconv.FormatInt(before, 10))
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + kept.Encode()
}

// showAudit answers GET /organise/audit: who did what, the latest first.
func (s *Server) showAudit(v visit) error {
	ctx, q := v.Request().Context(), v.Request().URL.Query()
	f, wrongDay := auditFilter(q)
	lines, more, err := s.Accounts.AuditLog(ctx, f)
	if err != nil {
		return err
	}
	page := view.DeskAudit{Desk: s.deskFrame(v, "desk.title.audit"), Day: q.Get("day"), Query: auditQuery(q, 0)}
	page.Sifted = page.Query != ""
	code := http.StatusOK
	if wrongDay {
		code, page.Form.Errors = http.StatusUnprocessableEntity, map[string]string{"day": s.View.Desk("desk.error.day")}
	}
	for _, e := range lines {
		page.Lines = append(page.Lines, s.auditLine(e))
	}
	if f.Before != 0 {
		page.First = atDesk + "/audit" + page.Query
	}
	if more {
		page.Next = atDesk + "/audit" + auditQuery(q, lines[len(lines)-1].ID)
	}
	return s.auditChoices(v, code, f, page)
}

// auditChoices adds what the log can be sifted by, and sends the page.
func (s *Server) auditChoices(v visit, code int, f account.AuditFilter, page view.DeskAudit) error {
	ctx := v.Request().Context()
	people, err := s.Accounts.Accounts(ctx)
	if err != nil {
		return err
	}
	families, err := s.Accounts.AuditFamilies(ctx)
	if err != nil {
		return err
	}
	for _, a := range people {
		page.People = append(page.People, view.DeskChoice{Value: strconv.FormatInt(a.ID, 10), Words: a.Name, Chosen: a.ID == f.Account})
	}
	page.People = append(page.People, view.DeskChoice{Value: strconv.FormatInt(account.Server, 10), Words: s.View.Desk("desk.audit.commands"), Chosen: f.Account == account.Server})
	for _, family := range families {
		page.Families = append(page.Families, view.DeskChoice{Value: family, Words: family, Chosen: family == f.Family})
	}
	for _, c := range s.Service.Campaigns() {
		page.Campaigns = append(page.Campaigns, view.DeskChoice{Value: c.Slug, Words: c.Text(view.DefaultLang).Title, Chosen: c.Slug == f.Campaign})
	}
	return s.deskPage(v, code, page)
}

// auditLine is a line of the log in words.
func (s *Server) auditLine(e account.Entry) view.DeskAuditLine {
	line := view.DeskAuditLine{
		At: e.At, Who: e.Actor.Name, Origin: e.Actor.Origin, Action: e.Action, Did: e.Action, Campaign: e.Campaign, Object: e.Object,
		Changes: changes(e.Before, e.After),
	}
	if key := "desk.audit_action." + e.Action; s.View.Desk(key) != key {
		line.Did = s.View.Desk(key)
	}
	return line
}

// changes sets what was before beside what is after, field by field, and leaves
// out what is the same. What is no object of JSON is shown as it is.
func changes(before, after string) []view.DeskChange {
	was, ok := fields(before)
	is, ok2 := fields(after)
	if !ok || !ok2 {
		return []view.DeskChange{{Before: before, After: after}}
	}
	names := maps.Clone(was)
	maps.Copy(names, is)
	var all []view.DeskChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if was[name] != is[name] {
			all = append(all, view.DeskChange{What: name, Before: was[name], After: is[name]})
		}
	}
	return all
}

// fields reads an object of JSON, each value as people read it.
func fields(text string) (map[string]string, bool) {
	if text == "" {
		return map[string]string{}, true
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return nil, false
	}
	all := map[string]string{}
	for name, raw := range object {
		all[name] = string(raw)
		var said string
		if json.Unmarshal(raw, &said) == nil {
			all[name] = said
		}
	}
	return all, true
}

// auditColumns are the columns of the CSV file. Times are UTC.
var auditColumns = []string{"id", "at", "who", "account", "origin", "action", "campaign", "object", "before", "after"}

// audited is a line of the log as files have it.
type audited struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	Who      string    `json:"who"`
	Account  int64     `json:"account"` // 0: a command, or Postbag itself
	Origin   string    `json:"origin"`
	Action   string    `json:"action"`
	Campaign string    `json:"campaign"`
	Object   string    `json:"object"`
	Before   string    `json:"before"`
	After    string    `json:"after"`
}

func auditedOf(e account.Entry) audited {
	return audited{e.ID, e.At, e.Actor.Name, e.Actor.Account, e.Actor.Origin, e.Action, e.Campaign, e.Object, e.Before, e.After}
}

// exportAuditCSV answers POST /organise/audit.csv.
func (s *Server) exportAuditCSV(v visit) error {
	return s.exportAudit(v, "csv", typeCSV, func(out io.Writer, lines auditSource) error {
		w := csv.NewWriter(out)
		w.UseCRLF = true // RFC 4180
		if err := w.Write(auditColumns); err != nil {
			return err
		}
		err := lines(func(some []account.Entry) error {
			for _, e := range some {
				a := auditedOf(e)
				record := []string{strconv.FormatInt(a.ID, 10), a.At.Format(time.RFC3339), a.Who, strconv.FormatInt(a.Account, 10), a.Origin, a.Action, a.Campaign, a.Object, a.Before, a.After}
				for i, field := range record {
					record[i] = campaign.Harmless(field)
				}
				if err := w.Write(record); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	})
}

// exportAuditJSON answers POST /organise/audit.json.
func (s *Server) exportAuditJSON(v visit) error {
	return s.exportAudit(v, "json", typeJSON, func(out io.Writer, lines auditSource) error {
		list := newJSONList(out)
		err := lines(func(some []account.Entry) error {
			for _, e := range some {
				if err := list.add(auditedOf(e)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return list.end()
	})
}

type auditSource func(each func([]account.Entry) error) error

func (s *Server) exportAudit(v visit, format string, contentType []string, write func(io.Writer, auditSource) error) error {
	f, wrong := auditFilter(v.Request().URL.Query())
	if wrong {
		return fault.New(fault.Invalid, "desk.error.day")
	}
	f.Before = 0
	return s.stream(v, "audit."+format, contentType, func(out io.Writer) error {
		return write(out, func(each func([]account.Entry) error) error {
			return s.Accounts.ExportAudit(v.Request().Context(), v.by(), f, each)
		})
	})
}
