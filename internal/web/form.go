package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// The fields of our forms besides those that a supporter fills in.
const (
	fieldConstituency = "constituency"   // ONS code
	fieldMember       = "member"         // who sat when the preview was shown
	fieldDrafted      = "drafted"        // ONS code: whose draft the text started from
	fieldChoose       = "choose"         // "all": show every constituency
	fieldEdit         = "edit"           // "1": back from the preview
	fieldReplaces     = "replaces"       // names the letter that this one corrects
	fieldSeen         = "seen"           // stands for the letter in the preview
	fieldWay          = "way"            // how the letter shall go
	fieldLetterLang   = "letter_lang"    // the language that the letter is in
	fieldWriteIn      = "write_in"       // the language that it shall be in from now on
	fieldPartner      = "partner"        // whose doing the letter is: see campaign.Credit
	fieldSource       = "source"         // likewise
	fieldVia          = "via"            // likewise
	fieldOptInPartner = "opt_in_partner" // hash of the wording that is ticked: see campaign.OptIns
	fieldOptInOwner   = "opt_in_owner"   // likewise
	fieldShown        = "shown"          // says when the form was shown first
	fieldTrap         = "website"        // people do not see it; a program fills it in
)

// maxFields is more than any of our forms has.
const maxFields = 40

// letterForm is everything that the forms on the way to a letter can hold.
type letterForm struct {
	campaign.Form
	Drafted string
	WasLang string // the language that the letter was in
	Choose  bool   // show every constituency
	Typed   bool   // the letter was written already; do not start anew
}

// readForm reads a posted form of the letter's way.
func readForm(c echo.Context, lang string) (letterForm, error) {
	values, err := readValues(c)
	if err != nil {
		return letterForm{}, err
	}
	return decodeForm(values, lang)
}

// readValues reads a posted form.
func readValues(c echo.Context) (url.Values, error) {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return nil, unreadable(err)
	}
	return r.PostForm, nil
}

// unreadable says of a form that it cannot be read, and whether it is too large.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return fault.Wrap(errUnreadable, fault.Invalid, "message.422.text")
}

// errUnreadable stands for the cause, which may quote what was typed.
var errUnreadable = errors.New("the form cannot be read")

// lineEnds makes line ends the same. Made so once more they stay: a form goes through
// several pages.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// decodeForm takes the known fields out of a form; unknown ones are ignored.
func decodeForm(values url.Values, lang string) (letterForm, error) {
	if len(values) > maxFields {
		return letterForm{}, fault.Wrap(fmt.Errorf("%d fields", len(values)), fault.Invalid, "message.422.text")
	}
	f := letterForm{Form: campaign.Form{
		Lang:         lang,
		Postcode:     values.Get(campaign.FieldPostcode),
		Constituency: values.Get(fieldConstituency),
		Subject:      values.Get(campaign.FieldSubject),
		Body:         lineEnds.Replace(values.Get(campaign.FieldBody)),
		Name:         values.Get(campaign.FieldName),
		Email:        values.Get(campaign.FieldEmail),
		Phone:        values.Get(campaign.FieldPhone),
		Address1:     values.Get(campaign.FieldAddress1),
		Address2:     values.Get(campaign.FieldAddress2),
		Town:         values.Get(campaign.FieldTown),
		Replaces:     values.Get(fieldReplaces),
		Shown:        values.Get(fieldShown),
		Trap:         values.Get(fieldTrap),
		Seen:         values.Get(fieldSeen),
		Way:          campaign.Way(values.Get(fieldWay)),
		LetterLang:   values.Get(fieldLetterLang),
		Credit:       campaign.Credit{Partner: values.Get(fieldPartner), Source: values.Get(fieldSource), Via: values.Get(fieldVia)},
		OptIns:       campaign.OptIns{Partner: values.Get(fieldOptInPartner), Owner: values.Get(fieldOptInOwner)},
	}}
	for _, name := range campaign.AnswerFields() {
		f.Set(name, lineEnds.Replace(values.Get(name)))
	}
	f.WasLang = f.LetterLang
	if values.Has(fieldWriteIn) {
		f.LetterLang = values.Get(fieldWriteIn)
	}
	if member := values.Get(fieldMember); member != "" {
		// What is no number is nobody's, so the supporter looks again.
		n, err := strconv.Atoi(member)
		if err != nil {
			n = -1
		}
		f.Member = n
	}
	f.Drafted = values.Get(fieldDrafted)
	f.Choose = values.Get(fieldChoose) == "all"
	f.Typed = values.Get(fieldEdit) == "1" || values.Has(campaign.FieldBody)
	return f, nil
}

// hidden returns what was typed as fields that go along unseen.
func (f letterForm) hidden() []view.Hidden {
	var fields []view.Hidden
	for _, name := range campaign.FormFields() {
		fields = append(fields, view.Hidden{Name: name, Value: f.Value(name)})
	}
	for _, name := range campaign.AnswerFields() {
		if answer := f.Value(name); answer != "" {
			fields = append(fields, view.Hidden{Name: name, Value: answer})
		}
	}
	for _, h := range []view.Hidden{
		{Name: fieldReplaces, Value: f.Replaces}, {Name: fieldWay, Value: string(f.Way)}, {Name: fieldLetterLang, Value: f.LetterLang},
		{Name: fieldOptInPartner, Value: f.OptIns.Partner}, {Name: fieldOptInOwner, Value: f.OptIns.Owner},
		{Name: fieldShown, Value: f.Shown}, {Name: fieldTrap, Value: f.Trap},
	} {
		if h.Value != "" {
			fields = append(fields, h)
		}
	}
	return append(fields, creditFields(f.Credit)...)
}

// carried returns, as fields that go along unseen, what came with the postcode:
// what a link said of the supporter, and whose doing the letter is.
func (f letterForm) carried() []view.Hidden {
	var fields []view.Hidden
	for _, h := range []view.Hidden{{Name: campaign.FieldName, Value: f.Name}, {Name: campaign.FieldEmail, Value: f.Email}} {
		if h.Value != "" {
			fields = append(fields, h)
		}
	}
	return append(fields, creditFields(f.Credit)...)
}

// creditFields says whose doing a letter is in fields that go along unseen.
func creditFields(credit campaign.Credit) []view.Hidden {
	var fields []view.Hidden
	for _, h := range []view.Hidden{
		{Name: fieldPartner, Value: credit.Partner}, {Name: fieldSource, Value: credit.Source}, {Name: fieldVia, Value: credit.Via},
	} {
		if h.Value != "" {
			fields = append(fields, h)
		}
	}
	return fields
}

// hiddenValues returns a posted form as fields that go along unseen, the same
// order every time.
func hiddenValues(values url.Values) []view.Hidden {
	var fields []view.Hidden
	for name, all := range values {
		for _, value := range all {
			fields = append(fields, view.Hidden{Name: name, Value: value})
		}
	}
	slices.SortFunc(fields, func(a, b view.Hidden) int {
		return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value)
	})
	return fields
}
