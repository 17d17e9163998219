package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// Checks are what organisers set of a campaign's checks.
type Checks struct {
	Limits
	Words []string `json:"words"` // a letter with one of them is held
}

// JSON writes the settings as they are kept, and as the audit log has them.
func (c Checks) JSON() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // made of our own fields
	}
	return string(text)
}

// CheckStore is what the checks' page needs of the store. What is said of Store holds
// for it.
type CheckStore interface {
	// Checks returns the settings of a campaign's checks as JSON; empty: there are
	// none. not_found if there is no such campaign.
	Checks(ctx context.Context, slug string) (string, error)

	// SetChecks keeps them, in place of was, and writes down who did. conflict when
	// somebody else has set them since; not_found.
	SetChecks(ctx context.Context, by account.Actor, slug, was, settings string) error

	// CheckCounts returns what came of the letters that each check held.
	CheckCounts(ctx context.Context, slug string) ([]CheckCount, error)

	// ForgetLimits deletes what was counted on days that are over, and likenesses whose
	// time is over, at most limit of each, and returns how many.
	ForgetLimits(ctx context.Context, limit int) (int, error)
}

// CheckCount is what came of the letters that a check held.
type CheckCount struct {
	Check    Check
	Held     int // in all
	Sent     int // of those, organisers let go
	Declined int // likewise
}

// Right returns how many of a hundred letters that were decided about were declined;
// -1: none was.
func (c CheckCount) Right() int {
	if c.Sent+c.Declined == 0 {
		return -1
	}
	return 100 * c.Declined / (c.Sent + c.Declined)
}

// knownChecks are settings ready to be used, and what they were read from.
type knownChecks struct {
	Checks
	list wordList
	kept string
}

// checksOf returns the settings in force. With an error come the usual ones. They are
// looked up for every letter, as another process may have set them, and read anew when
// they are others than before.
func (s *Service) checksOf(ctx context.Context, slug string) (*knownChecks, error) {
	kept, err := s.store.Checks(ctx, slug)
	if err != nil {
		return &knownChecks{Checks: Checks{Limits: s.limits}}, fmt.Errorf("checks: %w", err)
	}
	if have, ok := s.checks.Load(slug); ok && have.(*knownChecks).kept == kept {
		return have.(*knownChecks), nil
	}
	c, err := s.readChecks(kept)
	known := &knownChecks{Checks: c, list: newWordList(c.Words), kept: kept}
	if err == nil {
		s.checks.Store(slug, known)
	}
	return known, err
}

// CountsLetters reports whether letters are counted by network, email address and
// postcode.
func (s *Service) CountsLetters() bool { return s.limits.Count() }

func (s *Service) readChecks(kept string) (Checks, error) {
	usual := Checks{Limits: s.limits}
	if kept == "" {
		return usual, nil
	}
	c := usual
	if err := json.Unmarshal([]byte(kept), &c); err != nil {
		return usual, fmt.Errorf("read the settings of checks: %w", err)
	}
	c.Limits = c.Limits.within(s.bounds)
	return c, nil
}

// CheckBook is what the page of a campaign's checks shows.
type CheckBook struct {
	Checks
	Bounds Limits       // the most that can be set; 0: any number
	Counts []CheckCount // of EveryCheck, in its order
	Was    string       // stands for the settings that are changed
}

// CheckBook returns the settings of a campaign's checks and what came of them;
// not_found.
func (s *Service) CheckBook(ctx context.Context, slug string) (CheckBook, error) {
	b := CheckBook{Bounds: s.bounds}
	kept, err := s.store.Checks(ctx, slug)
	if err != nil {
		return b, fmt.Errorf("checks: %w", err)
	}
	b.Was = markOf(kept)
	if b.Checks, err = s.readChecks(kept); err != nil {
		s.log.Error("read the settings of checks", "campaign", slug, "err", err) // they can be set anew
	}
	counts, err := s.store.CheckCounts(ctx, slug)
	if err != nil {
		return b, fmt.Errorf("checks: %w", err)
	}
	for _, check := range EveryCheck() {
		count := CheckCount{Check: check}
		if i := slices.IndexFunc(counts, func(c CheckCount) bool { return c.Check == check }); i >= 0 {
			count = counts[i]
		}
		b.Counts = append(b.Counts, count)
	}
	return b, nil
}

// markOf stands for settings that are kept, in a form that changes them.
func markOf(kept string) string {
	sum := sha256.Sum256([]byte(kept))
	return hex.EncodeToString(sum[:8])
}

// FieldWords is the field of the list of words; the others are LimitNames.
const FieldWords = "words"

// SetChecks sets a campaign's checks, in place of those that CheckBook gave as Was.
// invalid with the fields in it; conflict; not_found.
func (s *Service) SetChecks(ctx context.Context, by account.Actor, slug, was string, c Checks) error {
	problems := map[string]string{}
	bounds := s.bounds.numbers()
	for i, n := range c.Limits.numbers() {
		bound := *bounds[i].value
		if *n.value < 0 || *n.value > mostLimit || bound > 0 && (*n.value == 0 || *n.value > bound) {
			problems[n.name] = "desk.error.check_bound"
		}
	}
	var words []string
	for _, w := range c.Words {
		if w = tidyLine(w); w == "" {
			continue
		}
		if utf8.RuneCountInString(w) > MaxWordLength || len(plainWords(strings.TrimSuffix(w, "*"))) == 0 {
			problems[FieldWords] = "desk.error.check_word"
		}
		words = append(words, w)
	}
	if len(words) > MaxWords {
		problems[FieldWords] = "desk.error.check_words"
	}
	if len(problems) > 0 {
		return fault.Fieldwise(problems)
	}
	slices.Sort(words)
	c.Words = slices.Compact(words)
	kept, err := s.store.Checks(ctx, slug)
	if err != nil {
		return fmt.Errorf("set checks: %w", err)
	}
	if was != markOf(kept) {
		return fault.New(fault.Conflict, "desk.error.checks_stale")
	}
	if err := s.store.SetChecks(ctx, by, slug, kept, c.JSON()); err != nil {
		return fmt.Errorf("set checks: %w", err)
	}
	return nil
}
