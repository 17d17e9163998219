package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"postbag/internal/campaign"
)

// Sums are kept beside the letters so that reading them never looks at letters:
// counters by day and partner, and tables whose rows have a column for each
// thing counted. A commit holds many changes that count in the same few rows, so
// what they count is collected, and written once before the commit.

// table is one of the tables of sums.
type table int

const (
	counters table = iota
	tallies
	hours
	variants
	ownWords
	changes
	credits
	tableCount
)

// columns are those that count, by table. counters has a row for each number.
var columns = [tableCount][]string{
	counters: {"letters"},
	tallies: {
		"written", "confirmed", "sent", "failed", "bounced", "uncertain", "withdrawn", "expired", "self_reported",
		"replied_none", "replied_standard", "replied_real", "replied_pledged", "replied_refused",
		"now_awaiting", "now_queued", "now_held", "now_failed", "now_bounced", "now_uncertain", "thanked",
	},
	hours:    {"written", "confirmed", "sent", "failed", "bounced", "uncertain"},
	variants: {"written", "confirmed", "sent", "replied_pledged"},
	ownWords: {"letters"},
	changes:  {"version"},
	credits:  {"written", "confirmed", "sent", "bounced"},
}

// keys are the columns that name a row of each.
var keys = [tableCount][]string{
	counters: {"campaign_id", "constituency", "partner", "day", "state"},
	tallies:  {"campaign_id", "constituency"},
	hours:    {"campaign_id", "hour"},
	variants: {"campaign_id", "variant"},
	ownWords: {"campaign_id", "percent"},
	changes:  {"campaign_id"},
	credits:  {"campaign_id", "partner", "source", "via"},
}

var tableNames = [tableCount]string{"counters", "tallies", "hours", "variants", "own_words", "changes", "credits"}

// maxColumns is the most that any of them has.
const maxColumns = 21

// sum names a row of one of the tables.
type sum struct {
	table       table
	campaign    int64
	key         string // constituency, hour or variant
	partner     string // of counters and credits alone
	day, state  string // of counters alone
	percent     int    // of ownWords alone
	source, via string // of credits alone
}

func (s sum) args() []any {
	switch s.table {
	case counters:
		return []any{s.campaign, s.key, s.partner, s.day, s.state}
	case ownWords:
		return []any{s.campaign, s.percent}
	case changes:
		return []any{s.campaign}
	case credits:
		return []any{s.campaign, s.partner, s.source, s.via}
	}
	return []any{s.campaign, s.key}
}

// delta is one thing that a change counts.
type delta struct {
	sum
	column int
	n      int
}

// add counts n in a column of a row; a table without that column does not count
// it.
func (t *tx) add(s sum, column string, n int) {
	if i := slices.Index(columns[s.table], column); i >= 0 {
		t.deltas = append(t.deltas, delta{s, i, n})
	}
}

// pending is what the commit has counted in a row so far, and not written yet.
func (t *tx) pending(s sum) (n int) {
	for _, d := range t.deltas {
		if d.sum == s {
			n += d.n
		}
	}
	return n
}

// upserts are the statements that write a row of each table.
var upserts = func() (q [tableCount]string) {
	for t := range q {
		name := tableNames[t]
		all := append(slices.Clone(keys[t]), columns[t]...)
		var set, marks []string
		for _, c := range columns[t] {
			set = append(set, fmt.Sprintf("%s = %s.%s + excluded.%s", c, name, c, c))
		}
		if table(t) == tallies {
			for _, c := range []string{"last_at", "thanked_at"} {
				all = append(all, c)
				set = append(set, fmt.Sprintf("%s = CASE WHEN excluded.%s > tallies.%s THEN excluded.%s ELSE tallies.%s END", c, c, c, c, c))
			}
		}
		for i := range all {
			marks = append(marks, fmt.Sprintf("$%d", i+1))
		}
		q[t] = fmt.Sprintf("INSERT INTO %s (%s)\nVALUES (%s)\nON CONFLICT (%s) DO UPDATE SET %s",
			name, strings.Join(all, ", "), strings.Join(marks, ", "), strings.Join(keys[t], ", "), strings.Join(set, ", "))
	}
	return q
}()

