package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/view"
)

// part is a field of the editor: its words are desk.edit.f.KEY and, where there
// is one, desk.edit.h.KEY.
func (s *Server) part(kind, at, key, lang string, rows int, values url.Values) view.DeskField {
	said := key
	if key == "description" { // a word that catalogues keep for themselves
		said = "summary"
	}
	f := view.DeskField{Kind: kind, Name: at + key, Label: s.View.Desk("desk.edit.f." + said), Value: values.Get(at + key), Rows: rows, Lang: lang}
	if hint := s.View.Desk("desk.edit.h." + said); hint != "desk.edit.h."+said {
		f.Hint = hint
	}
	return f
}

// entries makes a group of each entry of a list, and one that adds an entry.
func (s *Server) entries(values url.Values, list, legend, add string, fields func(i int) []view.DeskField) []view.DeskGroup {
	n := campaign.Entries(values, list)
	groups := make([]view.DeskGroup, 0, n+1)
	for i := range n {
		groups = append(groups, view.DeskGroup{
			Legend: s.View.Desk(legend, "number", i+1), List: list, Entry: i, First: i == 0, Last: i == n-1, Fields: fields(i),
		})
	}
	return append(groups, view.DeskGroup{List: list, Add: s.View.Desk(add)})
}

func (s *Server) showEditCampaign(v visit) error { return s.showEdit(v, s.campaignForm()) }
func (s *Server) saveEditCampaign(v visit) error { return s.saveEdit(v, s.campaignForm()) }

// campaignForm is who runs a campaign, and how it looks.
func (s *Server) campaignForm() editForm {
	return editForm{back: "/campaign", set: (*campaign.File).SetCampaign, page: func(d view.CampaignDesk, file campaign.File, values url.Values) view.CampaignEdit {
		page := view.CampaignEdit{CampaignDesk: d, Heading: s.View.Desk("desk.edit.heading_campaign")}
		language := s.part("select", "", "default_language", "", 0, values)
		for _, lang := range file.Languages() {
			language.Options = append(language.Options, view.DeskOption{Value: lang, Words: s.language(lang), Chosen: lang == language.Value})
		}
		page.Groups = []view.DeskGroup{{Legend: s.View.Desk("desk.edit.who"), Fields: []view.DeskField{
			s.part("area", "", "organisers", "", 3, values), language, s.part("line", "", "accent", "", 0, values),
			s.part("area", "", "picture", "", 2, values), s.part("line", "", "exit", "", 0, values),
			s.part("line", "keep.", "text_days", "", 0, values), s.part("line", "keep.", "email_days", "", 0, values), s.part("line", "keep.", "unconfirmed_days", "", 0, values),
		}}}
		for list, legend := range map[string]string{"signatories": "desk.edit.signatory", "supporting": "desk.edit.supporting"} {
			groups := s.entries(values, list, legend, "desk.edit.add_"+list, func(i int) []view.DeskField {
				at := fmt.Sprintf("%s.%d.", list, i)
				fields := []view.DeskField{s.part("line", at, "name", "", 0, values)}
				if values.Get(at+"advice") != "" {
					fields = append(fields, s.part("line", at, "advice", file.DefaultLanguage, 0, values))
				} else {
					for _, lang := range file.Languages() {
						f := s.part("line", at, "advice", lang, 0, values)
						f.Name, f.Value = at+"advice."+lang, values.Get(at+"advice."+lang)
						f.Label += ": " + s.language(lang)
						fields = append(fields, f)
					}
				}
				return append(fields, s.part("line", at, "url", "", 0, values), s.part("line", at, "phone", "", 0, values))
			})
			if list == "signatories" {
				page.Groups = slices.Insert(page.Groups, 1, groups...)
			} else {
				page.Groups = append(page.Groups, groups...)
			}
		}
		return page
	}}
}

