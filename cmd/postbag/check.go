package main

import (
	"postbag/internal/store"
)

type checkCmd struct {
	dataFlag
}

// Run looks the database through.
func (c *checkCmd) Run(w *world) error {
	if !c.there() {
		return c.noDatabase()
	}
	has, err := store.Check(w.ctx, c.DataDir)
	if err != nil {
		return err
	}
	return w.say("The database is sound: letters %s, sealed records %s, schema version %d.\n", count(int(has.Letters)), count(int(has.People)), has.Version)
}
