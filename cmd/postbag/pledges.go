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
	Void     pledgesVoidCmd     `cmd:"" help:"Take out a pledge that should never have been recorded, as of the wrong MP."`
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
	if len(slugs) == 0 {
		return usageError{fmt.Errorf("there is no campaign %q: there is none at all here", slug)}
	}
	verb := "is"
	if len(slugs) > 1 {
		verb = "are"
	}
	return usageError{fmt.Errorf("there is no campaign %q: there %s %s", slug, verb, strings.Join(slugs, ", "))}
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
		fmt.Fprintln(w.err, "If that is a mistake, --correct replaces its date and evidence. If it is of the wrong MP, use \"postbag pledges void\".")
	}
	switch {
	case wrong.Ended:
		fmt.Fprintln(w.err, "If the pledge is to stand after all, --reinstate lets it. If the MP pledged anew, give the day of the new pledge.")
	case wrong.Differs:
		fmt.Fprintln(w.err, "If the MP took the pledge back, use \"postbag pledges withdraw\".")
	}
	return errNo
}

// correction says what may be replaced.
type correction struct {
	Correct   bool `help:"Replace what is recorded otherwise, whole: date, evidence and details of a withdrawal. The database keeps the old record. A withdrawal is never cleared by this alone."`
	Reinstate bool `help:"Let a pledge stand again that was withdrawn, or count again that was voided. A file must have the column withdrawn to clear a withdrawal."`
}

func (c correction) how() campaign.Correction {
	return campaign.Correction{Replace: c.Correct, Reinstate: c.Reinstate}
}

type pledgesAddCmd struct {
	campaignArg
	mpArg
	Date     string `required:"" placeholder:"DAY" help:"The day of the pledge: 2026-11-23 or 23/11/2026."`
	Evidence string `placeholder:"URL" help:"A web address where anyone can see it. It is published."`
	recorder
	correction
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
		change, err := k.AddPledge(w.ctx, k.campaign, p, c.how())
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
	DryRun bool `help:"Only say what would change."`
	correction
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
		done, err := k.ImportPledges(w.ctx, k.campaign, in, campaign.ImportOptions{By: c.By, Correction: c.how(), DryRun: c.DryRun})
		if len(done.Ignored) > 0 {
			fmt.Fprintln(w.err, "Columns that mean nothing here:", strings.Join(done.Ignored, ", "))
		}
		if report, ok := errors.AsType[*parliament.FileError](err); ok {
			fmt.Fprintln(w.err, report)
			fmt.Fprintln(w.err, "Nothing was changed: mend the file and import it again.")
			if done.Differs {
				fmt.Fprintln(w.err, "--correct replaces what is recorded otherwise.")
			}
			if done.Ended {
				fmt.Fprintln(w.err, "--reinstate lets pledges stand again that were withdrawn, and count again that were voided.")
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
	campaign.PledgeWithdrawn: "withdrawn", campaign.PledgeCorrected: "corrected", campaign.PledgeVoided: "voided",
}

// say prints one change, with the line that it comes from if asked.
func (k keeper) say(out io.Writer, c campaign.PledgeChange, line bool) error {
	from := ""
	if line {
		from = fmt.Sprintf("line %d: ", c.Line)
	}
	text := fmt.Sprintf("%s%s: %s, %s", from, said[c.Action], k.who(c.Pledge), c.Pledge.Describe())
	switch c.Action {
	case campaign.PledgeCorrected:
		text += " (was " + c.Before.Describe() + ")"
	case campaign.PledgeVoided:
		text += " (" + c.Reason + ")"
	}
	_, err := fmt.Fprintln(out, text)
	return err
}
