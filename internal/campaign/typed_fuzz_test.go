package campaign

// This file needs no other test's, as fuzz_test.go.

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"postbag/internal/seal"
)

// FuzzTyped gives one text to each of the small parsers of what people type, or
// what stands in the settings: what they take can be used, and reads as itself.
func FuzzTyped(f *testing.F) {
	keys, err := seal.New(bytes.Repeat([]byte("k"), seal.MinSecret))
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, time.March, 27, 22, 0, 0, 0, time.UTC) // before the clocks change
	for _, typed := range []string{
		"K7QM-2XRD", "k7qm 2xrd", "oil0–1111", "ſſſſſſſſ", "#1f6f50", "#FFFFFF", "#+1f6f5", "https://www.example.org", "HTTP://[::1]:80", "example.org.:443", "https://a@b", "bücher.example:00080",
		"Mon-Fri 09:00-17:30", "Sat-Sun 00:00-24:00", "Sun 01:00-02:00", "Mon +9:00-+9:30", "2029-03-30/2029-05-03", "0000-01-01/9999-12-31, 2029-03-30/2029-03-30",
		"utm_source=Mail&utm_medium=a.b_c-d", "bounces@letters.example.org", "a+b@c", StopToken(keys, 1), StopToken(keys, -1), "\xff", "",
	} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if reference, ok := ParseReference(typed); ok {
			again, ok := ParseReference(ShowReference(reference))
			if len(reference) != ReferenceLen || strings.Trim(reference, alphabet) != "" || !ok || again != reference {
				t.Errorf("%q is the reference %q, which is %q", typed, reference, again)
			}
		}
		if accent, err := ParseAccent(typed); err == nil {
			checkAccent(t, accent)
		}
		if origin, err := ParseOrigin(typed); err == nil {
			again, err := ParseOrigin(origin)
			u, uErr := url.Parse(origin)
			if err != nil || again != origin || uErr != nil || u.Scheme+"://"+u.Host != origin || strings.ContainsAny(origin, " ;,'\"*") ||
				strings.ContainsFunc(origin, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("%q is the origin %q, and that %q, %v", typed, origin, again, err)
			}
		}
		checkHours(t, typed, now)
		if asked, err := url.ParseQuery(typed); err == nil {
			source := ReadSource(asked)
			if again := ReadSource(SourceParameters(source)); again != source || len(source) > 3*(MaxSource+10) || strings.ContainsAny(source, "@ <>\"%") {
				t.Errorf("the source %q reads as %q", source, again)
			}
		}
		if path, err := NewReturnPath(keys, typed); err == nil && path != nil {
			if id, ok := path.Read(path.For(7)); !ok || id != 7 || len(path.For(7)) > 64+1+255 && len(typed) < 255 {
				t.Errorf("for %q it is %q, of message %d", typed, path.For(7), id)
			}
		}
		if letter, ok := openStop(keys, typed); ok && StopToken(keys, letter) != typed {
			t.Errorf("%q stops letter %d, as %q does", typed, letter, StopToken(keys, letter))
		}
	})
}

func checkAccent(t *testing.T, a *Accent) {
	t.Helper()
	if again, err := ParseAccent(a.Hex); err != nil || again.Hex != a.Hex || Contrast(a.Hex, LightGrounds["paper"]) < leastContrast {
		t.Errorf("accent %q: %v", a.Hex, err)
	}
	for _, shades := range []map[string]string{a.Light, a.Dark} {
		for name, shade := range shades {
			if _, ok := parseColour(shade); !ok {
				t.Errorf("%s of %s is %q", name, a.Hex, shade)
			}
		}
		if Contrast(shades["accent"], shades["on-accent"]) < leastContrast {
			t.Errorf("nobody reads %s on %s", shades["on-accent"], shades["accent"])
		}
	}
}

// checkHours: letters go at some time, and never before now.
func checkHours(t *testing.T, typed string, now time.Time) {
	t.Helper()
	if hours, err := ParseOfficeHours(typed); err == nil {
		at := hours.Open(now)
		if at.Before(now) || at.Sub(now) > 15*24*time.Hour || !hours.Open(at).Equal(at) {
			t.Errorf("%q opens at %v", typed, at)
		}
	}
	days, err := ParseDays(typed)
	if err != nil || len(days) > 50 {
		return
	}
	at := Pace{Dissolved: days}.Open(now)
	if at.Before(now) {
		t.Errorf("%q opens at %v", typed, at)
	}
	if d, closed := (Pace{Dissolved: days}).DissolvedAt(at); closed {
		t.Errorf("%q opens at %v, which is in %v", typed, at, d)
	}
}

