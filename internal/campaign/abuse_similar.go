package campaign

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// Letters are compared by MinHash (A. Broder, "On the resemblance and containment of
// documents", 1997) with banding: of the phrases that a supporter wrote themselves,
// the least of each of 24 orders is drawn, and four of these together make a band.
// Two letters that have four phrases of five in common share one of the six bands
// nineteen times of twenty; with half of them in common, one time of three. Only hashes
// of bands are kept, and how often each came, so a letter costs the same however many
// came before.
const (
	bandCount = 6
	bandRows  = 4

	// leastPhrases is how much of one's own a letter has to have to be compared: what
	// is shorter ("I live in Durham and I agree") many write, each by themselves.
	leastPhrases = 20
)

// likeness draws the orders. They are made of the secret, so that nobody else can
// write a text that is taken for another.
type likeness struct {
	mul, add [bandCount * bandRows]uint64
}

func newLikeness(hash func(purpose string, parts ...string) []byte) *likeness {
	var l likeness
	for i := range l.mul {
		b := hash("likeness order", fmt.Sprint(i))
		l.mul[i], l.add[i] = binary.BigEndian.Uint64(b)|1, binary.BigEndian.Uint64(b[8:])
	}
	return &l
}

// ownPhrases returns the runs of three words of a text that are not the template's,
// each once, as hashes.
func ownPhrases(template, text string) map[uint64]bool {
	theirs, own := map[uint64]bool{}, map[uint64]bool{}
	for _, h := range phrasesOf(template) {
		theirs[h] = true
	}
	for _, h := range phrasesOf(text) {
		if !theirs[h] {
			own[h] = true
		}
	}
	return own
}

// phrasesOf returns the runs of words of a text, hashed by FNV-1a (RFC 9923): nothing
// of these hashes is kept.
func phrasesOf(text string) []uint64 {
	words := plainWords(text)
	var all []uint64
	for i := 0; i+runOfWords <= len(words); i++ {
		h := uint64(14695981039346656037)
		for _, w := range words[i : i+runOfWords] {
			for j := range len(w) {
				h = (h ^ uint64(w[j])) * 1099511628211
			}
			h = (h ^ ' ') * 1099511628211
		}
		all = append(all, h)
	}
	return all
}

// draw returns the least phrase of each order; false: there are too few.
func (l *likeness) draw(phrases map[uint64]bool) (least [bandCount * bandRows]uint64, ok bool) {
	for i := range least {
		least[i] = math.MaxUint64
	}
	for h := range phrases {
		for i := range least {
			// Multiplying mixes upwards only, so the upper half is brought down first.
			v := (h ^ h>>32 ^ l.add[i]) * l.mul[i]
			v = (v ^ v>>29) * l.mul[i]
			least[i] = min(least[i], v^v>>32)
		}
	}
	return least, len(phrases) >= leastPhrases
}

// bands returns the keyed hashes of the bands of what a supporter wrote themselves in
// a campaign, by the names that they have in this week and in the last; none where
// that is little.
func (s *Service) bands(slug, template, text string) (this, last [][]byte) {
	least, ok := s.likeness.draw(ownPhrases(template, text))
	if !ok {
		return nil, nil
	}
	week := dayNumber(s.now()) / 7
	for band := range bandCount {
		var b [8 * bandRows]byte
		for row := range bandRows {
			binary.BigEndian.PutUint64(b[8*row:], least[band*bandRows+row])
		}
		hash := s.keys.Hash("likeness", slug, fmt.Sprint(band), string(b[:]))[:hashLen]
		this = append(this, append(binary.BigEndian.AppendUint16(nil, week), hash...))
		last = append(last, append(binary.BigEndian.AppendUint16(nil, week-1), hash...))
	}
	return this, last
}

// LikenessesSince is what the names of last week's bands begin with; those of weeks
// before are less.
func LikenessesSince(now time.Time) []byte {
	return binary.BigEndian.AppendUint16(nil, dayNumber(now)/7-1)
}
