package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"postbag/internal/campaign"
)

type queueListCmd struct {
	queueFlags
	State string `placeholder:"STATE" enum:",queued,sending,held,uncertain,sent,failed,bounced" default:"" help:"Letters in this state: queued, sending, held, uncertain, sent, failed or bounced. Without, those that wait for a decision: held, uncertain, failed or bounced."`
	Why   string `placeholder:"REASON" help:"Only letters that came to their state for this reason, such as vacant or mp_changed."`
	From  string `name:"partner" placeholder:"PARTNER" help:"Only letters that a partner brought; - for those that none did."`
	Limit int    `default:"100" placeholder:"N" help:"At most so many letters, the oldest first; 0 for all."`
	JSON  bool   `name:"json" help:"Print JSON, one letter a line; how the queue stands goes to standard error."`
}

// queued is a letter as the commands print it. Nothing of it says who wrote it.
type queued struct {
	Letter       int64          `json:"letter"`
	Reference    string         `json:"reference"`
	State        campaign.State `json:"state"`
	Why          string         `json:"why"`
	Since        time.Time      `json:"since"`
	Constituency string         `json:"constituency"`
	MP           string         `json:"mp"`
	MPNow        string         `json:"mp_now"`
	Attempts     int            `json:"attempts"`
	Answer       string         `json:"answer"`
	Similar      int            `json:"similar"`
}

func queuedOf(service *campaign.Service, l campaign.DeskLetter) queued {
	roster, _ := service.Roster()
	seat, _ := roster.Seat(l.Constituency)
	return queued{l.ID, campaign.ShowReference(l.Reference), l.State, l.Why, l.StateAt, seat.Constituency.Name, l.MemberName, l.Now.Name, l.Attempts, l.Answer, l.Similar}
}

// Run says how the queue stands and lists letters, the oldest first.
func (c *queueListCmd) Run(w *world) error {
	if c.Limit < 0 {
		return usageError{fmt.Errorf("--limit %d: it is a number of letters, or 0 for all", c.Limit)}
	}
	return c.desk(w, func(service *campaign.Service) error {
		limit, beside := c.Limit, w.out
		if limit == 0 {
			limit = -1 // none, to SQLite
		}
		if c.JSON {
			beside = w.err
		}
		letters, n, err := service.ListLetters(w.ctx, c.Campaign, campaign.OpenFilter{State: campaign.State(c.State), Why: c.Why, Partner: c.From}, limit)
		if err != nil {
			return err
		}
		if err := c.stands(w, beside, service); err != nil {
			return err
		}
		t := w.newTable()
		for i, l := range letters {
			each := queuedOf(service, l)
			if c.JSON {
				if err := w.jsonLine(each); err != nil {
					return err
				}
				continue
			}
			if i == 0 {
				t.row("LETTER", "STATE", "WHY", "SINCE", "CONSTITUENCY", "MP", "ATTEMPTS", "ANSWER", "SIMILAR")
			}
			t.row(strconv.FormatInt(each.Letter, 10), string(each.State), each.Why, each.Since.Format(time.RFC3339), each.Constituency, each.MP, strconv.Itoa(each.Attempts), each.Answer, strconv.Itoa(each.Similar))
		}
		if err := t.flush(); err != nil {
			return err
		}
		switch {
		case n > len(letters):
			fmt.Fprintf(beside, "And %s more: --limit shows more of them, 0 all.\n", count(n-len(letters)))
		case n == 0 && c.State == "":
			fmt.Fprintln(w.err, "No letter waits for a decision.")
		case n == 0:
			fmt.Fprintf(w.err, "No such letter is %s.\n", c.State)
		}
		return nil
	})
}

// stands says whether the mail server takes mail, how many letters are queued and
// when the last is expected to go.
func (c *queueListCmd) stands(w *world, out io.Writer, service *campaign.Service) error {
	relay, err := service.Relay(w.ctx)
	if err != nil {
		return err
	}
	line, err := service.Line(w.ctx, c.Campaign)
	if err != nil {
		return err
	}
	if relay.Refuses() {
		answer := relay.Answer
		if answer != "" {
			answer = " (" + answer + ")"
		}
		fmt.Fprintf(out, "Mail server: refuses everything since %s%s; failures in a row: %s; tried again %s\n",
			relay.Since.Format(time.RFC3339), answer, count(relay.Failures), relay.NextAt.Format(time.RFC3339))
	} else {
		fmt.Fprintln(out, "Mail server: nothing is wrong, as far as is known")
	}
	if line.Letters == 0 {
		fmt.Fprintln(out, "Queued: 0")
		return nil
	}
	fmt.Fprintf(out, "Queued: %s; the last is expected to go %s\n", count(line.Letters), line.Last.UTC().Format(time.RFC3339))
	return nil
}
