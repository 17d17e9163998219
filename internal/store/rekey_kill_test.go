package store

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/seal"
)

// rekeyDir names, for this test binary, the data whose key it is to replace: the
// test kills it while it does.
const rekeyDir = "POSTBAG_TEST_REKEY_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(rekeyDir); dir != "" {
		if err := rekeyChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// rekeyChild replaces the key, as "postbag seal rotate" does, and says so once it is at it.
func rekeyChild(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, Options{Dir: dir, Migrations: migrations(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer s.Close()
	secret, err := seal.ReadSecret([]byte(strings.Repeat("a", seal.MinSecret)))
	if err != nil {
		return err
	}
	keys, err := seal.Load(ctx, secret, s.DataKeys)
	if err != nil {
		return err
	}
	fmt.Println("begun")
	_, err = (&campaign.Rekeying{Store: s, Secret: secret, Keys: keys, Now: time.Now}).Rotate(ctx)
	return err
}

// Killed again and again at any moment, with a server that writes beside it, it comes
// to its end; every letter can be read by then, and all are sealed with one key.
func TestRekeying_killed(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	b := newBed(t)
	_, server := b.keyed(t, "a")
	var filling sync.WaitGroup
	for n := 1; n <= 800; n++ {
		filling.Go(func() {
			if err := b.sealOne(context.Background(), server, n); err != nil {
				t.Error(err)
			}
		})
	}
	filling.Wait()
	old := server.Current()
	written, killed, finished := 800, 0, false
	for round := 0; !finished && round < 200; round++ {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), rekeyDir+"="+b.dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		var said [6]byte
		out.Read(said[:]) // it is at it, or has failed, which Wait tells
		timer := time.AfterFunc(time.Duration(rand.IntN(10*(1+round)))*time.Millisecond, func() { c.Process.Kill() })
		written++
		if err := b.sealBeside(server, written); err != nil {
			t.Fatalf("letter %d cannot be written beside it: %v", written, err)
		}
		err = c.Wait()
		timer.Stop()
		switch {
		case err == nil:
		case c.ProcessState.ExitCode() == -1:
			killed++
		default:
			t.Fatalf("it failed by itself: %v", err)
		}
		finished = b.texts(t, `SELECT state FROM data_keys WHERE id = $1`, old.Bytes()) == "gone"
	}
	if !finished || killed == 0 {
		t.Fatalf("killed %d times, and finished: %v", killed, finished)
	}
	_, after := b.keyed(t, "a")
	for n := 1; n <= written; n++ {
		l := b.letter(t, hashOf("token", n))
		if p, err := campaign.OpenPerson(after, l.Sealed, hashOf("token", n)); err != nil || p.Name != personOf(n).Name {
			t.Fatalf("letter %d of %d: %v", n, written, err)
		}
	}
	t.Logf("killed %d times over %d letters", killed, written)
}
