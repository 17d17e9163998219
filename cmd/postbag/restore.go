package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"postbag/internal/app"
	"postbag/internal/seal"
	"postbag/internal/store"
)

type restoreCmd struct {
	dataFlag
	File             string   `arg:"" help:"The backup, sealed with age or not."`
	Identity         []string `placeholder:"FILE" sep:"none" help:"A file with the age secret key that opens the backup."`
	Erased           []string `placeholder:"FILE" sep:"none" help:"A copy of postbag.erased, which has what people asked to be deleted. The one in the data directory is read by itself."`
	FromOld          []string `placeholder:"FILE" sep:"none" help:"The old database, were it damaged: what people asked is read from it, as far as it can be."`
	NothingSentSince bool     `help:"The server was stopped before the backup was made and has not sent anything since: go on with what stood in the queue."`
}

// Help says what is done besides copying.
func (restoreCmd) Help() string {
	return `Puts a backup into the data directory, which has no database: one that is there is never written over. The backup is checked first, and brought up to date if an older Postbag made it.

What happened since the backup is not in it, so before anything can be served:
- what people asked to be deleted since is deleted again (postbag.erased; --erased, --from-old);
- letters that stood in the queue become uncertain, for organisers to decide, because they may have gone since; other mails that waited are dropped (not with --nothing-sent-since);
- what is due by its time is erased, and everybody is signed out.

The secret is not needed for it. The server needs the one that the backup was made under.`
}

// Run brings the backup back and says what was done.
func (c *restoreCmd) Run(w *world) error {
	o := app.RestoreOptions{
		DataDir: c.DataDir, File: c.File, Erased: c.Erased, Old: c.FromOld, NothingSent: c.NothingSentSince,
		Now: time.Now, Log: slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	for _, path := range c.Identity {
		f, err := os.Open(path)
		if err != nil {
			return usageError{fmt.Errorf("--identity: %w", err)}
		}
		these, err := seal.ParseStreamKeys(f)
		f.Close()
		if err != nil {
			return usageError{fmt.Errorf("--identity %s: %w", path, err)}
		}
		o.Identities = append(o.Identities, these...)
	}
	r, err := app.Restore(w.ctx, o)
	if err != nil {
		return err
	}
	return c.print(w, r)
}

func (c *restoreCmd) print(w *world, r app.RestoreReport) error {
	var b strings.Builder
	fmt.Fprintf(&b, "The database is in %s again: letters %s, sealed records %s.\n",
		c.DataDir, count(int(r.Backup.Letters)), count(int(r.Backup.People)))
	if r.Backup.Version < r.Version {
		fmt.Fprintf(&b, "Its schema was brought from version %d to %d.\n", r.Backup.Version, r.Version)
	}
	if len(r.Sources) > 0 {
		fmt.Fprintf(&b, "Things that people asked, as far as known from %[2]s: %[1]s. Done again: letters erased %[3]s, opt-ins ended %[4]s, letters taken back %[5]s.\n",
			count(r.Asked), strings.Join(r.Sources, ", "), count(r.Repeated.Erased), count(r.Repeated.Ended), count(r.Repeated.Withdrawn))
	}
	fmt.Fprintf(&b, "Letters erased because their time is over: %s.\n", count(r.Due))
	if r.Texts {
		b.WriteString("Texts of sent letters are due as well: the server, which has the secret, takes them away when it starts, or \"postbag retention run\" before.\n")
	}
	if c.NothingSentSince {
		b.WriteString("What stood in the queue goes on its way.\n")
	} else {
		fmt.Fprintf(&b, "Letters that may have gone since, and are uncertain now: %s. \"postbag queue list CAMPAIGN --state uncertain\" lists them; mark them sent, or send them again.\n", count(r.Letters))
		fmt.Fprintf(&b, "Letters that wait to be confirmed: %s. Whoever confirms one now may have done so before: it is held, to be looked at.\n", count(r.Awaiting))
		fmt.Fprintf(&b, "Other mails that waited, and were dropped: %s.\n", count(r.Mails))
	}
	fmt.Fprintf(&b, "Sessions ended: %s.\n", count(r.Sessions))
	b.WriteString("What was closed since the backup is open again: look at accounts, keys and partners' links. What was decided since is undecided again: a letter that was held then may have been sent.\n")
	if r.Key != "" {
		fmt.Fprintf(&b, "Start the server with the secret that it was sealed under (key %s).\n", r.Key)
	}
	if _, err := fmt.Fprint(w.out, b.String()); err != nil {
		return err
	}
	if r.Unread != nil {
		fmt.Fprintf(w.err, "WARNING: the old database could not be read to its end. What people asked of it and is in no %s may not have been deleted again: %v\n", store.AskedName, r.Unread)
	}
	if len(r.Sources) == 0 {
		fmt.Fprintf(w.err, "WARNING: nothing is known of what people asked to be deleted after the backup was made, so they are back in the database. If there is a copy of %s, or the old database: stop, move %s away, and restore again with --erased FILE or --from-old FILE.\n", store.AskedName, store.FileName)
	}
	return nil
}
