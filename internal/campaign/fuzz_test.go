package campaign_test

// This file needs no other test's: the gate builds it alone, for what is built to
// be fuzzed is built anew, and the database with it where a fixture brings it in.

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"postbag/db"
	. "postbag/internal/campaign"
	"postbag/internal/parliament"
)

func FuzzOwnWords(f *testing.F) {
	f.Add("I am writing to you", "to you I am writing this")
	f.Add("", "\xff")
	f.Add("a b", "a’b İ \u0301")
	f.Fuzz(func(t *testing.T, template, text string) {
		got := OwnWords(template, text)
		if got < 0 || got > 100 {
			t.Fatalf("%d per cent", got)
		}
		if copied := OwnWords(text, text); copied != 0 {
			t.Errorf("a copy is %d per cent the writer's own", copied)
		}
		if longer := OwnWords(template+"\n"+text, text); longer != 0 {
			t.Errorf("a text that stands in the template is %d per cent the writer's own", longer)
		}
	})
}

func FuzzReadingAge(f *testing.F) {
	f.Add("The cat sat on the mat.")
	f.Add("\xff. a\n'")
	f.Fuzz(func(t *testing.T, text string) {
		if years, ok := ReadingAge(text); ok && years < 5 || !ok && years != 0 {
			t.Errorf("%d years, %v", years, ok)
		}
	})
}

const today = "2026-11-23"

// told returns what is wrong with a file, line by line.
func told(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	report, ok := errors.AsType[*parliament.FileError](err)
	if !ok {
		tb.Fatalf("error %v, want one about lines", err)
	}
	var lines []string
	for _, p := range report.Problems {
		lines = append(lines, p.String())
	}
	return lines
}

// FuzzReadPledges: whatever the file, what is read is fit to be recorded and
// shown, and what is not is told with its line.
func FuzzReadPledges(f *testing.F) {
	for _, file := range []string{
		"mp,date\nChorley,2026-11-01\n",
		"\uFEFFMember_ID;Date;Evidence;Withdrawn\r\n467;1/2/2026;https://example.org/a,b;3/4/2026\r\n",
		"constituency,ons_code,date\n\"Harborough, Oadby & Wigston\",,2026-11-01\n",
		"mp,date,evidence\nChorley,2026-11-01,javascript:alert(1)\nChorley,0001-01-01,http://a@b\n",
		"mp,date,evidence\n\"Chorley\n\",2026-11-01,\"https://example.org/\x00\"\n",
		"mp,date\n\"Chorley,2026-11-01\n", "mp,date\n,,,,\n", "", "\xff\xfe", "mp\tdate", "date\n2026-11-01",
		"=cmd|' /C calc'!A0,date,mp\n1,2026-11-01,Chorley\n",
		"mp,date,withdrawn,withdrawn_evidence\n4,2026-01-01,2026-02-01,https://[::1]/\n",
	} {
		f.Add(file)
	}
	roster, err := parliament.Load(db.FS)
	if err != nil {
		f.Fatal(err)
	}
	former := map[int]string{4: "Bea Gone"}
	f.Fuzz(func(t *testing.T, file string) {
		read, err := ReadPledges(strings.NewReader(file), roster, former, today)
		for _, line := range told(t, err) {
			if line == "" {
				t.Error("an empty problem")
			}
		}
		if err == nil && len(read.Rows) == 0 {
			t.Error("nothing read and nothing wrong")
		}
		for _, row := range read.Rows {
			p := row.Pledge
			if _, sits := roster.ByMember(p.MemberID); !sits && former[p.MemberID] == "" {
				t.Errorf("line %d: member %d", row.Line, p.MemberID)
			}
			days := []string{p.On}
			if p.WithdrawnOn != "" {
				days = append(days, p.WithdrawnOn)
			}
			for _, day := range days {
				if at, err := time.Parse(time.DateOnly, day); err != nil || at.Year() < 2000 || day > today {
					t.Errorf("line %d: day %q", row.Line, day)
				}
			}
			for _, link := range []string{p.Evidence, p.WithdrawnEvidence} {
				u, err := url.Parse(link)
				if link != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
					len([]rune(link)) > 500 || !utf8.ValidString(link) || strings.ContainsAny(link, " \t\r\n\x00")) {
					t.Errorf("line %d: link %q", row.Line, link)
				}
			}
		}
	})
}
