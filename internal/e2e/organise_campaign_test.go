package e2e

import "postbag/internal/testkit"

func tourDeskCampaigns(b *tab, _ *testkit.Clock, shot func(name string)) {}
