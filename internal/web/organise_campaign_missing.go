package web

import (
	"strconv"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// missing says what has to be written yet, with the pages on which to.
func (s *Server) missing(at string, file campaign.File, problems []campaign.Problem) []view.HubProblem {
	var all []view.HubProblem
	for _, p := range problems {
		all = append(all, view.HubProblem{Text: s.problemNamed(file, p), URL: pageOf(at, p)})
	}
	return all
}

// pageOf is the page on which a problem of a file can be mended.
func pageOf(at string, p campaign.Problem) string {
	parts := strings.Split(p.Field(), ".")
	switch {
	case parts[0] == "rules":
		return at + "/rules"
	case parts[0] != "texts":
		return at + "/campaign"
	case len(parts) > 3 && (parts[2] == "letters" || parts[2] == "exclusions"):
		return at + "/" + parts[2] + "/" + parts[3] + "/" + parts[1] + "#" + p.Field()
	case len(parts) > 1:
		return at + "/texts/" + parts[1] + "#" + p.Field()
	}
	return at
}

// problemNamed says a problem of a file as its forms call what it is about; as it
// stands in the file where no form has it.
func (s *Server) problemNamed(file campaign.File, p campaign.Problem) string {
	where := s.fieldNamed(file, strings.Split(p.Field(), "."))
	if where == "" {
		return p.String()
	}
	if p.Text == "missing" {
		return where
	}
	return s.View.Desk("desk.edit.problem", "where", where, "text", p.Text)
}

// fieldNamed is what the forms call a value of a campaign's file; empty: none has
// it.
func (s *Server) fieldNamed(file campaign.File, parts []string) string {
	label := func(family, key string) string {
		if key == "description" { // see part
			key = "summary"
		}
		if said := s.View.Desk(family + key); said != family+key {
			return said
		}
		return ""
	}
	last := parts[len(parts)-1]
	number := func(at int) int { n, _ := strconv.Atoi(parts[at]); return n + 1 }
	within := func(name, outer string) string {
		if name == "" {
			return ""
		}
		return s.View.Desk("desk.edit.within", "field", name, "part", outer)
	}
	switch {
	case len(parts) == 1:
		return label("desk.edit.f.", last)
	case parts[0] == "rules" && len(parts) == 3:
		return within(label("desk.rules.", last), s.View.Desk("desk.rules.rule", "number", number(1)))
	case parts[0] == "signatories" && len(parts) == 3:
		return within(label("desk.edit.f.", last), s.View.Desk("desk.edit.signatory", "number", number(1)))
	case parts[0] == "supporting" && len(parts) == 3:
		return within(label("desk.edit.f.", last), s.View.Desk("desk.edit.supporting", "number", number(1)))
	case parts[0] != "texts" || file.Texts[parts[1]] == nil:
		return ""
	}
	language := s.language(parts[1])
	switch {
	case len(parts) == 3:
		return within(label("desk.edit.f.", last), s.View.Desk("desk.edit.heading_texts", "language", language))
	case parts[2] == "case" && len(parts) == 5:
		return within(label("desk.edit.f.", last), s.View.Desk("desk.edit.section", "number", number(3)))
	case parts[2] == "letters" || parts[2] == "exclusions":
		kind := "desk.edit.heading_" + strings.TrimSuffix(parts[2], "s")
		whole := s.View.Desk(kind, "key", parts[3], "language", language)
		if len(parts) == 4 {
			return whole
		}
		return within(label("desk.edit.f.", last), whole)
	}
	return ""
}
