package maildoctor

import (
	"strconv"
	"time"
)

var queueCodes = []string{"queue_ok", "queue_suspended", "queue_late", "queue_uncertain", "queue_failed"}

// Queue is how mail fares that waits to be sent.
type Queue struct {
	Waiting   int // messages that are to be sent, now or later
	Late      int // of those, what should have gone an hour ago
	Uncertain int // letters that may have arrived: somebody has to decide
	Failed    int // letters that were refused or came back, and are still kept

	Suspended time.Time // since when the mail server refuses everything; zero: it does not
	Again     time.Time // when it is tried again
	Failures  int
	Code      int
	Answer    string
}

// queue says what is stuck.
func (e *examination) queue() {
	q := e.Queue
	if q == nil {
		return
	}
	before := len(e.found)
	count := func(s Severity, code string, n int) {
		if n > 0 {
			e.add(s, code, "n", strconv.Itoa(n))
		}
	}
	if !q.Suspended.IsZero() {
		answer := q.Answer
		if answer == "" && q.Code > 0 {
			answer = strconv.Itoa(q.Code)
		}
		e.add(Problem, "queue_suspended", "since", q.Suspended.UTC().Format(time.DateTime), "again", q.Again.UTC().Format(time.DateTime),
			"failures", strconv.Itoa(q.Failures), "answer", answer)
	} else {
		count(Warning, "queue_late", q.Late)
	}
	count(Warning, "queue_uncertain", q.Uncertain)
	count(Warning, "queue_failed", q.Failed)
	if len(e.found) == before {
		e.add(OK, "queue_ok", "n", strconv.Itoa(q.Waiting))
	}
}
