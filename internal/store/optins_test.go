package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

var (
	askedEn = campaign.Wording{Lang: "en", Text: "Write to me once a month."}
	askedCy = campaign.Wording{Lang: "cy", Text: "Ysgrifennwch ataf unwaith y mis."}
)

// ticked is letter n with an opt-in to each organisation, numbered after it.
func ticked(n, person int, organisations ...string) campaign.NewLetter {
	l := newLetter(n)
	for i, o := range organisations {
		id := int64(1000*n + i + 1)
		l.OptIns = append(l.OptIns, campaign.NewOptIn{
			ID: id, Partner: o, Wording: askedEn, TokenHash: hashOf("opt-in token", int(id)),
			EmailHash: hashOf("opt-in "+o, person), Sealed: fmt.Appendf(nil, "sealed contact %d", id),
		})
	}
	return l
}

func (b *bed) ticking(t *testing.T, l campaign.NewLetter) []byte {
	t.Helper()
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	return l.TokenHash
}

func (b *bed) confirmed(t *testing.T, l campaign.NewLetter) []byte {
	t.Helper()
	hash := b.ticking(t, l)
	if err := b.ConfirmLetter(t.Context(), hash, fmt.Sprintf("%x@example.org", hash[:6])); err != nil {
		t.Fatal(err)
	}
	return hash
}

