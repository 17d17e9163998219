package app

import (
	"fmt"
	"os"

	"postbag/internal/campaign"
	"postbag/internal/config"
)

// readDomains reads the list of mail domains whose addresses are refused.
func readDomains(cfg config.Config) (*campaign.Domains, error) {
	if cfg.Disposable == "" {
		return nil, nil
	}
	f, err := os.Open(cfg.Disposable)
	if err != nil {
		return nil, config.Wrong(fmt.Errorf("POSTBAG_DISPOSABLE_DOMAINS cannot be read: %w", err))
	}
	defer f.Close()
	domains, err := campaign.ReadDomains(f)
	if err != nil {
		return nil, config.Wrong(fmt.Errorf("POSTBAG_DISPOSABLE_DOMAINS names %s, which needs a change: %w", cfg.Disposable, err))
	}
	return domains, nil
}
