package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/store"
)

type retentionCmd struct {
	Plan  retentionPlanCmd  `cmd:"" help:"Say how many sealed records are kept, and on which days they go."`
	Run   retentionRunCmd   `cmd:"" help:"Erase what is due now, without waiting for the server to do it."`
	Prove retentionProveCmd `cmd:"" help:"Check the erasure ledger and that nothing is overdue, and print it. Exit code 1: something is wrong."`
}

type retentionPlanCmd struct {
	dataFlag
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints what is kept.
func (c *retentionPlanCmd) Run(w *world) (err error) {
	s, err := c.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	kept, err := s.Kept(w.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		type line struct {
			Campaign string          `json:"campaign"`
			Kind     campaign.Erased `json:"kind"`
			Day      string          `json:"day"`
			Records  int             `json:"records"`
		}
		lines := []line{}
		for _, k := range kept {
			lines = append(lines, line{k.Campaign, k.Kind, k.Day, k.Records})
		}
		return w.json(lines)
	}
	if len(kept) == 0 {
		fmt.Fprintln(w.out, "No sealed record is kept.")
		return nil
	}
	t := w.newTable()
	t.row("CAMPAIGN", "KIND", "GOES ON", "RECORDS")
	for _, k := range kept {
		day := k.Day
		switch {
		case k.Kind == campaign.ErasedOptIn:
			day = "when its person ends it"
		case k.Kind == campaign.ErasedText:
			day += " (name and email stay)"
		case day == "":
			day = "not fixed: the letter is under way"
		}
		t.row(k.Campaign, string(k.Kind), day, count(k.Records))
	}
	return t.flush()
}

type retentionRunCmd struct {
	dataFlag
}

// eraseTogether is how many letters are erased in one transaction: few enough that
// a server beside is not held up.
const eraseTogether = 100

// Run erases what is due.
func (c *retentionRunCmd) Run(w *world) (err error) {
	s, err := c.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	began := time.Now()
	if _, err := untilNone(func() (int, error) { return s.ExpireLetters(w.ctx, eraseTogether) }); err != nil {
		return err
	}
	// Before what is due, which becomes more by it.
	if _, err := untilNone(func() (int, error) { return s.ShortenKept(w.ctx, eraseTogether) }); err != nil {
		return err
	}
	n, err := untilNone(func() (int, error) { return s.EraseDue(w.ctx, eraseTogether) })
	if err != nil {
		return err
	}
	texts, err := c.trim(w, s)
	if err != nil {
		return err
	}
	if _, err := s.CloseErasures(w.ctx); err != nil {
		return err
	}
	if texts == 1 {
		fmt.Fprintln(w.out, "Of 1 letter the text was due, with the address in it: it is gone.")
	} else if texts > 1 {
		fmt.Fprintf(w.out, "Of %s letters the text was due, with the address in it: it is gone.\n", count(texts))
	}
	switch {
	case n == 0 && texts == 0:
		fmt.Fprintln(w.out, "Nothing was due.")
	case n == 1:
		fmt.Fprintln(w.out, "1 letter was due: nothing says any more who wrote it.")
	case n > 1:
		fmt.Fprintf(w.out, "%s letters were due: nothing says any more who wrote them.\n", count(n))
	}
	return leftDue(w, s, began)
}

// leftDue says when letters were due at a time and are still there: one that cannot be
// dealt with is passed over, and the log has why.
func leftDue(w *world, s *store.Store, at time.Time) error {
	left, err := s.Overdue(w.ctx, at)
	switch {
	case err != nil || left == 0:
		return err
	case left == 1:
		return errors.New("1 letter is due and could not be dealt with; what went wrong stands above")
	}
	return fmt.Errorf("%s letters are due and could not be dealt with; what went wrong stands above", count(left))
}

// trim takes the texts away that are due. What is kept has to be sealed anew, which
// takes the server's secret; where none is due it is not asked for.
func (c *retentionRunCmd) trim(w *world, s *store.Store) (int, error) {
	due, err := s.TrimsDue(w.ctx)
	if err != nil || !due {
		return 0, err
	}
	secret, err := config.LoadSecret(w.env)
	if err != nil {
		return 0, usageError{err}
	}
	keys, err := app.OpenKeys(w.ctx, config.Config{DataDir: c.DataDir, Secret: secret}, s)
	if err != nil {
		return 0, fmt.Errorf("take away the texts that are due: %w", err)
	}
	return untilNone(func() (int, error) {
		// Another process may be replacing keys, and this may take longer than it waits.
		if err := keys.Refresh(w.ctx); err != nil {
			return 0, fmt.Errorf("take away the texts that are due: %w", err)
		}
		return s.TrimDue(w.ctx, eraseTogether, campaign.NewTrimmer(keys))
	})
}

// untilNone repeats something until it did nothing more: with less than it could, it
// may have passed one over, and others come after that.
func untilNone(do func() (int, error)) (total int, err error) {
	for {
		n, err := do()
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

type retentionProveCmd struct {
	dataFlag
	Head *string `placeholder:"HASH" help:"The last hash of an earlier time: it must still stand in the ledger."`
	JSON bool    `name:"json" help:"Print the ledger as JSON."`
}

// late is how long a record may wait after its time: the server looks about once a
// minute, and may have been stopped for a while.
const late = time.Hour

// isHash fits a hash of the ledger.
var isHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Run checks the ledger and prints it.
func (c *retentionProveCmd) Run(w *world) (err error) {
	if c.Head != nil && !isHash.MatchString(*c.Head) { // as of a variable that is empty: it must not pass for a proof
		return usageError{errors.New("--head is no hash of the ledger: that has 64 characters, of 0 to 9 and a to f")}
	}
	s, err := c.open(w, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ledger, err := s.Erasures(w.ctx)
	if err != nil {
		return err
	}
	if err := c.print(w, ledger); err != nil {
		return err
	}
	return c.judge(w, s, ledger)
}

func (c *retentionProveCmd) print(w *world, ledger []campaign.Erasure) error {
	if c.JSON {
		type line struct {
			Number   int               `json:"number"` // 0: the day is not over
			Day      string            `json:"day"`
			Campaign string            `json:"campaign"`
			Kind     campaign.Erased   `json:"kind"`
			Why      campaign.EraseWhy `json:"why"`
			Records  int               `json:"records"`
			Hash     string            `json:"hash"`
		}
		lines := []line{}
		for _, e := range ledger {
			lines = append(lines, line{e.Number, e.Day, e.Campaign, e.Kind, e.Why, e.Records, e.Hash})
		}
		return w.json(lines)
	}
	for _, e := range ledger {
		hash := e.Hash
		if e.Number == 0 {
			hash = "(the day is not over)"
		}
		fmt.Fprintf(w.out, "%s  %s\n", e, hash)
	}
	return nil
}

// judge says whether all is well, on standard error.
func (c *retentionProveCmd) judge(w *world, s *store.Store, ledger []campaign.Erasure) error {
	head, wrong := campaign.CheckErasures(ledger)
	known := func(e campaign.Erasure) bool { return e.Hash == *c.Head }
	if wrong == "" && c.Head != nil && *c.Head != campaign.FirstErasure && !slices.ContainsFunc(ledger, known) {
		wrong = "the hash " + *c.Head + " does not stand in it: lines are missing, or it is of another database"
	}
	if wrong != "" {
		return fmt.Errorf("the erasure ledger is not sound: %s", wrong)
	}
	overdue, err := s.Overdue(w.ctx, time.Now().Add(-late))
	if err != nil {
		return err
	}
	if overdue > 0 {
		return fmt.Errorf("sealed records should have gone more than an hour ago, %s of them: start the server, or \"postbag retention run\"", count(overdue))
	}
	if head == campaign.FirstErasure {
		fmt.Fprintln(w.err, "The ledger is sound, and nothing is overdue. No day of it is closed yet, so it has no hash.")
		return nil
	}
	fmt.Fprintf(w.err, "The ledger is sound, and nothing is overdue. Keep its last hash somewhere else: %s\n", head)
	return nil
}