// exported lists what an organisation gets, as "number day ended" with a plus
// where there is a person.
func (b *bed) exported(t *testing.T, of campaign.OptInsOf) []string {
	t.Helper()
	var all []string
	for from := (campaign.OptInPlace{Day: of.Since}); ; {
		next, err := b.OptInsFrom(t.Context(), of, from, func(o campaign.OptIn) error {
			line := fmt.Sprint(o.ID, " ", o.Confirmed)
			if o.Ended != "" {
				line += " ended " + o.Ended
			}
			if o.Sealed != nil {
				line += " +"
			}
			if (o.Sealed == nil) != (o.Ended != "") || (o.TokenHash == nil) != (o.Ended != "") || o.Wording != askedEn || o.Campaign != slug {
				t.Errorf("opt-in %+v", o)
			}
			all = append(all, line)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if from = next; from == (campaign.OptInPlace{}) {
			break
		}
	}
	if n, err := b.CountOptInsFrom(t.Context(), of); err != nil || n != len(all) {
		t.Errorf("%d rows are counted, %d come (%v)", n, len(all), err)
	}
	return all
}

func (b *bed) optInRows(t *testing.T) string {
	t.Helper()
	return b.texts(t, `SELECT count(*) FROM opt_ins UNION ALL SELECT count(*) FROM opt_in_people UNION ALL SELECT count(*) FROM opt_in_letters`)
}

func TestOptIns_CountOnceTheLetterIsConfirmed(t *testing.T) {
	b := newBed(t)
	hash := b.ticking(t, ticked(1, 1, "friends", ""))
	if got := b.exported(t, campaign.OptInsOf{Partner: "friends"}); got != nil {
		t.Errorf("before it is confirmed, %q is exported", got)
	}
	if err := b.ConfirmLetter(t.Context(), hash, "letter@example.org"); err != nil {
		t.Fatal(err)
	}
	for of, want := range map[campaign.OptInsOf][]string{
		{Partner: "friends"}: {"1001 2026-11-23 +"}, {}: {"1002 2026-11-23 +"}, {Partner: "strangers"}: nil,
		{Campaign: slug}: {"1002 2026-11-23 +"}, {Since: "2026-11-23"}: {"1002 2026-11-23 +"}, {Since: "2026-11-24"}: nil,
	} {
		if diff := cmp.Diff(want, b.exported(t, of)); diff != "" {
			t.Errorf("%+v: %s", of, diff)
		}
	}
	counts, err := b.OptInCounts(t.Context(), slug)
	if diff := cmp.Diff([]campaign.OptInCount{{Confirmed: 1}, {Partner: "friends", Confirmed: 1}}, counts); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// Until then they live and die with the letter.
func TestOptIns_GoWithALetterThatIsNeverConfirmed(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *bed, []byte) error{
		"withdrawn": func(t *testing.T, b *bed, hash []byte) error { return b.WithdrawLetter(t.Context(), hash) },
		"erased":    func(t *testing.T, b *bed, hash []byte) error { return b.EraseLetter(t.Context(), hash) },
		"expired": func(t *testing.T, b *bed, _ []byte) error {
			b.clock.Advance(campaign.ConfirmWithin)
			b.expired(t, 10)
			return nil
		},
		"confirmed too late": func(t *testing.T, b *bed, hash []byte) error {
			b.clock.Advance(campaign.ConfirmWithin)
			if err := b.ConfirmLetter(t.Context(), hash, "letter@example.org"); fault.CodeOf(err) != fault.Conflict {
				return err
			}
			return nil
		},
		"replaced": func(t *testing.T, b *bed, _ []byte) error {
			l := newLetter(2)
			l.Replaces = hashOf("replace", 1)
			return b.SubmitLetter(t.Context(), l)
		},
		"another confirmed in its place": func(t *testing.T, b *bed, _ []byte) error {
			l := newLetter(2)
			l.RepeatHash = hashOf("repeat", 1)
			b.confirmed(t, l)
			return nil
		},
		"ended on its page": func(t *testing.T, b *bed, hash []byte) error {
			return b.EndLetterOptIn(t.Context(), hash, 1001)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			l := ticked(1, 1, "friends")
			l.OptIns[0].Sealed = bytes.Repeat([]byte("0123456789abcdef sealed "), 20)
			if err := end(t, b, b.ticking(t, l)); err != nil {
				t.Fatal(err)
			}
			if got := b.optInRows(t); got != "0, 0, 0" {
				t.Errorf("left behind: %s", got)
			}
			wantGone(t, b, name, l.OptIns[0].Sealed)
			if counts, err := b.OptInCounts(t.Context(), slug); err != nil || counts != nil {
				t.Errorf("counted: %v (%v)", counts, err)
			}
		})
	}
}

func TestOptIns_OnePersonIsOneRow(t *testing.T) {
	b := newBed(t)
	first := b.confirmed(t, ticked(1, 1, "friends"))
	second := b.confirmed(t, ticked(2, 1, "friends", ""))
	b.confirmed(t, ticked(3, 2, "friends"))
	if diff := cmp.Diff([]string{"1001 2026-11-23 +", "3001 2026-11-23 +"}, b.exported(t, campaign.OptInsOf{Partner: "friends"})); diff != "" {
		t.Error(diff)
	}
	given := func(hash []byte) (ids []int64) {
		found, err := b.LetterOptIns(t.Context(), b.letter(t, hash).ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			ids = append(ids, o.ID)
		}
		return ids
	}
	if diff := cmp.Diff([]int64{1001, 2002}, given(second)); diff != "" {
		t.Error("the second letter has", diff)
	}
	if err := b.EndLetterOptIn(t.Context(), second, 1001); err != nil {
		t.Fatal(err)
	}
	if len(given(first)) != 0 || len(given(second)) != 1 {
		t.Errorf("once ended, the letters have %v and %v", given(first), given(second))
	}
	if err := b.EndLetterOptIn(t.Context(), second, 1001); err != nil {
		t.Errorf("ended twice: %v", err)
	}
	for what, id := range map[string]int64{"another's": 3001, "one that there is not": 7} {
		if err := b.EndLetterOptIn(t.Context(), second, id); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s is ended: %v", what, err)
		}
	}
	if got := b.exported(t, campaign.OptInsOf{Partner: "friends"}); len(got) != 2 || got[1] != "3001 2026-11-23 +" {
		t.Errorf("another's was ended: %q", got)
	}
	// Who ended it and says so again, says so anew.
	b.clock.Advance(24 * time.Hour)
	b.confirmed(t, ticked(4, 1, "friends"))
	want := []string{"1001 2026-11-23 ended 2026-11-23", "3001 2026-11-23 +", "4001 2026-11-24 +"}
	if diff := cmp.Diff(want, b.exported(t, campaign.OptInsOf{Partner: "friends"})); diff != "" {
		t.Error(diff)
	}
}

