// Package litestream_test replicates a running store with Litestream and brings it
// back. It is a module of its own: Litestream's has more dependencies than the program,
// and none of them belong into it.
package litestream_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/benbjohnson/litestream/file"
	"github.com/superfly/ltx"

	"postbag/db"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/store"
)

const (
	slug = "mps-not-border-guards"
	seat = "E14001172" // Cities of London and Westminster
)

func options(dir string) store.Options {
	migrations, err := fs.Sub(db.FS, "migrations")
	if err != nil {
		panic(err)
	}
	return store.Options{Dir: dir, Migrations: migrations, Now: time.Now, Log: slog.New(slog.DiscardHandler), Look: time.Minute}
}

// filled makes a database with MPs and a campaign.
func filled(ctx context.Context, dir string) error {
	s, err := store.Open(ctx, options(dir))
	if err != nil {
		return err
	}
	roster, err := parliament.Load(db.FS)
	if err != nil {
		return err
	}
	source, err := fs.ReadFile(db.FS, "campaigns/"+slug+".toml")
	if err != nil {
		return err
	}
	return errors.Join(s.ApplyRoster(ctx, roster), s.AddCampaign(ctx, slug, string(source)), s.Close())
}

// mp is who sits for the constituency.
func mp() (int, error) {
	roster, err := parliament.Load(db.FS)
	if err != nil {
		return 0, err
	}
	s, _ := roster.Seat(seat)
	return s.Member.ID, nil
}

func hashOf(kind string, n int) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n))
	return sum[:]
}

func record(n int) []byte { return fmt.Appendf(nil, "sealed record %d of somebody", n) }

// letter submits and confirms letter n.
func letter(ctx context.Context, s *store.Store, member, n int) error {
	err := s.SubmitLetter(ctx, campaign.NewLetter{
		Campaign: slug, Constituency: seat, MemberID: member, Lang: "en", Variant: campaign.VariantAsk,
		TokenHash: hashOf("token", n), RepeatHash: hashOf("repeat", n), EmailHash: hashOf("email", n), ContentHash: hashOf("content", n), ReplaceHash: hashOf("replace", n),
		Sealed: record(n), MessageID: fmt.Sprintf("confirm-%d@example.org", n),
	})
	if err != nil {
		return err
	}
	return s.ConfirmLetter(ctx, hashOf("token", n), fmt.Sprintf("letter-%d@example.org", n))
}

// replicated starts Litestream beside the program, as its own process would run.
func replicated(t *testing.T, dir, to string, change ...func(*litestream.Store)) (*litestream.DB, *litestream.Replica) {
	t.Helper()
	path := filepath.Join(dir, store.FileName)
	lite := litestream.NewDB(path)
	lite.MonitorInterval = 20 * time.Millisecond
	lite.MinCheckpointPageN = 200
	client := file.NewReplicaClient(to)
	replica := litestream.NewReplicaWithClient(lite, client)
	lite.Replica, client.Replica = replica, replica
	all := litestream.NewStore([]*litestream.DB{lite}, litestream.CompactionLevels{{Level: 0}, {Level: 1, Interval: time.Second}})
	for _, change := range change {
		change(all)
	}
	if err := all.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Close(context.Background()) }) // the database may be gone by then
	return lite, replica
}

// broughtBack restores a replica into a file.
func broughtBack(t *testing.T, replica *litestream.Replica, change func(*litestream.RestoreOptions)) (string, error) {
	t.Helper()
	o := litestream.NewRestoreOptions()
	o.OutputPath = filepath.Join(t.TempDir(), "replica.db")
	o.IntegrityCheck = litestream.IntegrityCheckFull
	if change != nil {
		change(&o)
	}
	return o.OutputPath, replica.Restore(context.Background(), o)
}

// childDir names the data directory in which this program writes letters until it is
// killed.
const childDir = "POSTBAG_LITESTREAM_WRITES"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := write(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// write writes letters, erases every fifth and says of each when it is done.
func write(dir string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, options(dir))
	if err != nil {
		return err
	}
	member, err := mp()
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := letter(ctx, s, member, n); err != nil {
			return err
		}
		fmt.Println("written", n)
		if n%5 == 4 {
			if err := s.EraseLetter(ctx, hashOf("token", n-2)); err != nil {
				return err
			}
			fmt.Println("erased", n-2)
		}
	}
}