// others links to the same part in every language.
func (s *Server) others(file campaign.File, slug, path, lang string) []view.DeskLink {
	var links []view.DeskLink
	for _, other := range file.Languages() {
		links = append(links, view.DeskLink{Name: s.language(other), URL: atDesk + "/c/" + slug + "/edit" + path + other, Current: other == lang})
	}
	return links
}

// known returns the file when it has the language that the address names, and
// the text of the key where that names one; not_found.
func (s *Server) known(v visit, has func(*campaign.Text) bool) error {
	_, file, err := s.kept(v)
	if err != nil {
		return err
	}
	if t := file.Texts[v.Param("lang")]; t == nil || !has(file.Texts[file.DefaultLanguage]) && !has(t) {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return nil
}

func (s *Server) showEditTexts(v visit) error {
	if err := s.known(v, func(*campaign.Text) bool { return true }); err != nil {
		return err
	}
	return s.showEdit(v, s.textsForm(v.Param("lang")))
}

func (s *Server) saveEditTexts(v visit) error {
	if err := s.known(v, func(*campaign.Text) bool { return true }); err != nil {
		return err
	}
	return s.saveEdit(v, s.textsForm(v.Param("lang")))
}

// textsForm is what a campaign says in a language, but for its letters.
func (s *Server) textsForm(lang string) editForm {
	at := "texts." + lang + "."
	return editForm{
		back: "/texts/" + lang,
		set:  func(f *campaign.File, values url.Values) { f.SetTexts(lang, values) },
		page: func(d view.CampaignDesk, file campaign.File, values url.Values) view.CampaignEdit {
			page := view.CampaignEdit{CampaignDesk: d, Heading: s.View.Desk("desk.edit.heading_texts", "language", s.language(lang)), Others: s.others(file, file.Slug, "/texts/", lang)}
			front := view.DeskGroup{Legend: s.View.Desk("desk.edit.front")}
			for _, f := range []struct {
				kind, key string
				rows      int
			}{
				{"line", "title", 0}, {"line", "headline", 0}, {"area", "lead", 2}, {"area", "description", 2}, {"area", "ask", 3},
				{"line", "picture_alt", 0}, {"area", "questions", 3}, {"area", "closing", 4}, {"area", "opt_in", 2},
			} {
				front.Fields = append(front.Fields, s.part(f.kind, at, f.key, lang, f.rows, values))
			}
			page.Groups = append(page.Groups, front)
			page.Groups = append(page.Groups, s.entries(values, at+"case", "desk.edit.section", "desk.edit.add_section", func(i int) []view.DeskField {
				at := fmt.Sprintf("%scase.%d.", at, i)
				return []view.DeskField{s.part("line", at, "heading", lang, 0, values), s.part("area", at, "paragraphs", lang, 6, values)}
			})...)
			return page
		},
	}
}

func (s *Server) showEditLetter(v visit) error {
	if err := s.known(v, hasLetter(v.Param("key"))); err != nil {
		return err
	}
	return s.showEdit(v, s.letterEdit(v.Param("key"), v.Param("lang")))
}

func (s *Server) saveEditLetter(v visit) error {
	if err := s.known(v, hasLetter(v.Param("key"))); err != nil {
		return err
	}
	return s.saveEdit(v, s.letterEdit(v.Param("key"), v.Param("lang")))
}

func hasLetter(key string) func(*campaign.Text) bool {
	return func(t *campaign.Text) bool { _, ok := t.Letters[key]; return ok || key == string(campaign.VariantAsk) }
}

// letterForm is one letter in one language, with a preview beside it.
func (s *Server) letterEdit(key, lang string) editForm {
	at := "texts." + lang + ".letters." + key + "."
	field := func(kind, part string, rows int, values url.Values) view.DeskField {
		f := s.part(kind, at, part, lang, rows, values)
		f.Places = campaign.PlaceholdersOf(part)
		return f
	}
	return editForm{
		back: "/letters/" + key + "/" + lang,
		set:  func(f *campaign.File, values url.Values) { f.SetLetter(lang, key, values) },
		page: func(d view.CampaignDesk, file campaign.File, values url.Values) view.CampaignEdit {
			return view.CampaignEdit{
				CampaignDesk: d, Heading: s.View.Desk("desk.edit.heading_letter", "key", key, "language", s.language(lang)),
				Lead: s.View.Desk("desk.edit.lead_letter"), Others: s.others(file, file.Slug, "/letters/"+key+"/", lang),
				Groups: []view.DeskGroup{
					{Legend: s.View.Desk("desk.edit.letter_group"), Fields: []view.DeskField{
						field("line", "subject", 0, values), field("line", "salutation", 0, values), field("area", "body", 14, values), field("area", "sign_off", 3, values),
					}},
					{Legend: s.View.Desk("desk.edit.around_group"), Fields: []view.DeskField{
						field("area", "note", 2, values), field("line", "tag", 0, values), field("area", "check", 2, values), field("area", "thank_you", 2, values),
					}},
				},
			}
		},
		look: func(v visit, c *campaign.Campaign, values url.Values) *view.DeskLook {
			return s.look(c, values, key, lang)
		},
	}
}

func (s *Server) showEditExclusion(v visit) error {
	if err := s.known(v, hasExclusion(v.Param("key"))); err != nil {
		return err
	}
	return s.showEdit(v, s.exclusionForm(v.Param("key"), v.Param("lang")))
}

func (s *Server) saveEditExclusion(v visit) error {
	if err := s.known(v, hasExclusion(v.Param("key"))); err != nil {
		return err
	}
	return s.saveEdit(v, s.exclusionForm(v.Param("key"), v.Param("lang")))
}

func hasExclusion(key string) func(*campaign.Text) bool {
	return func(t *campaign.Text) bool { _, ok := t.Exclusions[key]; return ok }
}

// exclusionForm is what those read, in one language, whose MP gets no letter.
func (s *Server) exclusionForm(key, lang string) editForm {
	at := "texts." + lang + ".exclusions." + key + "."
	return editForm{
		back: "/exclusions/" + key + "/" + lang,
		set:  func(f *campaign.File, values url.Values) { f.SetExclusion(lang, key, values) },
		page: func(d view.CampaignDesk, file campaign.File, values url.Values) view.CampaignEdit {
			text := s.part("area", at, "text", lang, 5, values)
			text.Places = campaign.PlaceholdersOf("text")
			return view.CampaignEdit{
				CampaignDesk: d, Heading: s.View.Desk("desk.edit.heading_exclusion", "key", key, "language", s.language(lang)),
				Lead: s.View.Desk("desk.edit.lead_exclusion"), Others: s.others(file, file.Slug, "/exclusions/"+key+"/", lang),
				Groups: []view.DeskGroup{{Legend: s.View.Desk("desk.edit.exclusion_group"), Fields: []view.DeskField{
					text, s.part("line", at, "link", "", 0, values), s.part("line", at, "link_text", lang, 0, values),
					s.part("line", at, "tag", lang, 0, values), s.part("area", at, "check", lang, 2, values),
				}}},
			}
		},
	}
}

func (s *Server) showEditRules(v visit) error { return s.showEdit(v, s.rulesForm()) }
func (s *Server) saveEditRules(v visit) error { return s.saveEdit(v, s.rulesForm()) }

// rulesForm is the rules in their order.
func (s *Server) rulesForm() editForm {
	return editForm{
		back: "/rules",
		set:  func(f *campaign.File, values url.Values) { f.SetRules(values, s.Service.Named) },
		try:  func(values url.Values) []campaign.Problem { return campaign.UnknownNames(values, s.Service.Named) },
		page: func(d view.CampaignDesk, file campaign.File, values url.Values) view.CampaignEdit {
			roster, _ := s.Service.Roster()
			return view.CampaignEdit{
				CampaignDesk: d, Heading: s.View.Desk("desk.rules.heading"), Lead: s.View.Desk("desk.rules.lead"), Cover: atDesk + "/c/" + file.Slug + "/coverage",
				Groups: s.entries(values, "rules", "desk.rules.rule", "desk.rules.add", func(i int) []view.DeskField {
					return s.ruleFields(fmt.Sprintf("rules.%d.", i), file, roster, values)
				}),
			}
		},
	}
}

func (s *Server) ruleFields(at string, file campaign.File, roster *parliament.Roster, values url.Values) []view.DeskField {
	field := func(kind, key string, rows int) view.DeskField {
		f := s.field(kind, at+key, "desk.rules."+key, values.Get(at+key))
		f.Rows = rows
		return f
	}
	checks := func(key string, all []string, words func(string) string) view.DeskField {
		f := field("checks", key, 0)
		for _, have := range values[at+key] {
			if !slices.Contains(all, have) {
				all = append(all, have)
			}
		}
		for _, value := range all {
			f.Options = append(f.Options, view.DeskOption{Value: value, Words: words(value), Chosen: slices.Contains(values[at+key], value)})
		}
		return f
	}
	itself := func(value string) string { return value }
	states := make([]string, 0, 3)
	for _, p := range campaign.PledgeStates() {
		states = append(states, string(p))
	}
	selects := func(key string) view.DeskField {
		f := field("select", key, 0)
		for _, value := range []string{"", "true", "false"} {
			word := value
			if word == "" {
				word = "any"
			}
			f.Options = append(f.Options, view.DeskOption{Value: value, Words: s.View.Desk("desk.rules." + key + "_" + word), Chosen: f.Value == value})
		}
		return f
	}
	name := field("line", "name", 0)
	name.Label = s.View.Desk("desk.rules.rule_name")
	seats, members := field("area", "constituency", 2), field("area", "member", 2)
	seats.Value, members.Value = nameSeats(roster, seats.Value), nameMembers(roster, members.Value)
	then := field("select", "then", 0)
	own := file.Texts[file.DefaultLanguage]
	if own != nil {
		for _, key := range campaign.LetterKeys(own.Letters) {
			then.Options = append(then.Options, view.DeskOption{Value: "letter " + key, Words: s.View.Desk("desk.rules.then_letter", "key", key), Chosen: then.Value == "letter "+key})
		}
		for _, key := range slices.Sorted(maps.Keys(own.Exclusions)) {
			then.Options = append(then.Options, view.DeskOption{Value: "exclude " + key, Words: s.View.Desk("desk.rules.then_exclude", "key", key), Chosen: then.Value == "exclude "+key})
		}
	}
	return []view.DeskField{
		name, then, checks("pledge", states, func(p string) string { return s.View.Desk("desk.rules." + p) }),
		checks("nation", campaign.Nations(), itself), checks("region", campaign.Regions()[:9], itself), checks("party", parties(roster), itself),
		seats, members, selects("vacant"), selects("no_email"), field("check", "exempt", 0),
	}
}

// parties lists the parties of the House by name.
func parties(roster *parliament.Roster) []string {
	var all []string
	for _, seat := range roster.Seats() {
		if p := seat.Member.Party; p != "" && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}

// nameSeats puts behind each ONS code what the constituency is called.
func nameSeats(roster *parliament.Roster, lines string) string {
	return eachLine(lines, func(line string) string {
		if seat, ok := roster.Seat(line); ok {
			return line + " " + seat.Constituency.Name
		}
		return line
	})
}

// nameMembers puts behind each number whose it is.
func nameMembers(roster *parliament.Roster, lines string) string {
	return eachLine(lines, func(line string) string {
		var id int
		if _, err := fmt.Sscanf(line, "%d", &id); err != nil || fmt.Sprint(id) != line {
			return line
		}
		if seat, ok := roster.ByMember(id); ok {
			return line + " " + seat.Member.Name
		}
		return line
	})
}

func eachLine(lines string, change func(string) string) string {
	all := strings.Split(lines, "\n")
	for i, line := range all {
		all[i] = change(strings.TrimSpace(line))
	}
	return strings.Join(all, "\n")
}