// What is left of one that has ended names nobody.
func TestOptIns_EndingErases(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *bed, []byte) error{
		"by its token": func(t *testing.T, b *bed, _ []byte) error {
			return b.EndOptIn(t.Context(), hashOf("opt-in token", 1001))
		},
		"on the letter's page": func(t *testing.T, b *bed, hash []byte) error { return b.EndLetterOptIn(t.Context(), hash, 1001) },
		"with everything else": func(t *testing.T, b *bed, hash []byte) error { return b.EraseLetter(t.Context(), hash) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			l := ticked(1, 1, "friends")
			l.OptIns[0].Sealed = bytes.Repeat([]byte("0123456789abcdef sealed "), 20)
			hash := b.confirmed(t, l)
			b.clock.Advance(25 * time.Hour)
			if err := end(t, b, hash); err != nil {
				t.Fatal(err)
			}
			if err := b.EndOptIn(t.Context(), hashOf("opt-in token", 1001)); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("ended twice: %v", err)
			}
			if got := b.optInRows(t); got != "1, 0, 0" {
				t.Errorf("rows left: %s", got)
			}
			if got := b.texts(t, `SELECT count(*) FROM opt_ins WHERE token_hash IS NOT NULL OR email_hash IS NOT NULL`); got != "0" {
				t.Error("a hash of the person is still there")
			}
			for what, gone := range map[string][]byte{"sealed record": l.OptIns[0].Sealed, "email hash": l.OptIns[0].EmailHash, "token hash": l.OptIns[0].TokenHash} {
				wantGone(t, b, name+": "+what, gone)
			}
			if diff := cmp.Diff([]string{"1001 2026-11-23 ended 2026-11-24"}, b.exported(t, campaign.OptInsOf{Partner: "friends", Since: "2026-11-24"})); diff != "" {
				t.Error(diff)
			}
			counts, err := b.OptInCounts(t.Context(), slug)
			if diff := cmp.Diff([]campaign.OptInCount{{Partner: "friends", Confirmed: 1, Ended: 1}}, counts); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

// Retention takes the letter's person and leaves the opt-in a life of its own,
// with nothing that leads from the one to the other.
func TestOptIns_OutliveTheLettersPerson(t *testing.T) {
	b := newBed(t)
	b.confirmed(t, ticked(1, 1, "friends"))
	b.finish(t, b.claimed(t), campaign.VerdictSent)
	b.clock.Advance(30 * 24 * time.Hour)
	b.erasedDue(t)
	if got := b.optInRows(t); got != "1, 1, 0" {
		t.Errorf("rows left: %s", got)
	}
	if got := b.texts(t, `SELECT count(*) FROM people`); got != "0" {
		t.Error("the letter's person is still there")
	}
	if diff := cmp.Diff([]string{"1001 2026-11-23 +"}, b.exported(t, campaign.OptInsOf{Partner: "friends"})); diff != "" {
		t.Error(diff)
	}
	if err := b.EndOptIn(t.Context(), hashOf("opt-in token", 1001)); err != nil {
		t.Fatal(err)
	}
	if got := b.optInRows(t); got != "1, 0, 0" {
		t.Errorf("rows left once it has ended: %s", got)
	}
}

// Each wording is kept once, and each answer refers to its own.
func TestOptIns_Wordings(t *testing.T) {
	b := newBed(t)
	for n := range 3 {
		l := ticked(n+1, n, "friends")
		if n == 2 {
			l.OptIns[0].Wording = askedCy
		}
		b.ticking(t, l)
	}
	if got := b.texts(t, `SELECT w.lang || ' ' || count(*) FROM opt_ins o JOIN opt_in_wordings w ON w.id = o.wording_id GROUP BY w.id ORDER BY w.id`); got != "en 2, cy 1" {
		t.Errorf("wordings %s", got)
	}
}

// An export is read in pieces, with nothing left out and nothing twice.
func TestOptIns_ManyAreExported(t *testing.T) {
	b := newBed(t)
	const many = 2*exportOptIns + 3
	err := b.writer.do(t.Context(), func(tx *tx) error {
		for n := range many {
			l := ticked(n+1, n, "friends")
			l.OptIns[0].ID = int64(rand.Uint64() >> 1)
			if err := tx.write(1, l); err != nil {
				return err
			}
			if err := tx.confirmOptIns(int64(n + 1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range b.exported(t, campaign.OptInsOf{Partner: "friends", Since: "2026-11-01"}) {
		seen[line] = true
	}
	if len(seen) != many {
		t.Errorf("%d of %d", len(seen), many)
	}
}

// Sealed records come and go in any order; none leaves a byte.
func TestOptIns_leaveNoBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	b := newBed(t)
	sealed := map[int][]byte{}
	add := func(n int) {
		l := ticked(n, n, "friends")
		l.OptIns[0].ID = int64(random.Uint64() >> 1)
		record := make([]byte, 200+random.IntN(400))
		for i := range record {
			record[i] = byte(random.Uint32())
		}
		l.OptIns[0].Sealed, sealed[n] = record, record
		l.OptIns[0].TokenHash = hashOf("opt-in token", n)
		b.confirmed(t, l)
	}
	const people = 40
	for n := range people {
		add(n)
	}
	for i, n := range random.Perm(people) {
		if i%3 == 0 {
			add(people + i)
		}
		if err := b.EndOptIn(t.Context(), hashOf("opt-in token", n)); err != nil {
			t.Fatal(err)
		}
		wantGone(t, b, fmt.Sprintf("ending %d", i), sealed[n])
	}
	for n := range people {
		wantGone(t, b, "at the end", sealed[n])
	}
}
