package campaign_test

import (
	"context"
	"strings"
	"testing"

	. "postbag/internal/campaign"
)

func BenchmarkService_Draft(b *testing.B) {
	d := newDesk(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Draft(context.Background(), slug, Form{Lang: "en", Constituency: durham}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkService_Write(b *testing.B) {
	d := newDesk(b)
	f := typed()
	draft, err := d.Draft(context.Background(), slug, Form{Lang: "en", Constituency: durham})
	if err != nil {
		b.Fatal(err)
	}
	f.Subject, f.Body, f.Phone = draft.Subject, draft.Body, "0113 496 0123"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Write(context.Background(), slug, f); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSeal seals and opens a whole record, as it is kept of a letter of about
// 2.5 KB.
func BenchmarkSeal(b *testing.B) {
	token := keys().Hash("token", "of a letter")
	p := &Person{
		Name: "Amina O’Connor", Email: "amina@example.org", Phone: "0113 496 0123", Address1: "Flat 2, 17 Brudenell Road", Town: "Leeds",
		Postcode: "LS6 3HN", Subject: "Please sign the pledge", Letter: strings.Repeat("My neighbour is afraid to come to your surgery.\n", 46), Token: "0123456789abcdefABCDEF",
	}
	sealed, err := SealPerson(keys(), p, token)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := SealPerson(keys(), p, token); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(sealed)), "bytes")
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := OpenPerson(keys(), sealed, token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
