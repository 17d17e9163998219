package parliament

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// searchKey is what Search compares of one seat: words in lower case and
// without accents, and names with the gaps taken out.
type searchKey struct {
	sort   string // the English name, for the order of equals
	names  []name // English, Welsh
	member name   // without titles; empty while the seat is vacant
}

// name is one name in the forms that are compared.
type name struct {
	words []string
	key   string // nameKey
}

func newName(words []string) name { return name{words, strings.Join(words, "")} }

func newSearchKey(s Seat) searchKey {
	c := s.Constituency
	k := searchKey{
		sort: sortKey(c.Name), names: []name{newName(searchWords(c.Name))},
		member: newName(newQuery(searchWords(s.Member.Name)).person),
	}
	if c.NameCy != "" && c.NameCy != c.Name {
		k.names = append(k.names, newName(searchWords(c.NameCy)))
	}
	return k
}

// searchWords splits a text into what Search compares.
func searchWords(s string) []string {
	return strings.Fields(fold(strings.ReplaceAll(s, "&", " and "), " "))
}

// quarters are the abbreviations that people type for parts of a town.
var quarters = map[string][]string{
	"nw": {"north", "west"}, "ne": {"north", "east"}, "sw": {"south", "west"}, "se": {"south", "east"},
}

// spelled returns typed words with the quarters written out.
func spelled(typed []string) []string {
	var words []string
	for _, w := range typed {
		if both, ok := quarters[w]; ok {
			words = append(words, both...)
		} else {
			words = append(words, w)
		}
	}
	return words
}

// The ranks of what Search finds, the best first.
const (
	rankSame         = iota // a constituency's name or code
	rankSameMember          // a member's name
	rankSurname             // a member's last name
	rankBegins              // a constituency's name begins so
	rankConstituency        // each word begins a word of the constituency's name
	rankMember              // likewise of the member's
	rankBoth                // likewise of the one or the other
	rankNone
)

// Search returns the seats that a person may mean by what they typed: a
// constituency's English or Welsh name, its code or its member's name, whatever
// the case, accents and punctuation. Every word has to begin a word of the seat
// or its member; "nw" and the like stand for north west. The likeliest come
// first, equals by name; at most limit of them, all if limit is 0. Nothing is
// found for a text without letters or digits.
func (r *Roster) Search(text string, limit int) []Seat {
	typed := newQuery(searchWords(text))
	if len(typed.words) == 0 {
		return nil
	}
	spelledOut := newQuery(spelled(typed.words))
	code := strings.ToUpper(strings.TrimSpace(text))
	type hit struct{ rank, seat int }
	var hits []hit
	for i := range r.seats {
		rank := min(r.search[i].rank(typed), r.search[i].rank(spelledOut))
		if r.seats[i].Constituency.Code == code {
			rank = rankSame
		}
		if rank < rankNone {
			hits = append(hits, hit{rank, i})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(r.search[a.seat].sort, r.search[b.seat].sort), cmp.Compare(a.seat, b.seat))
	})
	if limit > 0 && len(hits) > limit {
		hits = hits[:limit]
	}
	found := make([]Seat, len(hits))
	for i, h := range hits {
		found[i] = r.seats[h.seat]
	}
	return found
}

// query is what was typed, as it is compared with names.
type query struct {
	words, person []string // person: without the titles before it
	key, personal string   // the same without gaps
}

func newQuery(words []string) query {
	q := query{words: words, person: words}
	for len(q.person) > 1 && slices.Contains(titles, q.person[0]) {
		q.person = q.person[1:]
	}
	q.key, q.personal = strings.Join(q.words, ""), strings.Join(q.person, "")
	return q
}

// rank says how well a seat fits.
func (k *searchKey) rank(q query) int {
	best := rankNone
	for _, n := range k.names {
		switch {
		case n.key == q.key:
			return rankSame
		case strings.HasPrefix(n.key, q.key):
			best = min(best, rankBegins)
		case n.all(q.words):
			best = min(best, rankConstituency)
		}
	}
	switch {
	case k.member.key == q.personal:
		return rankSameMember
	case len(q.person) == 1 && len(k.member.words) > 0 && k.member.words[len(k.member.words)-1] == q.personal:
		return rankSurname
	case best < rankNone:
		return best
	case k.member.all(q.person):
		return rankMember
	}
	for _, w := range q.words {
		if !k.member.has(w) && !slices.ContainsFunc(k.names, func(n name) bool { return n.has(w) }) {
			return rankNone
		}
	}
	return rankBoth
}

// all reports whether each of the words begins a word of the name.
func (n name) all(words []string) bool {
	for _, w := range words {
		if !n.has(w) {
			return false
		}
	}
	return true
}

func (n name) has(prefix string) bool {
	return slices.ContainsFunc(n.words, func(w string) bool { return strings.HasPrefix(w, prefix) })
}

// Identify returns the seats that a text names exactly: by Parliament's number
// of the member, the constituency's code, its English or Welsh name, or the
// member's name with or without titles. More than one means that the text is
// ambiguous; case, accents and punctuation make no difference.
func (r *Roster) Identify(text string) []Seat {
	text = strings.TrimSpace(text)
	if id, err := strconv.Atoi(text); err == nil {
		if seat, ok := r.ByMember(id); ok {
			return []Seat{seat}
		}
		return nil
	}
	if seat, ok := r.Seat(strings.ToUpper(text)); ok {
		return []Seat{seat}
	}
	q := newQuery(searchWords(text))
	if q.key == "" {
		return nil
	}
	var found []Seat
	for i, k := range r.search {
		if k.member.key == q.personal || slices.ContainsFunc(k.names, func(n name) bool { return n.key == q.key }) {
			found = append(found, r.seats[i])
		}
	}
	return found
}

// ByMember returns the seat of the member with Parliament's number id.
func (r *Roster) ByMember(id int) (Seat, bool) {
	i, ok := r.byMember[id]
	if !ok {
		return Seat{}, false
	}
	return r.seats[i], true
}
