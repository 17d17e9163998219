package e2e

import (
	"database/sql"
	"path/filepath"

	"postbag/internal/account"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

func tourDeskDashboard(b *tab, clock *testkit.Clock, shot func(name string)) {
	b.signIn(account.Owner)
	b.visit(atDeskCampaign)
	shot("desk-dashboard-empty")
	b.visit(atDesk) // whose page asks for nothing by itself
	b.program.pledge(leeds)
	b.program.fill(3000, clock)
	b.visit(atDeskCampaign)
	shot("desk-dashboard")
	b.visit(atDeskCampaign + "?map=pledge&range=today&region=Wales&letters=0")
	shot("desk-dashboard-narrow")
	b.visitFor(422, atDeskCampaign+"?from=2026-11-20&to=2026-11-01")
	shot("desk-dashboard-wrong")
	b.visit(atDesk)
	shot("desk-home-letters")
}

// fill writes letters into the program's database, as a campaign of two months
// leaves them.
func (p *program) fill(letters int, clock *testkit.Clock) {
	p.t.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		p.t.Fatal(err)
	}
	defer raw.Close()
	testkit.FillLetters(p.t, raw, testkit.Letters{Number: letters, Campaign: 1, Until: clock.Now()})
}
