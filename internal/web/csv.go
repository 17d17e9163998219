package web

import (
	"bytes"
	"encoding/csv"
	"strconv"

	"postbag/internal/campaign"
)

var typeCSV = []string{"text/csv; charset=utf-8; header=present"}

// typeAge is the type of an age file, which has none of its own.
var typeAge = []string{"application/octet-stream"}

// askBOM asks for a CSV file that begins with a byte order mark, without which
// Excel takes UTF-8 for something else.
const askBOM = "bom"

const byteOrderMark = "\uFEFF"

// csvOf writes a CSV file as RFC 4180 has it, harmless in a spreadsheet.
func csvOf(records [][]string, bom bool) ([]byte, error) {
	var body bytes.Buffer
	if bom {
		body.WriteString(byteOrderMark)
	}
	w := csv.NewWriter(&body)
	w.UseCRLF = true
	for _, record := range records {
		for i, field := range record {
			record[i] = campaign.Harmless(field)
		}
	}
	err := w.WriteAll(records)
	return body.Bytes(), err
}

// figure writes a number, or nothing where there is none.
func figure(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
