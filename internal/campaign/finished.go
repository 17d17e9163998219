package campaign

import "time"

// Finished is a job that a worker is done with, and what became of it.
type Finished struct {
	Job
	Outcome
	Next time.Time // when to try again after VerdictRetry

	// Unbegun reports that nothing was tried: the job goes back as it was.
	Unbegun bool
}
