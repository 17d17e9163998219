package parliament

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// manyAlike is how many members may be listed with nothing but a new salutation
// before they are counted instead: the first sync after the embedded snapshot,
// which has none, fills in hundreds.
const manyAlike = 10

// String is the diff as plain text for a terminal: the counts, then each list
// that has anything on it.
func (d Diff) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d seats have a member: %d joined, %d left, %d changed, %d without email, %d vacant\n",
		d.Members, d.Seats, len(d.Joined), len(d.Left), len(d.Changed), len(d.WithoutEmail), len(d.Vacant))
	if !d.Complete() {
		fmt.Fprintf(&b, "Not every seat is accounted for: %d without a listed member, %d unmatched, %d contested\n",
			len(d.Unaccounted), len(d.Unmatched), len(d.Contested))
	}
	list(&b, "Joined", d.Joined)
	list(&b, "Left", d.Left)
	d.listChanged(&b)
	list(&b, "Without email", d.WithoutEmail)
	list(&b, "Vacant", d.Vacant)
	list(&b, "No member listed, and not known to be vacant", d.Unaccounted)
	list(&b, "Unmatched: no constituency of this name", d.Unmatched)
	list(&b, "Contested: more than one member listed", d.Contested)
	if len(d.Notes) > 0 {
		fmt.Fprintf(&b, "\nNotes (%d)\n", len(d.Notes))
		for _, note := range d.Notes {
			fmt.Fprintf(&b, "  %s\n", note)
		}
	}
	return b.String()
}

// WriteTo writes String to w.
func (d Diff) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, d.String())
	return int64(n), err
}

func list(b *strings.Builder, heading string, entries []Entry) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s (%d)\n", heading, len(entries))
	for _, e := range entries {
		fmt.Fprintf(b, "  %s\n", e)
	}
}

func (d Diff) listChanged(b *strings.Builder) {
	if len(d.Changed) == 0 {
		return
	}
	fmt.Fprintf(b, "\nChanged (%d)\n", len(d.Changed))
	greeted := func(c Change) bool { return len(c.Fields) == 1 && c.Fields[0].Field == "salutation" }
	shown := d.Changed
	if rest := slices.DeleteFunc(slices.Clone(shown), greeted); len(shown)-len(rest) > manyAlike {
		shown = rest
	}
	for _, c := range shown {
		fields := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			fields[i] = f.String()
		}
		fmt.Fprintf(b, "  %s: %s\n", c.Entry, strings.Join(fields, ", "))
	}
	if hidden := len(d.Changed) - len(shown); hidden > 0 {
		fmt.Fprintf(b, "  and %d with nothing but another salutation\n", hidden)
	}
}

// String is "Chorley: Sir Lindsay Hoyle (Speaker)", or less if less is known.
func (e Entry) String() string {
	s := e.Constituency
	if e.Name != "" {
		s += ": " + e.Name
	}
	if e.Party != "" {
		s += " (" + e.Party + ")"
	}
	return s
}
