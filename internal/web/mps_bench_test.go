package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"

	"postbag/assets"
	"postbag/db"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
	"postbag/internal/view"
	"postbag/templates"
)

// BenchmarkMPs measures what the pledge list of 650 MPs costs, half of them
// pledged and letters from everywhere: to make the page, when one of its facts
// has changed, and with that to compress it as well.
func BenchmarkMPs(b *testing.B) {
	r, err := view.New(templates.FS, assets.FS, view.Options{})
	if err != nil {
		b.Fatal(err)
	}
	source, err := fs.ReadFile(db.FS, "campaigns/mps-not-border-guards.toml")
	if err != nil {
		b.Fatal(err)
	}
	c, err := campaign.ParseFile(string(source))
	if err != nil {
		b.Fatal(err)
	}
	roster, err := parliament.Load(db.FS)
	if err != nil {
		b.Fatal(err)
	}
	f := listFacts{
		campaign: c, roster: roster,
		public:  campaign.PublicCounts{Disclosed: map[string]int{}},
		pledges: campaign.PledgeList{ByMember: map[int]campaign.Pledge{}, Standing: 325},
	}
	for i, seat := range roster.Seats() {
		f.public.Disclosed[seat.Constituency.Code] = 5 + i
		if i%2 == 0 {
			id := seat.Member.ID
			f.pledges.ByMember[id] = campaign.Pledge{MemberID: id, On: fmt.Sprintf("2026-%02d-%02d", 1+i%6, 1+i%28), Evidence: fmt.Sprintf("https://www.example.org/news/%d/mp-signs", id)}
		}
	}
	s := &Server{Options: Options{View: r}}
	for _, lang := range r.Languages() {
		for _, order := range listSorts {
			b.Run(fmt.Sprintf("render/%s/by=%s", lang, order), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var html bytes.Buffer
					if err := r.Render(&html, s.listPage(lang, f, order)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	var html bytes.Buffer
	if err := r.Render(&html, s.listPage("en", f, byConstituency)); err != nil {
		b.Fatal(err)
	}
	b.Run("compress", func(b *testing.B) {
		for b.Loop() {
			if _, err := newCachedPage(html.Bytes()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
