package main

import (
	"errors"
	"fmt"
	"log/slog"
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
	List     queueListCmd    `cmd:"" help:"Say how the queue stands, and list the letters that wait for a decision or are in a state."`
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
		Store: s, Keys: keys, MailDomain: cfg.MailDomain(), Now: time.Now, Log: slog.New(slog.NewTextHandler(w.err, nil)), Wake: func() {}, Pace: cfg.Pace,
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