// The program is killed while it writes, and its disk is lost. What it had said was
// written is in the replica; who was erased is not.
func TestReplica_ofAKilledProgram(t *testing.T) {
	dir := t.TempDir()
	if err := filled(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	lite, replica := replicated(t, dir, t.TempDir())
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), childDir+"="+dir)
	writer.Stderr = os.Stderr
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	written, erased := map[int]bool{}, map[int]bool{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var what string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &what, &n); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		written[n] = true
		if what == "erased" {
			erased[n] = true
		}
		if len(written) == 120 {
			if err := writer.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = writer.Wait() // it was killed
	if len(erased) < 20 {
		t.Fatalf("%d letters, %d erased", len(written), len(erased))
	}
	if err := lite.SyncAndWait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, store.FileName+end)); err != nil {
			t.Fatal(err)
		}
	}
	path, err := broughtBack(t, replica, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	back := t.TempDir()
	if err := os.Rename(path, filepath.Join(back, store.FileName)); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), options(back))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n := range written {
		l, err := s.LetterByToken(t.Context(), hashOf("token", n))
		switch {
		case err != nil:
			t.Errorf("letter %d: %v", n, err)
		case n == len(written)-3 && !erased[n]: // it may have been under way
		case erased[n] != (l.Sealed == nil):
			t.Errorf("letter %d, erased %v: its record has %d bytes", n, erased[n], len(l.Sealed))
		case erased[n] && bytes.Contains(content, record(n)):
			t.Errorf("the record of letter %d stands in the file", n)
		case !erased[n] && l.State != campaign.StateQueued:
			t.Errorf("letter %d is %s", n, l.State)
		}
	}
}

// The program is stopped and started beside Litestream, and empties the journal where
// it can. What is replicated is the database all the same.
func TestReplica_whileTheProgramStartsAnew(t *testing.T) {
	dir := t.TempDir()
	if err := filled(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	lite, replica := replicated(t, dir, t.TempDir())
	member, err := mp()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for round := range 4 {
		s, err := store.Open(t.Context(), options(dir))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if err := letter(t.Context(), s, member, n); err != nil {
				t.Fatal(err)
			}
			n++
		}
		if err := s.EraseLetter(t.Context(), hashOf("token", n-1)); err != nil {
			t.Fatal(err)
		}
		if round == 2 { // what Litestream does when the journal has grown
			if err := lite.Checkpoint(t.Context(), litestream.CheckpointModeTruncate); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := lite.SyncAndWait(t.Context()); err != nil {
		t.Fatal(err)
	}
	path, err := broughtBack(t, replica, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := store.Check(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := store.Inspect(t.Context(), path); err != nil || got != want || got.Letters != 80 || got.People != 76 {
		t.Errorf("the replica has %+v, %v; the database %+v", got, err, want)
	}
}

// A replica's history keeps what was erased, for as long as it is kept and no longer.
func TestReplica_historyKeepsWhatWasErased(t *testing.T) {
	dir := t.TempDir()
	if err := filled(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	lite, replica := replicated(t, dir, t.TempDir(), func(all *litestream.Store) {
		all.SnapshotInterval, all.SnapshotRetention = 2*time.Second, time.Second
		all.SetL0Retention(100 * time.Millisecond)
		all.L0RetentionCheckInterval = 100 * time.Millisecond
	})
	member, err := mp()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := letter(t.Context(), s, member, 1); err != nil {
		t.Fatal(err)
	}
	if err := lite.SyncAndWait(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := lite.Pos()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.EraseLetter(t.Context(), hashOf("token", 1)); err != nil {
		t.Fatal(err)
	}
	if err := lite.SyncAndWait(t.Context()); err != nil {
		t.Fatal(err)
	}
	has := func(path string) bool {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, record(1))
	}
	// history tells whether any state of before can be brought back with the record.
	history := func() bool {
		for id := ltx.TXID(1); id <= before.TXID; id++ {
			path, err := broughtBack(t, replica, func(o *litestream.RestoreOptions) { o.TXID = id })
			if err == nil && has(path) {
				return true
			}
		}
		return false
	}
	if !history() {
		t.Error("the history does not have what was erased")
	}
	if path, err := broughtBack(t, replica, nil); err != nil || has(path) {
		t.Errorf("the latest state has it: %v", err)
	}
	// A snapshot of afterwards comes, and its time is over as well.
	deadline := time.Now().Add(time.Minute)
	for n := 2; ; n++ {
		if err := letter(t.Context(), s, member, n); err != nil {
			t.Fatal(err)
		}
		if !history() {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the history has it still")
		}
		time.Sleep(100 * time.Millisecond) // Litestream has a clock of its own
	}
	if err := lite.SyncAndWait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if path, err := broughtBack(t, replica, nil); err != nil || has(path) {
		t.Errorf("the latest state has it, or cannot be brought back: %v", err)
	}
}
