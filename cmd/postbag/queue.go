package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/fault"
	"postbag/internal/mailer"
	"postbag/internal/store"
)

type queueCmd struct {
	List     queueListCmd    `cmd:"" help:"List the letters that wait for a decision."`
	Show     queueShowCmd    `cmd:"" help:"Show what became of one letter, without who wrote it."`
	Send     queueSendCmd    `cmd:"" help:"Send letters that are held, to the MP they were written to."`
	Retry    queueRetryCmd   `cmd:"" help:"Send letters again that failed, came back or may have arrived."`
	MarkSent queueMarkCmd    `cmd:"" help:"Mark letters as sent that may have arrived, and did."`
	Decline  queueDeclineCmd `cmd:"" help:"Decline letters, and tell their supporters why."`
}

// lettersArg names the letters that a command is about.
type lettersArg struct {
	Letters []int64 `arg:"" name:"letter" help:"The numbers of the letters, as \"postbag queue list\" shows them."`
}

// decider says who decides. As with pledges, it is not taken from the machine.
type decider struct {
	By string `required:"" placeholder:"NAME" help:"Who decides: your name or initials. It stands in the audit log."`
}

// queueFlags are what every command of the queue needs.
type queueFlags struct {
	campaignArg
	dataFlag
}

// desk opens the database with the secret of the settings, and does something
// with the letters of a campaign.
func (f queueFlags) desk(w *world, do func(*campaign.Service) error) (err error) {
	cfg, err := config.Load(w.env, func(raw string) error {
		_, err := mailer.ParseURL(raw)
		return err
	})
	if err != nil {
		return usageError{err}
	}
	cfg.DataDir = f.DataDir
	s, err := f.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	service, err := deskService(w, cfg, s)
	if err != nil {
		return err
	}
	if _, err := service.Campaign(f.Campaign); fault.CodeOf(err) == fault.NotFound {
		return unknownCampaign(w, s, f.Campaign)
	}
	return do(service)
}

// deskService returns the domain with what it needs to open letters. A server
// that runs finds what is queued within half a minute.
func deskService(w *world, cfg config.Config, s *store.Store) (*campaign.Service, error) {
	keys, err := app.OpenKeys(w.ctx, cfg, s)
	if err != nil {
		return nil, err
	}
	return campaign.NewService(w.ctx, campaign.Options{
		Store: s, Keys: keys, MailDomain: cfg.MailDomain(), Now: time.Now, Log: slog.New(slog.NewTextHandler(w.err, nil)), Wake: func() {},
	})
}

type queueListCmd struct {
	queueFlags
	State string `placeholder:"STATE" enum:",held,uncertain,failed,bounced" default:"" help:"Only letters in this state: held, uncertain, failed or bounced."`
	Why   string `placeholder:"REASON" help:"Only letters that wait for this reason, such as vacant or mp_changed."`
	From  string `name:"partner" placeholder:"PARTNER" help:"Only letters that a partner brought; - for those that none did."`
	JSON  bool   `name:"json" help:"Print JSON, one letter a line."`
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

// Run lists them, the oldest first.
func (c *queueListCmd) Run(w *world) error {
	return c.desk(w, func(service *campaign.Service) error {
		t := w.newTable()
		f := campaign.OpenFilter{State: campaign.State(c.State), Why: c.Why, Partner: c.From}
		n := 0
		for {
			q, err := service.Queue(w.ctx, c.Campaign, f)
			if err != nil {
				return err
			}
			for _, l := range q.Letters {
				each := queuedOf(service, l)
				f.After = l.ID
				n++
				if c.JSON {
					if err := w.jsonLine(each); err != nil {
						return err
					}
					continue
				}
				if n == 1 {
					t.row("LETTER", "STATE", "WHY", "SINCE", "CONSTITUENCY", "MP", "ATTEMPTS", "ANSWER", "SIMILAR")
				}
				t.row(strconv.FormatInt(each.Letter, 10), string(each.State), each.Why, each.Since.Format(time.RFC3339), each.Constituency, each.MP, strconv.Itoa(each.Attempts), each.Answer, strconv.Itoa(each.Similar))
			}
			if !q.More {
				break
			}
		}
		if n == 0 {
			fmt.Fprintln(w.err, "No letter waits for a decision.")
		}
		return t.flush()
	})
}

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
				Events   []campaign.Event   `json:"events"`
				Postings []campaign.Posting `json:"mail"`
			}{each, l.Events, l.Postings})
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

