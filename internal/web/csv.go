package web

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var typeCSV = []string{"text/csv; charset=utf-8; header=present"}

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
			record[i] = harmless(field)
		}
	}
	err := w.WriteAll(records)
	return body.Bytes(), err
}

// number is what no spreadsheet takes for a formula, though it may begin as one.
var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// beginsFormula are the characters with which something begins that a spreadsheet
// may take for a formula, wide ones as people type them in East Asia among them.
const beginsFormula = "=+-@\t\r\n\x00＝＋－＠"

// harmless keeps a spreadsheet from taking a field for a formula: an apostrophe
// before it makes it text.
func harmless(field string) string {
	if first, _ := utf8.DecodeRuneInString(field); field != "" && strings.ContainsRune(beginsFormula, first) && !number.MatchString(field) {
		return "'" + field
	}
	return field
}

// figure writes a number, or nothing where there is none.
func figure(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
