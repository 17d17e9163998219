package postcode

import (
	"bytes"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
)

// mixSize is how many random postcodes a lookup benchmark goes through: enough
// that neither they nor what they lead to stay in the nearest cache.
const mixSize = 1 << 20

// mix is a random choice of real postcodes. Each is copied, so that they lie in
// turn as a request's would lie at hand, not all over the facts.
func mix(b *testing.B) []string {
	rows := facts(b)
	random := rand.New(rand.NewPCG(1, 2))
	typed := make([]string, mixSize)
	for i := range typed {
		typed[i] = strings.Clone(rows[random.IntN(len(rows))].pcds)
	}
	return typed
}

func perSecond(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "M/s")
}

func BenchmarkIndex_Lookup(b *testing.B) {
	x := openEmbedded(b)
	postcodes := make([]Postcode, mixSize)
	for i, typed := range mix(b) {
		p, err := Parse(typed)
		if err != nil {
			b.Fatal(err)
		}
		postcodes[i] = p
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if x.Lookup(postcodes[i%mixSize]).Answer == UnknownUnit {
			b.Fatal("a real postcode is unknown")
		}
		i++
	}
	perSecond(b)
}

// BenchmarkIndex_Find reads the postcode from text too.
func BenchmarkIndex_Find(b *testing.B) {
	x := openEmbedded(b)
	typed := mix(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if x.Find(typed[i%mixSize]).Answer == UnknownUnit {
			b.Fatal("a real postcode is unknown")
		}
		i++
	}
	perSecond(b)
}

func BenchmarkIndex_Find_unknown(b *testing.B) {
	x := openEmbedded(b)
	b.ReportAllocs()
	for b.Loop() {
		if x.Find("LS6 3ZZ").Answer != UnknownUnit {
			b.Fatal("LS6 3ZZ exists")
		}
	}
}

// BenchmarkMap is what a plain Go map of the same rows does, canonical text in.
func BenchmarkMap(b *testing.B) {
	rows := facts(b)
	before := heapInUse()
	codes := make(map[string]string, len(rows))
	for _, row := range rows {
		codes[row.pcds] = row.code
	}
	memory := heapInUse() - before
	typed := mix(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, ok := codes[typed[i%mixSize]]; !ok {
			b.Fatal("a real postcode is unknown")
		}
		i++
	}
	perSecond(b)
	b.ReportMetric(float64(memory)/1e6, "MB")
}

func BenchmarkParse(b *testing.B) {
	typed := mix(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := Parse(typed[i%mixSize]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	perSecond(b)
}

func BenchmarkOpen(b *testing.B) {
	data := readEmbedded(b)
	before := heapInUse()
	kept, err := Open(data)
	if err != nil {
		b.Fatal(err)
	}
	memory := heapInUse() - before
	runtime.KeepAlive(kept)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(data); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(data))/1e3, "file-KB")
	b.ReportMetric(float64(memory)/1e6, "heap-MB")
}

// BenchmarkBuild builds from the packed table of the whole country. The peak is
// of what the heap holds beyond what it held before, garbage included.
func BenchmarkBuild(b *testing.B) {
	needFacts(b, factsPostcodes)
	packed, err := os.ReadFile(factsPostcodes)
	if err != nil {
		b.Fatal(err)
	}
	opt := embeddedOptions(b)
	before, peak, calls := heapInUse(), 0, 0
	sample := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, int(m.HeapAlloc)-before)
	}
	opt.Progress = func(int64, int64) {
		if calls++; calls%64 == 0 {
			sample()
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Build(bytes.NewReader(packed), int64(len(packed)), opt); err != nil {
			b.Fatal(err)
		}
		sample()
	}
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}
