package atlas

import (
	"cmp"
	"maps"
	"slices"
)

// forest keeps sets of numbers that can be joined.
type forest []int // a member's parent; a root holds minus the size of its set

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = -1
	}
	return f
}

func (f forest) find(i int) int {
	for f[i] >= 0 {
		i = f[i]
	}
	return i
}

func (f forest) size(i int) int { return -f[f.find(i)] }

func (f forest) join(i, j int) {
	i, j = f.find(i), f.find(j)
	if i == j {
		return
	}
	if f[i] > f[j] {
		i, j = j, i
	}
	f[i] += f[j]
	f[j] = i
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
