package main

import (
	"fmt"

	"postbag/internal/app"
	"postbag/internal/seal"
)

type backupCmd struct {
	dataFlag
	File string   `arg:"" help:"The file to write; it must not be there."`
	Age  []string `placeholder:"RECIPIENT" sep:"none" help:"Seal the file to an age public key (age1…), for which nobody but the holder of its secret key can open it. May be given several times: any one of the keys opens it."`
	JSON bool     `name:"json" help:"Print JSON."`
}

// Help says what is in a backup.
func (backupCmd) Help() string {
	return `Writes the whole database into one file, also while a server uses it: the state of one moment, without anything that was erased before. The file is read again before it gets its name; a file that is there is never written over. Exit code 0 means that the backup is whole.

The secret (POSTBAG_SECRET) is not needed for it and is not in it. Without the secret nobody can read in the backup who wrote: keep it somewhere else.`
}

// Run writes the backup and says what is in it.
func (c *backupCmd) Run(w *world) error {
	if !c.there() {
		return c.noDatabase()
	}
	o := app.BackupOptions{DataDir: c.DataDir, File: c.File}
	if len(c.Age) > 0 {
		to, err := seal.ParseRecipients(c.Age)
		if err != nil {
			return usageError{fmt.Errorf("--age: %w", err)}
		}
		o.To = to
	}
	r, err := app.Backup(w.ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		return w.json(struct {
			File    string `json:"file"`
			Bytes   int64  `json:"bytes"`
			Version int64  `json:"schema"`
			Letters int64  `json:"letters"`
			People  int64  `json:"sealed_records"`
			Sealed  bool   `json:"sealed"`
		}{c.File, r.Bytes, r.Version, r.Letters, r.People, o.To != nil})
	}
	how := "It was read again and is sound."
	if o.To != nil {
		how = "It is sealed with age; it was opened again and is sound. Without the secret key of a recipient it is worth nothing."
	}
	return w.say(`The backup is in %s: letters %s, sealed records %s, schema version %d, bytes %s.
%s
The secret is not in it: keep POSTBAG_SECRET apart from it, and apart from the server.
`, c.File, count(int(r.Letters)), count(int(r.People)), r.Version, count(int(r.Bytes)), how)
}
