package campaign_test

import (
	"context"
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
