package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

func TestDecodeForm_makesLineEndsTheSame(t *testing.T) {
	for body, want := range map[string]string{"a\r\nb": "a\nb", "a\rb": "a\nb", "a\r\r\nb": "a\n\nb", "a\n\rb": "a\n\nb"} {
		f, err := decodeForm(url.Values{campaign.FieldBody: {body}, campaign.AnswerFields()[0]: {body}}, "en")
		if err != nil || f.Body != want || f.Value(campaign.AnswerFields()[0]) != want {
			t.Errorf("%q is %q and %q, %v", body, f.Body, f.Value(campaign.AnswerFields()[0]), err)
		}
	}
}

// Whatever is posted, the form decoder answers with a form or with an error
// that may be shown; and what it took, it gives back unchanged, so that nothing
// typed is lost on the way through the hidden fields.
func FuzzDecodeForm(f *testing.F) {
	f.Add("postcode=LS6+3HN&body=a%0D%0Ab&name=%3Cb%3E&member=4658&edit=1")
	f.Add("body=%ff%fe&email=%00&choose=all&drafted=E14001319")
	f.Add("a=1&a=2&%zz=3;&member=-1")
	f.Add("member=99999999999999999999")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		form, err := readForm(echo.New().NewContext(r, httptest.NewRecorder()), "en")
		if err != nil {
			if code := fault.CodeOf(err); code != fault.Invalid {
				t.Fatalf("code %s: %v", code, err)
			}
			return
		}
		values := url.Values{}
		for _, h := range form.hidden() {
			values.Set(h.Name, h.Value)
		}
		again, err := decodeForm(values, "en")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range append(campaign.FormFields(), campaign.AnswerFields()...) {
			if form.Value(name) != again.Value(name) {
				t.Errorf("%s: %q became %q", name, form.Value(name), again.Value(name))
			}
		}
	})
}
