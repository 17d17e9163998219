package parliament_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"postbag/internal/parliament"
)

// embedded is the roster of the committed tables, which most tests start from.
func embedded(t testing.TB) *parliament.Roster {
	t.Helper()
	roster, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return roster
}

var loadOnce = sync.OnceValues(func() (*parliament.Roster, error) {
	return parliament.Load(os.DirFS(tableDir))
})

// tableDir is package db, where the tables are embedded from.
const tableDir = "../../db"

// facts opens one of the reference files beside the repository, which are not
// part of it. CI has them; elsewhere a test may go without.
func facts(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("../../../shared/data", name))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the reference facts are required in CI: %v", err)
		}
		t.Skipf("no reference facts beside the repository: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// with returns the embedded roster with some seats edited.
func with(t testing.TB, edit func(code string, seat *parliament.Seat)) *parliament.Roster {
	t.Helper()
	base := embedded(t)
	seats := base.Seats()
	for i := range seats {
		edit(seats[i].Constituency.Code, &seats[i])
	}
	roster, err := parliament.NewRoster(seats, base.ConstituencySource(), base.MemberSource())
	if err != nil {
		t.Fatal(err)
	}
	return roster
}

// Seats that the tests name.
const (
	aldershot = "E14001063" // Alex Baker
	chorley   = "E14001170" // the Speaker
	ynysMon   = "W07000112"
)
