package campaign

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"postbag/internal/fault"
)

// SelfReport is a letter that a supporter says they sent. It names nobody.
type SelfReport struct {
	Campaign     string // slug
	Constituency string // ONS code
	Way          Way    // WayPost or WayEmail
	TokenHash    []byte // the same for the same person's letters
}

// SelfReportDays is for how many days after a page was shown the letter on it
// can be reported: time to post it.
const SelfReportDays = 7

// MaxSelfReports is how many self-reported letters of one constituency count in
// a day: more than a lively day brings, too few to make numbers up by hand or
// loop.
const MaxSelfReports = 200

// A token of a self-report stands for whose letter it is, and has the day of the
// page and what proves that both are ours.
const (
	selfReporterBytes  = 16
	selfReporterLen    = (selfReporterBytes*8 + 5) / 6
	dayLen             = len(time.DateOnly)
	proofBytes         = 16
	selfReportTokenLen = selfReporterLen + dayLen + (proofBytes*8+5)/6
)

// NewSelfReport returns a token to be handed out with a letter that a supporter
// may send by themselves. It is kept nowhere. However often they change their
// letter and see it anew, it stands for one letter: a keyed hash of who they are
// and where they live, which nobody without the key can try names on.
func (s *Service) NewSelfReport(w Written) string {
	code, f := w.Draft.To.Constituency, w.Form
	who := []string{w.Slug, code}
	for _, part := range []string{f.Name, f.Address1, f.Address2, f.Town, f.Postcode} {
		who = append(who, strings.ToLower(strings.Join(strings.Fields(part), " ")))
	}
	sum := s.keys.Hash("self-reporter", who...)
	value, day := base64.RawURLEncoding.EncodeToString(sum[:selfReporterBytes]), Day(s.now())
	return value + day + s.selfReportProof(value, day, w.Slug, code)
}

// selfReportProof binds a token to its day, campaign and constituency. It leaves
// the way open: one page offers both, and its letter counts once.
func (s *Service) selfReportProof(value, day, slug, constituency string) string {
	sum := s.keys.Hash("self-report", value, day, slug, constituency)
	return base64.RawURLEncoding.EncodeToString(sum[:proofBytes])
}

// SelfReport counts a letter that a supporter says they sent by themselves. The
// token is that of the page (NewSelfReport): each letter counts once, and
// reporting it again is no error. invalid if the token is not ours, is for another
// constituency or is older than SelfReportDays; not_found if there is no such
// campaign or constituency; rate_limited once MaxSelfReports count that day.
func (s *Service) SelfReport(ctx context.Context, slug, constituency string, way Way, token string) error {
	if _, err := s.Campaign(slug); err != nil {
		return err
	}
	roster, _ := s.Roster()
	if _, ok := roster.Seat(constituency); !ok {
		return fault.New(fault.NotFound, "error.no_constituency")
	}
	if way != WayPost && way != WayEmail || !s.isSelfReport(token, slug, constituency) {
		return fault.New(fault.Invalid, "error.self_report")
	}
	err := s.store.AddSelfReport(ctx, SelfReport{
		Campaign: slug, Constituency: constituency, Way: way,
		TokenHash: s.keys.Hash("self-report-token", token[:selfReporterLen]), // whatever its day
	})
	if err != nil {
		return fmt.Errorf("count a self-reported letter: %w", err)
	}
	return nil
}

func (s *Service) isSelfReport(token, slug, constituency string) bool {
	if len(token) != selfReportTokenLen {
		return false
	}
	value, day, proof := token[:selfReporterLen], token[selfReporterLen:selfReporterLen+dayLen], token[selfReporterLen+dayLen:]
	if !hmac.Equal([]byte(proof), []byte(s.selfReportProof(value, day, slug, constituency))) {
		return false
	}
	shown, err := time.ParseInLocation(time.DateOnly, day, London)
	if err != nil {
		return false
	}
	return Day(s.now()) <= Day(shown.AddDate(0, 0, SelfReportDays))
}
