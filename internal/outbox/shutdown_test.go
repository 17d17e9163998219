package outbox_test

import (
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

// The program is stopped with letters under way at every stage: those that can
// finish within the grace do, the others are left as what they are, and whoever
// starts next goes on where it ended.
func TestDay_shutdown(t *testing.T) {
	stages := []testkit.SMTPStage{
		testkit.StageRCPT, testkit.StageDATA, testkit.StageDot, // cut off
		testkit.StageRCPT, testkit.StageDATA, testkit.StageDot, // finish in time
	}
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	d.writes(20)
	reached, release := make(chan struct{}, len(stages)), make(chan struct{})
	for mp, stage := range stages {
		f := testkit.SMTPFault{Stage: stage, Recipient: d.email(mp), Nth: 1, Reached: reached, Hang: make(chan struct{})}
		if mp >= 3 {
			f.Hang = release
		}
		d.smtp.Script(f)
	}
	stop := d.starts(d.sender(func(o *mailer.Options) { o.Connections = len(stages) }), len(stages))
	for range stages {
		<-reached
	}
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	<-d.clock.Waiting(1) // the grace has begun
	close(release)
	d.until("those that can have finished", func() bool {
		return d.value(`SELECT count(*) FROM outbox WHERE status = 'sending'`) == "3"
	})
	select {
	case <-stopped:
		t.Fatal("it did not wait for the others")
	default:
	}
	d.clock.Advance(time.Second) // the grace is over
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
		t.Fatal("it does not stop")
	}
	for n, want := range map[int]campaign.State{
		1: campaign.StateQueued, 2: campaign.StateQueued, 3: campaign.StateUncertain,
		4: campaign.StateSent, 5: campaign.StateSent, 6: campaign.StateSent, 7: campaign.StateQueued, 20: campaign.StateQueued,
	} {
		if got := d.state(n); got != want {
			t.Errorf("letter %d is %s, want %s", n, got, want)
		}
	}
	if refuses, _ := d.refuses(); refuses {
		t.Error("the mail server is said to refuse: it was us who hung up")
	}
	// The next process.
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	d.open(store.Delivery{}, d.log)
	d.starts(d.sender(nothing), 2)
	d.passes(3*time.Minute, 10*time.Second)
	var want []int
	for n := 1; n <= 20; n++ {
		if n != 3 {
			want = append(want, n)
		}
	}
	copies := d.copies()
	if copies[letterID(3)] > 1 || d.state(3) != campaign.StateUncertain {
		t.Errorf("letter 3 is %s, the server has it %d times", d.state(3), copies[letterID(3)])
	}
	for _, n := range want {
		if copies[letterID(n)] != 1 || d.state(n) != campaign.StateSent {
			t.Errorf("letter %d is %s, the server has it %d times", n, d.state(n), copies[letterID(n)])
		}
	}
	d.discreet()
}
