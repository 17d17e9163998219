package outbox_test

import (
	"strings"
	"testing"
	"time"

	"postbag/internal/store"
	"postbag/internal/testkit"
)

// Greylisting: whoever is new is refused for now, and taken when they come again.
func TestDay_greylisted(t *testing.T) {
	d := newDay(t, testkit.SMTPConfig{}, store.Delivery{})
	d.writes(4)
	for mp := range 3 { // the third server is a stubborn one
		times := 1
		if mp == 2 {
			times = 4
		}
		d.smtp.Script(testkit.SMTPFault{Stage: testkit.StageRCPT, Recipient: d.email(mp), Nth: 1, Times: times, Reply: "451 4.7.1 Greylisted, come again in a minute"})
	}
	d.starts(d.sender(nothing), 2)
	d.settles()
	d.sentOnce(4) // another MP's server, or a mailbox that it knows
	if refuses, _ := d.refuses(); refuses {
		t.Error("one greylisting holds up all mail")
	}
	rcpt := d.times("RCPT")
	d.passes(47*time.Second, time.Second) // a second less than the least that a first wait can be
	if again := d.times("RCPT"); again != rcpt {
		t.Errorf("%d attempts before the wait was over", again-rcpt)
	}
	d.passes(55*time.Second, time.Second) // the most, 72 s, and the 30 s within which a worker looks again
	d.sentOnce(1, 2, 4)
	for n, want := range map[int]string{1: "1 retry 451 4.7.1, 2 sent 250 2.0.0", 2: "1 retry 451 4.7.1, 2 sent 250 2.0.0", 4: "1 sent 250 2.0.0"} {
		if got := d.attempts(n); got != want {
			t.Errorf("letter %d: attempts %q, want %q", n, got, want)
		}
	}
	// Each further wait is twice as long: 2, 4 and 8 minutes, give or take a fifth.
	d.passes(18*time.Minute, 5*time.Second)
	d.sentOnce(d.all()...)
	if got, want := d.attempts(3), strings.Repeat("N retry 451 4.7.1, ", 4)+"N sent 250 2.0.0"; unnumbered(got) != want {
		t.Errorf("letter 3: attempts %q, want %q", got, want)
	}
	var at []time.Time
	for _, s := range strings.Split(d.value(`SELECT group_concat(a.at) FROM attempts a JOIN outbox o ON o.id = a.outbox_id WHERE o.letter_id = 3`), ",") {
		at = append(at, sure(time.Parse("2006-01-02T15:04:05.000Z", s)))
	}
	for i := range len(at) - 1 {
		wait, base := at[i+1].Sub(at[i]), time.Minute<<i
		if least, most := base*4/5, base*6/5+30*time.Second; wait < least || wait > most {
			t.Errorf("attempt %d came %v after the one before, want %v to %v", i+2, wait, least, most)
		}
	}
	if got := d.logs.holds("level=WARN", "verdict=retry", "code=451"); got != 6 {
		t.Errorf("%d refusals in the log, want 6", got)
	}
	d.discreet()
}

// unnumbered replaces the numbers of attempts.
func unnumbered(attempts string) string {
	parts := strings.Split(attempts, ", ")
	for i, p := range parts {
		_, rest, _ := strings.Cut(p, " ")
		parts[i] = "N " + rest
	}
	return strings.Join(parts, ", ")
}
