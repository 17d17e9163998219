package app_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"postbag/internal/account"
	"postbag/internal/app"
	"postbag/internal/campaign"
)

// embedding runs the program with a partner, and returns the address of the
// partner's form.
func embedding(b *testing.B) (*app.App, string) {
	a := start(b)
	err := a.Service().AddPartner(b.Context(), account.Actor{Name: "test"}, campaign.Partner{
		Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example", Origins: []string{"https://friends.example"},
	})
	if err != nil {
		b.Fatal(err)
	}
	return a, "/embed/friends/c/mps-not-border-guards"
}

// asFrame are the headers of a browser that shows it within the partner's page.
const asFrame = headers + "Referer: https://friends.example/\r\nSec-Fetch-Dest: iframe\r\n"

// BenchmarkEmbedPage asks for the form as the partner's page shows it.
func BenchmarkEmbedPage(b *testing.B) {
	a, path := embedding(b)
	request := "GET " + path + "?theme=dark HTTP/1.1\r\n" + asFrame + "\r\n"
	load(b, a.Addr(), "200", func(int64) string { return request })
}

// BenchmarkEmbedPageSource is the same for a snippet that says where it stands.
func BenchmarkEmbedPageSource(b *testing.B) {
	a, path := embedding(b)
	request := "GET " + path + "?utm_source=mail HTTP/1.1\r\n" + asFrame + "\r\n"
	load(b, a.Addr(), "200", func(int64) string { return request })
}

// BenchmarkEmbedPageHandler is what of the first is ours, on one core.
func BenchmarkEmbedPageHandler(b *testing.B) {
	a, path := embedding(b)
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Referer", "https://friends.example/")
	r.Header.Set("Accept-Encoding", "gzip")
	answerAlone(b, a.Handler(), r)
}