// FuzzLedger: a ledger that was kept as it should is sound, and one in which a line
// was changed is not.
func FuzzLedger(f *testing.F) {
	f.Add("2026-11-01", "a", 3, "2026-11-02", "b-c", 1, 1, 4)
	f.Add("2026-11-01", "a", 3, "2026-11-01", "a", -1, 0, 3)
	f.Add("", "", 0, "\xff", " \n", 1<<40, 1, 0)
	f.Fuzz(func(t *testing.T, day, slug string, records int, day2, slug2 string, records2, line, changed int) {
		ledger := []Erasure{
			{Day: day, Campaign: slug, Kind: ErasedLetter, Why: EraseDue, Records: records, Number: 1},
			{Day: day2, Campaign: slug2, Kind: ErasedText, Why: EraseAsked, Records: records2, Number: 2},
			{Day: day2 + "x", Campaign: slug},
		}
		head := FirstErasure
		for i := range ledger[:2] {
			ledger[i].Hash = ledger[i].Chain(head)
			head = ledger[i].Hash
		}
		got, wrong := CheckErasures(ledger)
		if sound := day <= day2 && day != ""; sound && (wrong != "" || got != head) || day > day2 && wrong == "" {
			t.Fatalf("%+v: %q, head %s", ledger, wrong, got)
		}
		i := line & 1
		if was := ledger[i].Records; was != changed {
			ledger[i].Records = changed
			if _, wrong := CheckErasures(ledger); wrong == "" {
				t.Errorf("line %d had %d records and has %d, and nobody notices", i+1, was, changed)
			}
		}
	})
}

// FuzzLetterForm: a form that is taken makes a letter that can be sent: nothing in
// it begins a header of its own or hides, and it is taken again as it is.
func FuzzLetterForm(f *testing.F) {
	f.Add("Please sign", "Dear MP,\r\nplease", "Sam Okafor", "sam@example.org", "0113 496 0123", "1 High Street")
	f.Add("a\u2028b", "\u202ex\v\f\u0085", "\u200dA\u0301", "a@BÜCHER.example.", "+1 202 555 0123", "\t")
	f.Add("=?utf-8?q?x?=", " \n\n x", "İ", "\"a b\"@c.de", "00", "\xff")
	f.Add("x", "\u1161\u11a8\uac00", "ẛ̣", "a@b..c", "tel:+44-20-7946-0018;ext=1", "ﬁ")
	f.Fuzz(func(t *testing.T, subject, body, name, email, phone, line string) {
		form, problems := Form{Subject: subject, Body: body, Name: name, Email: email, Phone: phone, Address1: line, Address2: line, Town: line}.check(WaySend)
		for field, key := range problems {
			if !strings.HasPrefix(key, "field."+field+".") {
				t.Errorf("problem %q of %q", key, field)
			}
		}
		if len(problems) > 0 {
			return
		}
		again, problems := form.check(WaySend)
		if len(problems) > 0 || again != form {
			t.Errorf("%+v\nis then %+v\n%v", form, again, problems)
		}
		for _, value := range []string{form.Subject, form.Name, form.Email, form.Phone, form.Address1, form.Address2, form.Town} {
			if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
				t.Errorf("%q is no line", value)
			}
		}
		if !utf8.ValidString(form.Body) || strings.ContainsFunc(form.Body, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Errorf("body %q", form.Body)
		}
		a, err := mail.ParseAddress(form.Email)
		if err != nil || a.Address != form.Email || strings.ContainsFunc(form.Email, func(r rune) bool { return r > unicode.MaxASCII }) {
			t.Errorf("address %q: %v", form.Email, err)
		}
		if key := inboxKey(form.Email); inboxKey(key) != key {
			t.Errorf("the inbox of %q is %q, and that of it %q", form.Email, key, inboxKey(key))
		}
	})
}

// FuzzPicture: a picture that is taken is small, carries no notes, and reads as
// itself out of a campaign file.
func FuzzPicture(f *testing.F) {
	img := image.NewRGBA(image.Rect(0, 0, 3, 2))
	img.Set(1, 1, color.RGBA{R: 200, A: 255})
	var p, j bytes.Buffer
	if err := png.Encode(&p, img); err != nil {
		f.Fatal(err)
	}
	if err := jpeg.Encode(&j, img, nil); err != nil {
		f.Fatal(err)
	}
	exif := append([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\x00\x00\x00\x00"), j.Bytes()[2:]...)
	wide := bytes.Clone(p.Bytes())
	copy(wide[16:], "\x7f\xff\xff\xff\x7f\xff\xff\xff")
	for _, data := range [][]byte{p.Bytes(), j.Bytes(), exif, wide, j.Bytes()[:20], p.Bytes()[:33], []byte("GIF89a"), nil} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		logo, err := NewLogo(data)
		if err != nil {
			return
		}
		if len(data) > MaxLogo || logo.Width < 1 || logo.Height < 1 || logo.Width > maxPictureSide || logo.Height > maxPictureSide || extensions[logo.Type] != logo.Ext {
			t.Errorf("%d bytes of %s, %d by %d", len(data), logo.Type, logo.Width, logo.Height)
		}
		for _, n := range noteMarks {
			if bytes.Contains(logo.Data, []byte(n.mark)) {
				t.Errorf("it carries %s", n.name)
			}
		}
		again, err := parsePicture("data:" + logo.Type + ";base64," + base64.StdEncoding.EncodeToString(data))
		if err != nil || again.Hash != logo.Hash || !bytes.Equal(again.Data, data) {
			t.Errorf("in a campaign file: %v", err)
		}
	})
}
