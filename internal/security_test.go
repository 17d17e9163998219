package internal

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"postbag/internal/account"
	"postbag/internal/auth"
	"postbag/internal/campaign"
	"postbag/internal/web"
)

// requirements are how many of each section of OWASP's ASVS 5.0.0 are of level 1 or
// 2. They are always its first ones.
var requirements = map[string]int{
	"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
	"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
	"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4,
	"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
	"12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
	"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}

// named are tests, fuzzers and benchmarks as documents name them.
var named = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")

// tests are all that there are.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
	all := map[string]bool{}
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, m := range declared.FindAllSubmatch(source, -1) {
				all[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// anchors are the chapters of a document as links name them.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^\p{L}\p{N} -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all[strings.ReplaceAll(kept, " ", "-")] = true
	}
	return all
}

// TestSecurity_Table: each requirement stands in the table once. What is met says by
// which test, or where it is written down; every test and chapter that is named is
// there.
func TestSecurity_Table(t *testing.T) {
	text := document(t, "SECURITY.md")
	known, here, readme := tests(t), anchors(text), anchors(document(t, "README.md"))
	_, table, ok := strings.Cut(text, "## ASVS 5.0.0")
	if !ok {
		t.Fatal("there is no table")
	}
	seen, count := map[string]int{}, map[string]int{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) < 4 || !regexp.MustCompile(`^\| \d`).MatchString(line) {
			continue
		}
		status, how := strings.Trim(cells[2], "* "), strings.TrimSuffix(cells[3], " |")
		for number := range strings.SplitSeq(strings.TrimPrefix(cells[0], "| "), ", ") {
			seen[number]++
			count[status]++
		}
		links := regexp.MustCompile(`\]\((README\.md)?#([^)]+)\)`).FindAllStringSubmatch(how, -1)
		for _, m := range links {
			if m[1] == "" && !here[m[2]] || m[1] != "" && !readme[m[2]] {
				t.Errorf("%s: there is no chapter %q", cells[0], m[0])
			}
		}
		script := regexp.MustCompile("`(\\.ci/[a-z-]+)`").FindStringSubmatch(how)
		if script != nil {
			if _, err := os.Stat(filepath.Join("..", script[1])); err != nil {
				t.Errorf("%s: %v", cells[0], err)
			}
		}
		switch status {
		case "met":
			if !named.MatchString(how) && len(links) == 0 && script == nil {
				t.Errorf("%s is met by nothing", cells[0])
			}
		case "not met", "not applicable":
			if how == "" {
				t.Errorf("%s: nobody says why", cells[0])
			}
		default:
			t.Errorf("%s is %q", cells[0], status)
		}
	}
	total := 0
	for section, n := range requirements {
		total += n
		for i := 1; i <= n; i++ {
			number := section + "." + strconv.Itoa(i)
			if seen[number] != 1 {
				t.Errorf("%s stands there %d times", number, seen[number])
			}
			delete(seen, number)
		}
	}
	for number := range seen {
		t.Errorf("there is no %s of level 1 or 2", number)
	}
	if sum := fmt.Sprintf("All %d requirements", total); !strings.Contains(table, sum) {
		t.Errorf("the sum is not %q", sum)
	}
	if sum := fmt.Sprintf("**%d met, %d not applicable, %d not met**", count["met"], count["not applicable"], count["not met"]); !strings.Contains(table, sum) {
		t.Errorf("the sum is not %q", sum)
	}
	for _, name := range []string{"SECURITY.md", "README.md"} {
		for _, m := range named.FindAllStringSubmatch(document(t, name), -1) {
			if !known[m[1]] {
				t.Errorf("%s names %s, which does not exist", name, m[1])
			}
		}
	}
}

// TestSecurity_SaysTheLimits: the numbers that are written down are those in force.
func TestSecurity_SaysTheLimits(t *testing.T) {
	text := document(t, "SECURITY.md")
	hours := map[int]string{2: "two", 12: "twelve"}
	for _, want := range []string{
		fmt.Sprintf("one line of at most %d; %d; %d each", campaign.MaxSubject, campaign.MaxName, campaign.MaxAddress),
		fmt.Sprintf("one address, of at most %d", campaign.MaxEmail),
		fmt.Sprintf("1 to %d,000", campaign.MaxBody/1000),
		fmt.Sprintf("at most %d kB", campaign.MaxLogo>>10),
		fmt.Sprintf("%d a day, over all campaigns; %d letters", campaign.MaxMails, campaign.MaxAwaiting),
		fmt.Sprintf("%d a day for a constituency", campaign.MaxSelfReports),
		fmt.Sprintf("%d requests a minute from an address, %d,000 with a key", web.LimitPerAddress, web.LimitPerKey/1000),
		fmt.Sprintf("%s hours without use and %s hours in any case", hours[int(auth.IdleFor.Hours())], hours[int(auth.Lasts.Hours())]),
		fmt.Sprintf("%.0f days and %.0f hour", account.SetUpWithin.Hours()/24, account.ResetWithin.Hours()),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("SECURITY.md does not say %q", want)
		}
	}
}
