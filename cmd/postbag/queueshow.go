package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

type queueShowCmd struct {
	queueFlags
	Letter int64 `arg:"" help:"The number of the letter."`
	JSON   bool  `name:"json" help:"Print JSON."`
}

// Run shows one letter.
func (c *queueShowCmd) Run(w *world) error {
	return c.desk(w, func(service *campaign.Service) error {
		l, err := service.OneLetter(w.ctx, c.Campaign, c.Letter)
		if fault.CodeOf(err) == fault.NotFound {
			fmt.Fprintf(w.err, "There is no letter %d in this campaign.\n", c.Letter)
			return errNo
		}
		if err != nil {
			return err
		}
		each := queuedOf(service, l.DeskLetter)
		if c.JSON {
			return w.json(struct {
				queued
				Events []shownMove `json:"events"`
				Mail   []shownMail `json:"mail"`
			}{each, shownMoves(l.Events), shownMails(l.Postings)})
		}
		t := w.newTable()
		for _, line := range [][2]string{
			{"Letter", strconv.FormatInt(each.Letter, 10)}, {"Reference", each.Reference}, {"State", string(each.State)}, {"Why", each.Why},
			{"Constituency", each.Constituency}, {"To", each.MP}, {"Sits now", each.MPNow},
		} {
			t.row(line[0]+":", line[1])
		}
		for _, e := range l.Events {
			t.row(e.At.Format(time.RFC3339), string(e.To)+" ("+e.Why+")")
		}
		for _, p := range l.Postings {
			t.row(p.QueuedAt.Format(time.RFC3339), fmt.Sprintf("mail %s: %s after %d attempts %s", p.Kind, p.Status, p.Attempts, p.Answer))
			for _, a := range p.Log {
				t.row(a.At.Format(time.RFC3339), strings.Join(strings.Fields(fmt.Sprintf("  %s %d %s %s", a.Verdict, a.Code, a.Enhanced, strings.ReplaceAll(a.Meaning(), "_", " "))), " "))
			}
		}
		return t.flush()
	})
}

// What is printed as JSON of what became of a letter. Times are RFC 3339.
type (
	shownMove struct {
		At   time.Time      `json:"at"`
		From campaign.State `json:"from"`
		To   campaign.State `json:"to"`
		Why  string         `json:"why"`
	}
	shownMail struct {
		ID         int64             `json:"id"`
		Kind       campaign.MailKind `json:"kind"`
		Status     string            `json:"status"`
		Attempts   int               `json:"attempts"`
		QueuedAt   time.Time         `json:"queued_at"`
		FinishedAt *time.Time        `json:"finished_at"` // null: it is not finished
		Code       int               `json:"code"`
		Answer     string            `json:"answer"`
		Log        []shownAttempt    `json:"log"`
	}
	shownAttempt struct {
		At       time.Time        `json:"at"`
		Verdict  campaign.Verdict `json:"verdict"`
		Code     int              `json:"code"`
		Enhanced string           `json:"enhanced"`
		Meaning  string           `json:"meaning"`
	}
)

func shownMoves(events []campaign.Event) []shownMove {
	all := []shownMove{}
	for _, e := range events {
		all = append(all, shownMove{e.At, e.From, e.To, e.Why})
	}
	return all
}

func shownMails(postings []campaign.Posting) []shownMail {
	all := []shownMail{}
	for _, p := range postings {
		m := shownMail{p.ID, p.Kind, p.Status, p.Attempts, p.QueuedAt, nil, p.Code, p.Answer, []shownAttempt{}}
		if !p.FinishedAt.IsZero() {
			m.FinishedAt = &p.FinishedAt
		}
		for _, a := range p.Log {
			m.Log = append(m.Log, shownAttempt{a.At, a.Verdict, a.Code, a.Enhanced, a.Meaning()})
		}
		all = append(all, m)
	}
	return all
}
