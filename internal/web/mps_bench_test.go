package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"postbag/db"
	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

// benchServer is a server that can make pages, with the facts of a campaign that
// half of the 650 MPs have pledged in and that has letters from everywhere.
func benchServer(b *testing.B) (*Server, listFacts) {
	b.Helper()
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
	return &Server{Options: Options{View: Renderer()}, langs: Renderer().Languages()}, f
}

// BenchmarkMPs measures what the pledge list costs: to make the page, when one
// of its facts has changed, and with that to compress it as well.
func BenchmarkMPs(b *testing.B) {
	s, f := benchServer(b)
	r := s.View
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

// BenchmarkSeat measures what the page of a constituency costs, from its facts to
// what is sent: whole, and where the client has it already.
func BenchmarkSeat(b *testing.B) {
	s, f := benchServer(b)
	e := echo.New()
	seats := f.roster.Seats()
	send := func(b *testing.B, i int, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		if err := s.sendAnew(e.NewContext(r, w), s.seatPage("en", f, f.of(seats[i%len(seats)]))); err != nil {
			b.Fatal(err)
		}
		return w
	}
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		size := 0
		for i := 0; b.Loop(); i++ {
			size = send(b, i, "").Body.Len()
		}
		b.ReportMetric(float64(size), "bytes")
	})
	b.Run("unchanged", func(b *testing.B) {
		tag := send(b, 0, "").Header().Get("ETag")
		for b.Loop() {
			if w := send(b, 0, tag); w.Code != http.StatusNotModified {
				b.Fatal(w.Code)
			}
		}
	})
	b.Run("facts", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			s.seatPage("en", f, f.of(seats[i%len(seats)]))
		}
	})
	b.Run("near", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			f.roster.Near(seats[i%len(seats)].Constituency.Code, nearby)
		}
	})
}

// BenchmarkSitemap measures what it costs to write the sitemap, and to compress
// it, when the campaigns or the constituencies have changed.
func BenchmarkSitemap(b *testing.B) {
	s, f := benchServer(b)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			s.sitemap([]*campaign.Campaign{f.campaign}, f.roster)
		}
	})
	b.Run("compress", func(b *testing.B) {
		body := s.sitemap([]*campaign.Campaign{f.campaign}, f.roster)
		for b.Loop() {
			if _, err := newCachedPage(body); err != nil {
				b.Fatal(err)
			}
		}
	})
}
