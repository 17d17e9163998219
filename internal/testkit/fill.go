package testkit

import (
	"context"
	"testing"
)

// execer is one connection to a database, whatever the driver.
type execer[Result any] interface {
	ExecContext(ctx context.Context, query string, args ...any) (Result, error)
}

// fill begins to write straight into a database, without waiting for the disk. The
// constituencies whose member m meets a condition stand, numbered, in the table
// places. What run does lasts once end was called.
func fill[Result any](tb testing.TB, conn execer[Result], members string) (run func(q string, args ...any), end func()) {
	tb.Helper()
	ctx := context.Background()
	run = func(q string, args ...any) {
		tb.Helper()
		if _, err := conn.ExecContext(ctx, q, args...); err != nil {
			tb.Fatalf("%v in\n%s", err, q)
		}
	}
	run(`PRAGMA synchronous = OFF`)
	run(`PRAGMA cache_size = -200000`)
	run(`BEGIN IMMEDIATE`)
	run(`CREATE TEMP TABLE places (place INTEGER PRIMARY KEY, code TEXT, member INTEGER)`)
	run(`
		INSERT INTO places
		SELECT row_number() OVER (ORDER BY c.code) - 1, c.code, m.id
		FROM constituencies c
		JOIN members m ON m.constituency = c.code
		WHERE ` + members)
	return run, func() {
		tb.Helper()
		run(`DROP TABLE places`)
		run(`COMMIT`)
		run(`PRAGMA wal_checkpoint(TRUNCATE)`)
		run(`PRAGMA synchronous = FULL`)
		run(`PRAGMA cache_size = -2000`)
	}
}