type (
	queueSendCmd struct {
		queueFlags
		lettersArg
		decider
	}
	queueRetryCmd struct {
		queueFlags
		lettersArg
		decider
	}
	queueMarkCmd struct {
		queueFlags
		lettersArg
		decider
	}
	queueDeclineCmd struct {
		queueFlags
		lettersArg
		decider
		Note string `required:"" placeholder:"TEXT" help:"What the supporters are told, by mail and on their private page."`
	}
)

// Run sends them.
func (c *queueSendCmd) Run(w *world) error {
	return c.decide(w, campaign.DecideSend, c.Letters, c.By, "")
}

// Run tries them again.
func (c *queueRetryCmd) Run(w *world) error {
	return c.decide(w, campaign.DecideRetry, c.Letters, c.By, "")
}

// Run marks them as sent.
func (c *queueMarkCmd) Run(w *world) error {
	return c.decide(w, campaign.DecideMark, c.Letters, c.By, "")
}

// Run declines them.
func (c *queueDeclineCmd) Run(w *world) error {
	return c.decide(w, campaign.DecideDecline, c.Letters, c.By, c.Note)
}

// decide carries a decision out and says for each letter what came of it; the
// answer is no unless all were done.
func (f queueFlags) decide(w *world, d campaign.Decision, letters []int64, who, note string) error {
	return f.desk(w, func(service *campaign.Service) error {
		var chosen []campaign.Chosen
		for _, id := range letters {
			chosen = append(chosen, campaign.Chosen{ID: id})
		}
		by := account.Actor{Name: "postbag queue: " + who}
		judged, err := service.Decide(w.ctx, by, f.Campaign, d, chosen, note)
		if fault.CodeOf(err) == fault.Invalid {
			return usageError{errors.New("--note needs some words, and no more than 2,000 characters; and no more than 200 letters at a time")}
		}
		if err != nil {
			return err
		}
		found := map[int64]bool{}
		answer := error(nil)
		for _, j := range judged {
			found[j.ID] = true
			if j.Refused != "" {
				answer = errNo
				fmt.Fprintf(w.out, "letter %d: not done: %s (it is %s)\n", j.ID, refusedWords[j.Refused], j.State)
				continue
			}
			to, _ := d.Outcome()
			fmt.Fprintf(w.out, "letter %d: %s, was %s\n", j.ID, to, j.State)
		}
		for _, id := range letters {
			if !found[id] {
				answer = errNo
				fmt.Fprintf(w.out, "letter %d: there is none in this campaign\n", id)
			}
		}
		return answer
	})
}

// refusedWords say why a decision cannot be carried out.
var refusedWords = map[string]string{
	campaign.RefusedState: "not something to do with a letter in its state", campaign.RefusedMoved: "it has moved on meanwhile",
	campaign.RefusedErased: "nothing of its person is left", campaign.RefusedAgain: "the same person has written again since",
	campaign.WhyVacant: "nobody holds the seat", campaign.WhyChanged: "another MP sits; decline it, so that they can write anew",
	campaign.WhyNoEmail: "the MP has no public email address", campaign.WhyDamaged: "its sealed record cannot be read",
	campaign.RefusedFailed: "something went wrong",
	campaign.WhyFailing:    "letters keep coming back from the MP's address; clear or correct it on the organisers' pages",
}
