package main

import "postbag/internal/campaign"

type pledgesVoidCmd struct {
	campaignArg
	mpArg
	Date string `placeholder:"DAY" help:"The day of the pledge, where the MP has several: 2026-11-23 or 23/11/2026."`
	recorder
	Reason string `required:"" placeholder:"TEXT" help:"What was wrong, such as \"meant the MP for Leeds East\". It is kept for the organisers and never published."`
	dataFlag
}

// Run takes one pledge out of the record. No page says afterwards that the MP
// pledged, or took anything back.
func (c *pledgesVoidCmd) Run(w *world) error {
	return c.keep(w, c.Campaign, func(k keeper) error {
		id, err := k.find(c.MP)
		if err != nil {
			return err
		}
		v := campaign.VoidedPledge{Pledge: campaign.Pledge{MemberID: id, On: c.Date}, VoidedBy: c.By, Reason: c.Reason}
		change, err := k.VoidPledge(w.ctx, k.campaign, v)
		if err != nil {
			return w.refused(err)
		}
		return k.say(w.out, change, false)
	})
}
