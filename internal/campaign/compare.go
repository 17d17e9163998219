package campaign

import (
	"regexp"
	"strings"
)

// DiffKind says what became of a line.
type DiffKind string

// The kinds of line.
const (
	DiffSame    DiffKind = "same"
	DiffRemoved DiffKind = "removed"
	DiffAdded   DiffKind = "added"
	DiffChanged DiffKind = "changed" // one line in place of another
)

// DiffLine is a line of two texts side by side.
type DiffLine struct {
	Kind             DiffKind
	OldNumber        int // 0: it is not in the old text
	NewNumber        int // 0: it is not in the new one
	Old, New         []DiffPart
	Skipped          int // same lines that were left out before this one
	oldLine, newLine string
}

// DiffPart is a piece of a line.
type DiffPart struct {
	Text   string
	Differ bool
}

// around is how many same lines are shown before and after one that differs.
const around = 2

// Compare puts two texts side by side, line by line, and leaves out what is the
// same in both but for a few lines around each difference. It is empty for equal
// texts.
func Compare(before, after string) []DiffLine {
	var lines []DiffLine
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	i, j := 0, 0
	var removed, added []string
	flush := func() {
		for k := 0; k < max(len(removed), len(added)); k++ {
			var l DiffLine
			if k < len(removed) {
				l.OldNumber, l.oldLine = i-len(removed)+k+1, removed[k]
			}
			if k < len(added) {
				l.NewNumber, l.newLine = j-len(added)+k+1, added[k]
			}
			switch {
			case l.OldNumber > 0 && l.NewNumber > 0:
				l.Kind = DiffChanged
				l.Old, l.New = compareWords(l.oldLine, l.newLine)
			case l.OldNumber > 0:
				l.Kind, l.Old = DiffRemoved, []DiffPart{{l.oldLine, false}}
			default:
				l.Kind, l.New = DiffAdded, []DiffPart{{l.newLine, false}}
			}
			lines = append(lines, l)
		}
		removed, added = nil, nil
	}
	for _, step := range steps(a, b) {
		switch step {
		case stepSame:
			flush()
			part := []DiffPart{{a[i], false}}
			i, j = i+1, j+1
			lines = append(lines, DiffLine{Kind: DiffSame, OldNumber: i, NewNumber: j, Old: part, New: part})
		case stepOld:
			removed = append(removed, a[i])
			i++
		case stepNew:
			added = append(added, b[j])
			j++
		}
	}
	flush()
	return leaveOut(lines)
}

// leaveOut takes away same lines that are far from any other.
func leaveOut(lines []DiffLine) []DiffLine {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Kind == DiffSame {
			continue
		}
		for k := max(0, i-around); k <= min(len(lines)-1, i+around); k++ {
			near[k] = true
		}
	}
	var kept []DiffLine
	skipped := 0
	for i, l := range lines {
		if !near[i] {
			skipped++
			continue
		}
		l.Skipped, skipped = skipped, 0
		kept = append(kept, l)
	}
	return kept
}

var aWord = regexp.MustCompile(`\s+|[^\s]+`)

// compareWords marks the words in which two lines differ.
func compareWords(before, after string) (old, now []DiffPart) {
	a, b := aWord.FindAllString(before, -1), aWord.FindAllString(after, -1)
	i, j := 0, 0
	for _, step := range steps(a, b) {
		switch step {
		case stepSame:
			old, now = addPart(old, a[i], false), addPart(now, b[j], false)
			i, j = i+1, j+1
		case stepOld:
			old = addPart(old, a[i], true)
			i++
		case stepNew:
			now = addPart(now, b[j], true)
			j++
		}
	}
	return old, now
}

func addPart(parts []DiffPart, text string, differ bool) []DiffPart {
	if n := len(parts); n > 0 && parts[n-1].Differ == differ {
		parts[n-1].Text += text
		return parts
	}
	return append(parts, DiffPart{text, differ})
}

// step is one step on the way from one list to another.
type step byte

const (
	stepSame step = iota // both go on
	stepOld              // one of the old list alone
	stepNew              // one of the new list alone
)

// maxCompared bounds the table of steps: what differs in more is taken as wholly
// replaced.
const maxCompared = 4_000_000

// steps finds the longest common subsequence of two lists. What they begin and
// end with alike, nearly all of most, needs no table.
func steps(a, b []string) []step {
	var path []step
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		path = append(path, stepSame)
		a, b = a[1:], b[1:]
	}
	end := 0
	for end < len(a) && end < len(b) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	a, b = a[:len(a)-end], b[:len(b)-end]
	if len(a)*len(b) <= maxCompared {
		path = append(path, table(a, b)...)
	} else {
		for range a {
			path = append(path, stepOld)
		}
		for range b {
			path = append(path, stepNew)
		}
	}
	for range end {
		path = append(path, stepSame)
	}
	return path
}

func table(a, b []string) []step {
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width) // of a[i:] and b[j:]
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	var path []step
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			path = append(path, stepSame)
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && longest[(i+1)*width+j] >= longest[i*width+j+1]:
			path = append(path, stepOld)
			i++
		default:
			path = append(path, stepNew)
			j++
		}
	}
	return path
}
