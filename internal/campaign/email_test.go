package campaign_test

import (
	"strings"
	"testing"

	. "postbag/internal/campaign"
)

func TestService_Write_email(t *testing.T) {
	d := newDesk(t)
	long := strings.Repeat("a", 63)
	for _, c := range []struct{ typed, becomes, problem string }{
		{"amina@example.org", "amina@example.org", ""},
		{"  amina@example.org ", "amina@example.org", ""},
		{"\u200bamina@example.org\ufeff", "amina@example.org", ""},
		{"Amina.OConnor@Example.ORG", "Amina.OConnor@example.org", ""},
		{"amina+mp@example.co.uk", "amina+mp@example.co.uk", ""},
		{"o'connor@example.org", "o'connor@example.org", ""},
		{"a@b.uk", "a@b.uk", ""},
		{"x_y-z@sub.sub.example.org", "x_y-z@sub.sub.example.org", ""},
		{"!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org", ""},
		{"1@2.org", "1@2.org", ""},
		{"amina@example.org.", "amina@example.org", ""},
		{"amina@bücher.example", "amina@xn--bcher-kva.example", ""},
		{"amina@BÜCHER.example", "amina@xn--bcher-kva.example", ""},
		{"amina@xn--bcher-kva.example", "amina@xn--bcher-kva.example", ""},
		{"amina@例え.jp", "amina@xn--r8jz45g.jp", ""},
		{"amina@example。org", "amina@example.org", ""},
		{"amina@ｅｘａｍｐｌｅ.org", "amina@example.org", ""},
		{"amina@a-b.org", "amina@a-b.org", ""},
		{strings.Repeat("a", 64) + "@example.org", strings.Repeat("a", 64) + "@example.org", ""},
		{"amina@" + long + ".org", "amina@" + long + ".org", ""},

		{"", "", "missing"},
		{"   ", "", "missing"},
		{"\u200b", "", "missing"},
		{"amina", "", "at"},
		{"amina.example.org", "", "at"},
		{"amina＠example.org", "", "at"},
		{"@example.org", "", "invalid"},
		{"amina@", "", "invalid"},
		{"@", "", "invalid"},
		{"amina@@example.org", "", "invalid"},
		{"a b@example.org", "", "space"},
		{"amina @example.org", "", "space"},
		{"amina@exam ple.org", "", "space"},
		{"amina@example.org, b@example.org", "", "space"},
		{"Amina <amina@example.org>", "", "space"},
		{"a@b.uk,c@d.uk", "", "invalid"},
		{"a@b.uk;c@d.uk", "", "invalid"},
		{"<amina@example.org>", "", "domain"},
		{`"amina"@example.org`, "", "invalid"},
		{`"a@b"@example.org`, "", "invalid"},
		{"amina(x)@example.org", "", "invalid"},
		{"mailto:amina@example.org", "", "invalid"},
		{".amina@example.org", "", "invalid"},
		{"amina.@example.org", "", "invalid"},
		{"a..b@example.org", "", "invalid"},
		{`a\b@example.org`, "", "invalid"},
		{"a[b]@example.org", "", "invalid"},
		{"é@example.org", "", "ascii"},
		{"аmina@example.org", "", "ascii"}, // the first letter is Cyrillic
		{"李@example.org", "", "ascii"},
		{"amina@example", "", "domain"},
		{"amina@localhost", "", "domain"},
		{"amina@example.o", "", "domain"},
		{"amina@example..org", "", "domain"},
		{"amina@.example.org", "", "domain"},
		{"amina@example.org..", "", "domain"},
		{"amina@.", "", "domain"},
		{"amina@-example.org", "", "domain"},
		{"amina@example-.org", "", "domain"},
		{"amina@ex_ample.org", "", "domain"},
		{"amina@exam!ple.org", "", "domain"},
		{"amina@127.0.0.1", "", "domain"},
		{"amina@10.20.30.40", "", "domain"},
		{"amina@[127.0.0.1]", "", "domain"},
		{"amina@[IPv6:::1]", "", "domain"},
		{"amina@example.org:25", "", "domain"},
		{"amina@example.org/x", "", "domain"},
		{"amina@" + long + "a.org", "", "domain"},
		{"amina@xn--a.example", "", "domain"},
		{strings.Repeat("a", 65) + "@example.org", "", "invalid"},
		{"amina." + "@" + strings.Repeat("a.", 100) + "org", "", "invalid"},
		{"amin@" + strings.Repeat("a.", 123) + "org", "amin@" + strings.Repeat("a.", 123) + "org", ""},
		{"amina@" + strings.Repeat("a.", 123) + "org", "", "long"},
		{"amina@" + strings.Repeat("ü.", 60) + "org", "", "invalid"}, // too long as it is sent
		{"amina@example.org\r\nBcc: all@example.org", "", "control"},
		{"amina@example.org\nSubject: x", "", "control"},
		{"amina@example.org\x00", "", "control"},
		{"amina@exam\x7fple.org", "", "control"},
		{"amina@example.org\u2028", "", "control"},
		{"amina\xff@example.org", "", "control"},
	} {
		t.Run(c.typed, func(t *testing.T) {
			f := typed(func(f *Form) { f.Email = c.typed })
			w, err := d.Write(t.Context(), slug, f)
			got := problems(t, err)
			if c.problem != "" {
				if got[FieldEmail] != "field.email."+c.problem || len(got) != 1 {
					t.Errorf("problems %v, want %s", got, c.problem)
				}
				if w.Form != f {
					t.Errorf("what was typed is lost: %+q came back", w.Form.Email)
				}
				return
			}
			if len(got) > 0 || w.Form.Email != c.becomes {
				t.Errorf("problems %v, became %q, want %q", got, w.Form.Email, c.becomes)
			}
		})
	}
}

func TestService_Write_emailOfTheMP(t *testing.T) {
	d := newDesk(t)
	mp := member(durham).Email
	for name, email := range map[string]string{"as it is": mp, "in capitals": strings.ToUpper(mp), "with a dot": mp + "."} {
		_, err := d.Write(t.Context(), slug, typed(func(f *Form) { f.Email = email }))
		if got := problems(t, err); got[FieldEmail] != "field.email.mp" {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, err := d.Write(t.Context(), slug, typed(func(f *Form) { f.Email = strings.Replace(mp, "@parliament.uk", "@example.org", 1) })); err != nil {
		t.Errorf("another address: %v", err)
	}
}
