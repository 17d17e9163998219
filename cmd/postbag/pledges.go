package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/parliament"
	"postbag/internal/store"
)

type pledgesCmd struct {
	Add      pledgesAddCmd      `cmd:"" help:"Record that an MP has pledged."`
	Withdraw pledgesWithdrawCmd `cmd:"" help:"Record that an MP has taken their pledge back."`
	Import   pledgesImportCmd   `cmd:"" help:"Record the pledges of a CSV file, all or none."`
	List     pledgesListCmd     `cmd:"" help:"List the pledges of a campaign."`
}

// campaignArg names the campaign that a command is about.
type campaignArg struct {
	Campaign string `arg:"" help:"The campaign's name in addresses, such as mps-not-border-guards."`
}

// mpArg names the MP that a command is about.
type mpArg struct {
	MP string `arg:"" name:"mp" help:"Who: the number in members.parliament.uk/member/1234, the constituency's ONS code or its English or Welsh name, or the MP's name. Accents, capitals and punctuation do not matter. A name that fits several MPs is refused."`
}

// recorder says who writes it down. It is not taken from the account on the
// machine: that is often "root", and never says who checked the evidence.
type recorder struct {
	By string `required:"" placeholder:"NAME" help:"Who records this: your name or initials. It is kept for the organisers and never published."`
}

// keeper is what the commands about pledges work with.
type keeper struct {
	*campaign.Service
	roster   *parliament.Roster
	campaign string
	history  []campaign.Pledge
}

// keep opens the database and does something with a campaign's pledges.
func (d dataFlag) keep(w *world, slug string, do func(keeper) error) (err error) {
	s, err := d.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	log := slog.New(slog.NewTextHandler(w.err, nil))
	service, err := campaign.NewService(w.ctx, campaign.Options{Store: s, Now: time.Now, Log: log})
	if err != nil {
		return err
	}
	history, err := service.PledgeHistory(w.ctx, slug)
	if fault.CodeOf(err) == fault.NotFound {
		return unknownCampaign(w, s, slug)
	}
	if err != nil {
		return err
	}
	roster, _ := service.Roster()
	return do(keeper{service, roster, slug, history})
}

// unknownCampaign says which campaigns there are.
func unknownCampaign(w *world, s *store.Store, slug string) error {
	sources, err := s.Sources(w.ctx)
	if err != nil {
		return err
	}
	var slugs []string
	for _, source := range sources {
		slugs = append(slugs, source.Slug)
	}
	return usageError{fmt.Errorf("there is no campaign %q here; there is: %v", slug, slugs)}
}

func (k keeper) find(mp string) (int, error) {
	id, err := campaign.FindMember(mp, k.roster, campaign.FormerMembers(k.history, k.roster))
	if err != nil {
		return 0, usageError{err}
	}
	return id, nil
}

// who is a member as a command's output names them.
func (k keeper) who(p campaign.Pledge) string {
	if seat, ok := k.roster.ByMember(p.MemberID); ok {
		return fmt.Sprintf("%s (%d, %s)", seat.Member.Name, p.MemberID, seat.Constituency.Name)
	}
	return fmt.Sprintf("%s (%d, no longer an MP)", p.MemberName, p.MemberID)
}

// refused turns the rules' answer into the program's: a conflict is a no, and
// what is invalid is mended by calling the command differently.
func (w *world) refused(err error) error {
	wrong, ok := errors.AsType[*campaign.PledgeError](err)
	switch {
	case !ok:
		return err
	case wrong.Code != fault.Conflict:
		return usageError{wrong}
	}
	fmt.Fprintln(w.err, "Nothing was changed:", wrong)
	if wrong.Differs {
		fmt.Fprintln(w.err, "If that is a mistake, --correct replaces its date and evidence. If the MP took the pledge back, use \"postbag pledges withdraw\".")
	}
	return errNo
}

type pledgesAddCmd struct {
	campaignArg
	mpArg
	Date     string `required:"" placeholder:"DAY" help:"The day of the pledge: 2026-11-23 or 23/11/2026."`
	Evidence string `placeholder:"URL" help:"A web address where anyone can see it. It is published."`
	recorder
	Correct bool `help:"Replace what is recorded otherwise, date and evidence both. The database keeps the old record."`
	dataFlag
}

// Run records one pledge.
func (c *pledgesAddCmd) Run(w *world) error {
	return c.keep(w, c.Campaign, func(k keeper) error {
		id, err := k.find(c.MP)
		if err != nil {
			return err
		}
		p := campaign.Pledge{MemberID: id, On: c.Date, Evidence: c.Evidence, RecordedBy: c.By}
		change, err := k.AddPledge(w.ctx, k.campaign, p, c.Correct)
		if err != nil {
			return w.refused(err)
		}
		return k.say(w.out, change, false)
	})
}

