package view

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
)

// letterSamples is every page from the letter to its private page, in every
// state that looks different, by name.
func letterSamples(t testing.TB, lang string) map[string]Page {
	c := shipped(t)
	text := c.Text(lang)
	frame := func(title string) Frame { return Frame{Lang: lang, Title: title, Campaign: c, Text: text} }
	private := func(title string) Frame { f := frame(title); f.NoIndex = true; return f }
	tested := private("Your letter")
	tested.TestMode = true

	to := Recipient{
		Constituency: "Leeds Central and Headingley", Code: "E14001323", Name: "Jane Example",
		FullTitle: "Rt Hon Jane Example MP", Party: "Labour",
	}
	pledged, noEmail, speaker := to, to, to
	pledged.Pledged, noEmail.NoEmail, speaker.Exception = true, true, text.Letters["speaker"].Tag
	vacant := Recipient{Constituency: to.Constituency, Code: to.Code, Vacant: true}

	fields := map[string]Field{
		"subject": {Value: filled(text.Letters["ask"].Subject)}, "body": {Value: filled(text.Letters["ask"].Body)},
		"name": {Value: "Amina O’Connor"}, "email": {Value: "amina@example.org"}, "address1": {Value: "Flat 2, 17 Brudenell Road"},
		"address2": {}, "town": {Value: "Leeds"}, "phone": {}, "postcode": {Value: "LS6 3HN"},
	}
	fresh := map[string]Field{"subject": fields["subject"], "body": fields["body"]}
	wrong := map[string]Field{
		"subject": fields["subject"], "body": {Error: "Your letter is empty. Write a few words to your MP."},
		"name":  {Error: "Give your name. An MP can’t answer a letter without one."},
		"email": {Value: "amina.example.org", Error: "An email address has an @ in it, such as amina@example.org."},
		"town":  {Value: "Leeds"}, "phone": {Value: "12", Error: "That is not a whole telephone number. Check it, or leave it out."},
	}
	problems := []FieldError{
		{"body", wrong["body"].Error}, {"name", wrong["name"].Error},
		{"phone", wrong["phone"].Error}, {"email", wrong["email"].Error}, {"", "And the whole of it once more."},
	}
	subject := filled(text.Letters["ask"].Subject)
	hidden := []Hidden{{"subject", subject}, {"body", "two\nlines"}, {"postcode", "LS6 3HN"}}
	const own = "My neighbour stopped going to your surgery last year. She was afraid of what might happen if she asked for help with her visa.\n\n"
	paper := func(to Recipient) Paper {
		return Paper{
			Paper: campaign.Paper{
				From:   []string{"Amina O’Connor", "Flat 2, 17 Brudenell Road", "Leeds", "LS6 3HN"},
				Text:   "Dear Jane Example,\n\n" + own + strings.TrimSpace(filled(text.Letters["ask"].Body)) + "\n\nYours sincerely,",
				Signed: "\n\nAmina O’Connor", Tail: "\nFlat 2, 17 Brudenell Road\nLeeds\nLS6 3HN",
			},
			To: to, Subject: subject, Day: "23 November 2026",
		}
	}
	letterForm := func(f Frame, to Recipient, fields map[string]Field, change ...func(*LetterForm)) LetterForm {
		p := LetterForm{
			Frame: f, To: to, Salutation: "Dear Jane Example,", SignOff: "Yours sincerely,",
			Postcode: "LS6 3HN", Fields: fields, Way: campaign.WaySend, LetterLang: lang, Draft: "a-campaign E14001323 " + lang,
		}
		for i, q := range text.Questions {
			p.Questions = append(p.Questions, Question{campaign.AnswerFields()[i], q, ""})
		}
		for _, c := range change {
			c(&p)
		}
		return p
	}
	byPost := func(p *LetterForm) { p.ByPost, p.Way = true, campaign.WayPost }
	preview := func(way campaign.Way, to Recipient, change ...func(*Preview)) Preview {
		p := Preview{
			Frame: private("Check your letter"), To: to, From: "Amina O’Connor", ReplyTo: "amina@example.org",
			Paper: paper(to), Way: way, Fields: hidden, Advice: campaign.Hints{Own: 9, Level: campaign.OwnStart},
		}
		if way != campaign.WaySend && !to.Vacant {
			p.SentMyself = SentMyself{"4fXq", to.Code, string(way)}
		}
		for _, c := range change {
			c(&p)
		}
		return p
	}
	whole := paper(to)
	long := NewOwnMail("jane.example.mp@parliament.uk", subject, whole.Text+whole.Signed+whole.Tail)
	short := NewOwnMail("mp@example.invalid", subject, "Dear Jane Example,\n\nPlease sign.\n\nYours sincerely,\n\nAmina O’Connor")
	welsh := Recipient{Constituency: "Ynys Môn", Code: "W07000081", Name: "Jane Example", FullTitle: "Jane Example MP", Party: "Plaid Cymru"}
	other := "cy"
	if lang == other {
		other = "en"
	}

	pages := map[string]Page{
		"letter": letterForm(frame("Your letter"), to, fresh, func(p *LetterForm) { p.Fresh = true }),
		"letter-filled": letterForm(tested, to, fields, func(p *LetterForm) {
			p.Way, p.Template = campaign.WayPost, "Another text."
			p.Questions[0].Answer = "She could ask for help.\n<b>"
		}),
		"letter-errors":  letterForm(frame("Your letter"), to, wrong, func(p *LetterForm) { p.ErrorList, p.Chosen, p.Replaces = problems, true, "x" }),
		"excluded":       Excluded{Frame: frame("No letter"), To: speaker, Link: "https://example.org/x", LinkText: "Read more", Paragraphs: []string{"One.", "Two."}, Fields: []Hidden{{"postcode", "LS6 3HN"}}},
		"letter-pledged": letterForm(frame("Your letter"), pledged, fresh, func(p *LetterForm) { p.Note = text.Letters["thanks"].Note }),
		"letter-speaker": letterForm(frame("Your letter"), speaker, fresh, func(p *LetterForm) { p.Note = text.Letters["speaker"].Note }),
		"letter-noemail": letterForm(frame("Your letter"), noEmail, fresh, byPost),
		"letter-vacant":  letterForm(frame("Your letter"), vacant, fresh, byPost, func(p *LetterForm) { p.Questions = nil }),
		"letter-moved":   letterForm(frame("Your letter"), to, fields, func(p *LetterForm) { p.StillNames, p.KeptLang = []string{"Leeds South", "John Sample"}, true }),
		"letter-opt-ins": letterForm(frame("Your letter"), to, fields, func(p *LetterForm) {
			p.OptInGone = true
			p.OptIns = []OptIn{
				{Field: "opt_in_partner", Partner: "Friends of <Leeds>", Words: "Write to me once a month about refugees in Leeds.", Value: "0123456789abcdef", Ticked: true, Lang: other},
				{Field: "opt_in_owner", Words: "Tell me what becomes of this campaign.", Value: "fedcba9876543210", Changed: true},
			}
		}),
		"unsubscribe":      Unsubscribe{Frame: Frame{Lang: lang, Title: "Stop the emails", NoIndex: true}, Token: "4fXq"},
		"unsubscribe-done": Unsubscribe{Frame: Frame{Lang: lang, Title: "Stop the emails", NoIndex: true}, Token: "4fXq", Done: true},
		"stop":             Stop{Frame: Frame{Lang: lang, Title: "No more questions", NoIndex: true}, Token: "4fXq"},
		"stop-done":        Stop{Frame: Frame{Lang: lang, Title: "No more questions", NoIndex: true}, Token: "4fXq", Done: true},
		"letter-wales":     letterForm(frame("Your letter"), welsh, fresh, func(p *LetterForm) { p.Switch = []Switch{{other, "Y llall"}} }),
		"letter-foreign":   letterForm(frame("Your letter"), to, fresh, func(p *LetterForm) { p.LetterLang = other }),

		"preview":         &[]Preview{preview(campaign.WaySend, to, func(p *Preview) { p.Changed = "Your MP has changed since you began." })}[0],
		"preview-opt-ins": preview(campaign.WaySend, to, func(p *Preview) { p.OptIns = []OptIn{{Words: "Write to me once a month.", Lang: other}} }),
		"preview-hints": preview(campaign.WaySend, to, func(p *Preview) {
			p.Advice = campaign.Hints{Level: campaign.OwnNone, Length: campaign.LengthLong, Age: 17}
		}),
		"preview-foreign":   preview(campaign.WaySend, to, func(p *Preview) { p.Paper.Lang = other }),
		"preview-print":     preview(campaign.WayPost, to),
		"preview-post":      preview(campaign.WayPost, noEmail, func(p *Preview) { p.ByPost = true }),
		"preview-vacant":    preview(campaign.WayPost, vacant, func(p *Preview) { p.ByPost = true }),
		"preview-own":       preview(campaign.WayEmail, to, func(p *Preview) { p.Mail, p.TestAddress = short, true }),
		"preview-own-long":  preview(campaign.WayEmail, to, func(p *Preview) { p.Mail = long }),
		"check":             CheckEmail{Frame: private("Check your email"), To: to, Email: "amina.oconnor.with.a.long.name@example.org", Days: 7, Fields: hidden},
		"busy":              Busy{Frame: private("Many people are writing"), Action: At(lang, "/c/x/send"), Fields: hidden, Seconds: 30},
		"busy-network":      Busy{Frame: private("Many people are writing"), Action: At(lang, "/c/x/send"), Fields: hidden, Seconds: 30, Network: true},
		"sent-myself":       Thanks{Frame: private("Thank you")},
		"private-erased":    PrivatePage{Frame: private("Your letter"), Token: "4fXq", State: campaign.StateSent, To: to, SentAt: day, Erased: true, Asked: true, Remembered: day.AddDate(0, 0, 90), Done: "Done. Your data is deleted."},
		"private-sent-said": nil,
	}
	replies := func(said campaign.Answer) (choices []ReplyChoice) {
		for _, a := range campaign.Answers() {
			choices = append(choices, ReplyChoice{string(a), "They said " + string(a), a == said})
		}
		return choices
	}
	for _, s := range campaign.States() {
		p := PrivatePage{
			Frame: private("Your letter"), Token: "4fXq0123456789abcdef", State: s, To: to, Paper: paper(to), CanErase: true,
			Steps: []Step{{"You wrote it", day.Add(-7 * time.Minute), false}, {"You confirmed it", day.Add(-2 * time.Minute), false}, {"It goes to your MP", time.Time{}, true}, {"We delete your name, address, email and letter", day.AddDate(0, 0, 7), true}},
		}
		switch s {
		case campaign.StateAwaiting:
			p.CanConfirm, p.CanWithdraw, p.Expires = true, true, day.AddDate(0, 0, 7)
			ticked := p
			ticked.OptIns = []OptIn{{Partner: "Friends of <Leeds>", Words: "Write to me once a month.", ID: "12", Waits: true}, {Words: "Tell me more.", Lang: other, ID: "13", Waits: true}}
			pages["private-awaiting-opt-ins"] = ticked
		case campaign.StateQueued:
			p.CanWithdraw, p.Done = true, "Thank you. Your letter is confirmed."
		case campaign.StateSent:
			p.SentAt, p.EraseAt, p.Share, p.Replies = day, day.AddDate(0, 0, 7), true, replies("")
			p.Remembered = day.AddDate(0, 0, 90)
			p.Steps[2] = Step{"Your MP’s mail server accepted it", day, false}
			p.Problem = "It is too late to take this letter back: it has gone, or is just going."
			p.OptIns = []OptIn{{Partner: "Friends of <Leeds>", Words: "Write to me once a month.", ID: "12"}, {Words: "Tell me more.", ID: "13"}}
			said := p
			said.Steps = slices.Clone(p.Steps)
			said.Problem, said.Done, said.Replies, said.Replied = "", "Thank you for telling us.", replies(campaign.AnswerReal), true
			pages["private-sent-said"] = said
		case campaign.StateHeld:
			p.CanWithdraw, p.HeldFor, p.To, p.CanWriteAgain = true, "Nobody holds the seat just now. It has become vacant since you wrote.", vacant, true
		}
		pages["private-"+string(s)] = p
		switch s {
		case campaign.StateWithdrawn:
			p.Decided, p.Note, p.Reference, p.CanWriteAgain = "declined", "Your MP has stepped down.\n\nA new one will be elected in May: please write to them then.", "K7QM-2XRD", true
			pages["private-declined"] = p
		case campaign.StateSent:
			p.Decided = "arrived"
			pages["private-arrived"] = p
		}
	}
	return pages
}
