package postcode

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// The facts lie beside the repository and are no part of it.
const (
	factsPostcodes      = "../../../shared/data/postcodes-gb.csv.gz"
	factsConstituencies = "../../../shared/data/constituencies.csv"
	embeddedIndex       = "../../db/postcodes.idx"
)

type fact struct{ pcds, code string }

// facts gives every row of the reference postcodes.
func facts(tb testing.TB) []fact {
	tb.Helper()
	needFacts(tb, factsPostcodes)
	rows, err := readFacts()
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

// needFacts skips a test on a machine that lacks the facts, save in CI.
func needFacts(tb testing.TB, path string) {
	tb.Helper()
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") != "true" {
		tb.Skipf("the reference facts are not on this machine (%s)", path)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// unpackFacts gives the reference postcodes as CSV.
var unpackFacts = sync.OnceValues(func() ([]byte, error) {
	file, err := os.Open(factsPostcodes)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	table := bytes.NewBuffer(make([]byte, 0, 64<<20)) // they take 60 MB
	_, err = table.ReadFrom(unpacked)
	return table.Bytes(), err
})

var readFacts = sync.OnceValues(func() ([]fact, error) {
	table, err := unpackFacts()
	if err != nil {
		return nil, err
	}
	rows := make([]fact, 0, 1_800_000)
	codes := map[string]string{} // one copy of each
	all := string(table)
	_, all, _ = strings.Cut(all, "\n") // pcds,east1m,north1m,pcon24cd
	for all != "" {
		var line string
		line, all, _ = strings.Cut(all, "\n")
		pcds, _, _ := strings.Cut(line, ",")
		code := line[strings.LastIndexByte(line, ',')+1:]
		if _, ok := codes[code]; !ok {
			codes[code] = code
		}
		rows = append(rows, fact{pcds, codes[code]})
	}
	return rows, nil
})

// knownCodes are those of the 650 constituencies.
func knownCodes(tb testing.TB) map[string]bool {
	tb.Helper()
	needFacts(tb, factsConstituencies)
	file, err := os.Open(factsConstituencies)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range records[1:] {
		known[r[0]] = true
	}
	return known
}

func readEmbedded(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile(embeddedIndex)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func openEmbedded(tb testing.TB) *Index {
	tb.Helper()
	x, err := Open(readEmbedded(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// embeddedOptions are those that the embedded index is built with.
func embeddedOptions(tb testing.TB) Options {
	known := knownCodes(tb)
	return Options{
		Source: "Code-Point Open with mySociety's 2024 constituency lookup",
		Date:   "2024",
		Attribution: "Contains OS data © Crown copyright and database right 2024. " +
			"Contains Royal Mail data © Royal Mail copyright and database right 2024. " +
			"Source: Office for National Statistics licensed under the Open Government Licence v3.0. " +
			"Postcode to constituency: compiled from OS Code-Point Open and mySociety's " +
			"2024 constituency lookup (CC BY 4.0).",
		Known: func(code string) bool { return known[code] },
	}
}