type pledgesWithdrawCmd struct {
	campaignArg
	mpArg
	Date     string `required:"" placeholder:"DAY" help:"The day on which they took it back: 2026-11-23 or 23/11/2026."`
	Evidence string `placeholder:"URL" help:"A web address where anyone can see it. It is published."`
	recorder
	dataFlag
}

// Run records one withdrawal.
func (c *pledgesWithdrawCmd) Run(w *world) error {
	return c.keep(w, c.Campaign, func(k keeper) error {
		id, err := k.find(c.MP)
		if err != nil {
			return err
		}
		p := campaign.Pledge{MemberID: id, WithdrawnOn: c.Date, WithdrawnEvidence: c.Evidence, WithdrawnBy: c.By}
		change, err := k.WithdrawPledge(w.ctx, k.campaign, p)
		if err != nil {
			return w.refused(err)
		}
		return k.say(w.out, change, false)
	})
}

type pledgesImportCmd struct {
	campaignArg
	File string `arg:"" help:"A CSV file (\"-\": standard input) whose first line names its columns, in any order: mp, member_id, ons_code or constituency (one is enough; several must agree), date and, if you like, evidence, withdrawn (the day they took it back) and withdrawn_evidence."`
	recorder
	DryRun  bool `help:"Only say what would change."`
	Correct bool `help:"Replace what is recorded otherwise by what the file says. The database keeps the old records."`
	dataFlag
}

// Run imports the file.
func (c *pledgesImportCmd) Run(w *world) error {
	var in io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return usageError{err}
		}
		defer f.Close()
		in = f
	}
	return c.keep(w, c.Campaign, func(k keeper) error {
		done, err := k.ImportPledges(w.ctx, k.campaign, in, campaign.ImportOptions{By: c.By, Correct: c.Correct, DryRun: c.DryRun})
		if len(done.Ignored) > 0 {
			fmt.Fprintln(w.err, "Columns that mean nothing here:", strings.Join(done.Ignored, ", "))
		}
		if report, ok := errors.AsType[*parliament.FileError](err); ok {
			fmt.Fprintln(w.err, report)
			fmt.Fprintln(w.err, "Nothing was changed: mend the file and import it again.")
			if done.Differs {
				fmt.Fprintln(w.err, "--correct replaces what is recorded otherwise.")
			}
			return errNo
		}
		if err != nil {
			return w.refused(err)
		}
		for _, change := range done.Changes {
			if err := k.say(w.out, change, true); err != nil {
				return err
			}
		}
		fmt.Fprintln(w.err, summary(done))
		return nil
	})
}

// summary counts what an import did or would do.
func summary(done campaign.PledgeImport) string {
	n := map[campaign.PledgeAction]int{}
	for _, change := range done.Changes {
		n[change.Action]++
	}
	text := fmt.Sprintf("%d added, %d withdrawn, %d corrected, %d already there.",
		n[campaign.PledgeAdded], n[campaign.PledgeWithdrawn], n[campaign.PledgeCorrected], n[campaign.PledgeUnchanged])
	if !done.Applied {
		text += " Nothing was changed: this was a dry run."
	}
	return text
}

// said is how the output calls the actions.
var said = map[campaign.PledgeAction]string{
	campaign.PledgeAdded: "added", campaign.PledgeUnchanged: "already there",
	campaign.PledgeWithdrawn: "withdrawn", campaign.PledgeCorrected: "corrected",
}

// say prints one change, with the line that it comes from if asked.
func (k keeper) say(out io.Writer, c campaign.PledgeChange, line bool) error {
	from := ""
	if line {
		from = fmt.Sprintf("line %d: ", c.Line)
	}
	p := c.Pledge
	_, err := fmt.Fprintf(out, "%s%s: %s, pledged on %s%s", from, said[c.Action], k.who(p), p.On, backed(p.Evidence))
	if err == nil && !p.Stands() {
		_, err = fmt.Fprintf(out, "; withdrawn on %s%s", p.WithdrawnOn, backed(p.WithdrawnEvidence))
	}
	if err == nil && c.Action == campaign.PledgeCorrected {
		_, err = fmt.Fprintf(out, " (was %s%s)", c.Before.On, backed(c.Before.Evidence))
	}
	if err == nil {
		_, err = fmt.Fprintln(out)
	}
	return err
}

func backed(evidence string) string {
	if evidence == "" {
		return ""
	}
	return ", " + evidence
}
