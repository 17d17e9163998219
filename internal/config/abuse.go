package config

import "postbag/internal/campaign"

// abuse reads how much may come before letters are held: strict limits in
// production, and such as nobody meets who tries things out. What the operator sets
// is what holds and the most that organisers can set; of all else they can set ten
// times as much.
func (l *loader) abuse(c *Config) {
	usual := campaign.GenerousLimits()
	if c.Production() {
		usual = campaign.StrictLimits()
	}
	c.Disposable = l.get("POSTBAG_DISPOSABLE_DOMAINS", "")
	set := l.get("POSTBAG_LIMITS", "")
	var err error
	if c.Limits, err = campaign.ParseLimits(set, usual); err != nil {
		l.problem("POSTBAG_LIMITS", "%v", err)
		return
	}
	c.Bounds, _ = campaign.ParseLimits(set, usual.Bounds()) // it is read as before
}