// flush writes what the commit's changes have counted, in the order in which
// each row came up.
func (t *tx) flush() error {
	if len(t.deltas) == 0 {
		return nil
	}
	at := map[sum]int{}
	var rows []sum
	var numbers [][maxColumns]int
	collect := func(d delta) {
		i, ok := at[d.sum]
		if !ok {
			i = len(rows)
			at[d.sum] = i
			rows, numbers = append(rows, d.sum), append(numbers, [maxColumns]int{})
		}
		numbers[i][d.column] += d.n
	}
	for _, d := range t.deltas {
		collect(d)
	}
	for _, d := range t.deltas { // last: any number of them is one change
		s := sum{table: changes, campaign: d.campaign}
		if _, ok := at[s]; !ok {
			collect(delta{s, 0, 1})
		}
	}
	for i, s := range rows {
		if done, err := t.addTo(s, numbers[i][:len(columns[s.table])]); done || err != nil {
			if err != nil {
				return fmt.Errorf("write sums into %s: %w", tableNames[s.table], err)
			}
			continue
		}
		args := s.args()
		for c := range columns[s.table] {
			args = append(args, numbers[i][c])
		}
		if s.table == tallies {
			for _, c := range []string{"sent", "thanked"} {
				at := ""
				if numbers[i][slices.Index(columns[tallies], c)] > 0 {
					at = formatTime(t.now)
				}
				args = append(args, at)
			}
		}
		if _, err := t.exec(upserts[s.table], args...); err != nil {
			return fmt.Errorf("write sums into %s: %w", tableNames[s.table], err)
		}
	}
	t.deltas = t.deltas[:0]
	return nil
}

// addTo adds to what is counted in a row of tallies already, of which few of many
// columns change at a time; false: there is no such row, or it is another table's.
func (t *tx) addTo(s sum, numbers []int) (bool, error) {
	if s.table != tallies {
		return false, nil
	}
	var set []string
	args := s.args()
	add := func(expression string, value any) {
		args = append(args, value)
		set = append(set, fmt.Sprintf(expression, len(args)))
	}
	for c, n := range numbers {
		if name := columns[tallies][c]; n != 0 {
			add(name+" = "+name+" + $%d", n)
			if name == "sent" && n > 0 {
				add("last_at = max(last_at, $%d)", formatTime(t.now))
			}
			if name == "thanked" && n > 0 {
				add("thanked_at = max(thanked_at, $%d)", formatTime(t.now))
			}
		}
	}
	if len(set) == 0 {
		return false, nil
	}
	done, err := t.exec(`UPDATE tallies SET `+strings.Join(set, ", ")+` WHERE campaign_id = $1 AND constituency = $2`, args...)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// touch notes that something changed that organisers watch, beside letters.
func (t *tx) touch(campaignID int64) {
	t.add(sum{table: changes, campaign: campaignID}, "version", 1)
}

// hour is the beginning of the hour of a time, as hours are kept.
func hour(at time.Time) string { return at.UTC().Format(hourLayout) }

// nameOf is what a state's arrivals are called in the tables' columns.
func nameOf(state string) string {
	if state == string(campaign.StateAwaiting) {
		return "written"
	}
	if answer, ok := strings.CutPrefix(state, countReply); ok {
		return "replied_" + answer
	}
	return state
}

// gauge is the column for letters that are in a state now; empty: none.
func gauge(s campaign.State) string {
	switch s {
	case campaign.StateAwaiting, campaign.StateQueued, campaign.StateHeld, campaign.StateFailed, campaign.StateBounced, campaign.StateUncertain:
		return "now_" + string(s)
	case campaign.StateSending:
		return "now_queued"
	}
	return ""
}

// count counts a letter that came to a state, or what was told of it: see the
// constants in counts.go.
func (t *tx) count(l row, state string) error {
	t.countAt(l, t.now, state, 1)
	return t.countCredit(l, nameOf(state))
}

// countAt counts n at a time: what was counted before is taken back with -1.
func (t *tx) countAt(l row, at time.Time, state string, n int) {
	name := nameOf(state)
	t.add(sum{table: counters, campaign: l.campaign, key: l.constituency, partner: l.partner, day: campaign.Day(at), state: state}, "letters", n)
	t.add(sum{table: tallies, campaign: l.campaign, key: l.constituency}, name, n)
	t.add(sum{table: hours, campaign: l.campaign, key: hour(at)}, name, n)
	if l.variant != "" {
		t.add(sum{table: variants, campaign: l.campaign, key: l.variant}, name, n)
	}
	if state == string(campaign.StateSent) && campaign.Variant(l.variant).Thanks() {
		t.add(sum{table: tallies, campaign: l.campaign, key: l.constituency}, "thanked", n)
	}
	if state == countConfirmed && l.own.Valid {
		t.add(sum{table: ownWords, campaign: l.campaign, percent: int(l.own.Int64)}, "letters", n)
	}
}

// regauge counts a letter where it is now, and no longer where it was.
func (t *tx) regauge(l row, from, to campaign.State) {
	was, is := gauge(from), gauge(to)
	if !l.kept && campaign.Open(from) {
		was = "" // see ungauge
	}
	if was == is {
		t.touch(l.campaign)
		return
	}
	of := sum{table: tallies, campaign: l.campaign, key: l.constituency}
	if was != "" {
		t.add(of, was, -1)
	}
	if is != "" {
		t.add(of, is, 1)
	}
}

// ungauge counts a letter that waited for a decision no longer: its person's data
// go, and nobody can decide any more.
func (t *tx) ungauge(l row) {
	if l.kept && campaign.Open(l.state) {
		t.add(sum{table: tallies, campaign: l.campaign, key: l.constituency}, gauge(l.state), -1)
	}
}
