package web_test

import (
	"bytes"
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/testkit"
)

var update = flag.Bool("update", false, "write testdata/thief.txt anew")

// stolen is a campaign's data directory as somebody else has it who could read the
// disk: a copy of every file, made while the program ran.
type stolen struct {
	files map[string][]byte
	db    *sql.DB
}

func (s *site) steal() stolen {
	s.t.Helper()
	dir := s.t.TempDir()
	loot := stolen{files: map[string][]byte{}}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(s.dir, e.Name()))
		if err != nil {
			s.t.Fatal(err)
		}
		loot.files[e.Name()] = data
		if err := os.WriteFile(filepath.Join(dir, e.Name()), data, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	if loot.db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { loot.db.Close() })
	return loot
}

// drilled is how many letters the campaign of the drill has sent, and where from. The
// race detector, which takes minutes for a thousand, sees a hundred; the gate runs the
// drill without it as well.
var drilled = map[bool]int{false: 1000, true: 100}[testkit.Racing]

var drillSeats = [][2]string{{"LS6 3HN", "E14001319"}, {"DH1 3LE", "E14001185"}}

// TestThief is the drill: a thief has the data directory of a campaign that has sent
// 1,000 letters, and the log, and not the secret. What can be read are counts.
func TestThief(t *testing.T) {
	relay := testkit.StartSMTP(t, testkit.SMTPConfig{})
	const secret = "the secret that stands in the environment, and on no disk"
	s := start(t, func(c *config.Config) {
		c.Secret, c.SMTPURL = secret, config.Secret("smtp://"+relay.Addr())
		c.Limits = campaign.GenerousLimits() // so that letters are counted and compared
		c.Limits.Similar = 2 * drilled
	})
	planted := map[string]bool{secret: true}
	for n := range drilled {
		seat := drillSeats[n%len(drillSeats)]
		f := campaign.Form{
			Lang: "en", Postcode: seat[0], Constituency: seat[1], Subject: fmt.Sprintf("Planted subject %d", n), Body: fmt.Sprintf("Planted words number %d of a letter.", n) + " They are as many as are compared with those of other letters: a sentence of one’s own, then another, and so on until there are enough of them.",
			Name: fmt.Sprintf("Zebedee Quillfeather%d", n), Email: fmt.Sprintf("zebedee.quill%d@plantedmail.example", n), Phone: fmt.Sprintf("0113 496 %04d", n),
			Address1: fmt.Sprintf("%d Nowhere Crescent", n), Town: "Plantedbury",
		}
		w, err := s.Service().Submit(t.Context(), slug, f)
		if err != nil || w.Changed != "" {
			t.Fatal(err, w.Changed)
		}
		if n < 3 { // and of the others the words that all of them have
			for _, text := range []string{f.Subject, f.Body, f.Name, f.Email, f.Phone, f.Address1} {
				planted[text] = true
			}
		}
	}
	for _, text := range []string{"Quillfeather", "plantedmail", "Nowhere Crescent", "Plantedbury", "Planted words", "LS6 3HN", "LS63HN", "DH1 3LE", "DH13LE"} {
		planted[text] = true
	}
	link := regexp.MustCompile(`/l/([A-Za-z0-9_-]{22})`)
	tokens := map[string]bool{}
	s.eventually("asked to confirm", func() bool {
		for _, m := range relay.Messages() {
			if found := link.FindSubmatch(bytes.ReplaceAll(m.Data, []byte("=\r\n"), nil)); found != nil {
				tokens[string(found[1])] = true
			}
		}
		return len(tokens) == drilled
	})
	for i, token := range slices.Sorted(maps.Keys(tokens)) {
		if err := s.Service().Confirm(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			planted[token] = true
		}
	}
	var sent int
	s.eventually("sent", func() bool {
		err := s.database().QueryRow(`SELECT count(*) FROM letters WHERE state = 'sent'`).Scan(&sent)
		return err == nil && sent == drilled
	})

	loot := s.steal()
	loot.files["the log"] = []byte(s.log.String())
	for text := range planted {
		for form, want := range testkit.Encodings(text) {
			for file, data := range loot.files {
				if bytes.Contains(data, want) {
					t.Errorf("%s holds %q as %s", file, text, form)
				}
			}
		}
	}
	loot.opensNothing(t)
	if got := loot.readable(t, filepath.Join("testdata", "thief.txt")); got != "" {
		t.Errorf("what stands unsealed is not as testdata/thief.txt has it (-want +got). If it says nothing of anybody, -update writes it anew:\n%s", got)
	}
	// Counts are all there, for whoever has the files and no secret.
	for _, seat := range drillSeats {
		var n int
		if err := loot.db.QueryRow(`SELECT sum(letters) FROM counters WHERE state = 'sent' AND constituency = ?`, seat[1]).Scan(&n); err != nil || n != drilled/len(drillSeats) {
			t.Errorf("%d letters counted of %s, %v", n, seat[1], err)
		}
	}
}

// opensNothing tries another secret on every sealed record.
func (l stolen) opensNothing(t *testing.T) {
	t.Helper()
	keys, err := seal.New([]byte(strings.Repeat("g", seal.MinSecret)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := l.db.Query(`SELECT l.token_hash, p.sealed FROM people p JOIN letters l ON l.id = p.letter_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var hash, sealed []byte
		if err := rows.Scan(&hash, &sealed); err != nil {
			t.Fatal(err)
		}
		n++
		if p, err := campaign.OpenPerson(keys, sealed[4:], hash); err == nil {
			t.Fatalf("another secret opens %+v", p)
		}
	}
	if err := rows.Err(); err != nil || n != drilled {
		t.Errorf("%d records, %v", n, err)
	}
}

// reference are tables that say nothing of letters.
var reference = []string{"campaigns", "campaign_versions", "constituencies", "members", "goose_db_version", "settings", "sqlite_sequence", "sqlite_stat1"}

// readable compares every column in which something stands after the drill, with what
// kind of thing, to a list that somebody has read. What kinds there are is told by the
// values: personal data would be text, of many different values.
func (l stolen) readable(t *testing.T, golden string) string {
	t.Helper()
	tables := l.strings(t, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	var b strings.Builder
	for _, table := range tables {
		if slices.Contains(reference, table) {
			continue
		}
		for _, column := range l.strings(t, `SELECT name FROM pragma_table_info('`+table+`') ORDER BY cid`) {
			q := fmt.Sprintf(`SELECT DISTINCT CASE
				WHEN %[1]q IS NULL OR %[1]q = '' THEN 'nothing'
				WHEN typeof(%[1]q) = 'blob' THEN 'a hash, or sealed'
				WHEN typeof(%[1]q) IN ('integer', 'real') THEN 'a number'
				WHEN %[1]q GLOB '20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN 'a time'
				WHEN %[1]q GLOB '*@postbag.invalid' THEN 'a Message-ID'
				WHEN %[1]q GLOB '[EWSN]140[0-9]*' THEN 'a constituency'
				WHEN length(%[1]q) = 8 AND %[1]q = upper(%[1]q) THEN 'a reference'
				ELSE %[1]q END FROM %[2]q ORDER BY 1`, column, table)
			if kinds := l.strings(t, q); len(kinds) > 0 {
				fmt.Fprintf(&b, "%s.%s: %s\n", table, column, strings.Join(kinds, ", "))
			}
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	return cmp.Diff(string(want), b.String())
}

func (l stolen) strings(t *testing.T, q string) (all []string) {
	t.Helper()
	rows, err := l.db.Query(q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
