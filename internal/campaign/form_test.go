package campaign_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	. "postbag/internal/campaign"
	"postbag/internal/mailer"
	"postbag/internal/parliament"
)

// lines are the fields of one line, with their limits.
var lines = map[string]int{
	FieldSubject: 150, FieldName: 100, FieldAddress1: 100, FieldAddress2: 100, FieldTown: 100,
}

// TestService_Write_fields types one bad or odd value into each field of one
// line, and says what becomes of it: the sentence beside it, or the value.
func TestService_Write_fields(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		name, value string
		problem     string // "": none
		becomes     string
	}{
		{"LF", "a\nb", "control", ""},
		{"CR", "a\rb", "control", ""},
		{"CRLF and a header", "a\r\nBcc: all@example.org", "control", ""},
		{"LF at the end", "a\n", "control", ""},
		{"NUL", "a\x00b", "control", ""},
		{"escape", "a\x1b[31mb", "control", ""},
		{"backspace", "a\bb", "control", ""},
		{"delete", "a\x7fb", "control", ""},
		{"next line", "a\u0085b", "control", ""},
		{"line separator", "a\u2028b", "control", ""},
		{"paragraph separator", "a\u2029b", "control", ""},
		{"not UTF-8", "a\xffb", "control", ""},
		{"half a character", "a\xc3", "control", ""},
		{"surrogate", "a\xed\xa0\x80b", "control", ""},
		{"tab", "a\tb", "", "a b"},
		{"spaces", "  a \u00a0\u3000 b  ", "", "a b"},
		{"bidi override", "a\u202eb\u202c", "", "ab"},
		{"bidi isolate", "\u2066a\u2069b", "", "ab"},
		{"zero width", "a\u200bb\ufeff\u2060", "", "ab"},
		{"soft hyphen", "a\u00adb", "", "ab"},
		{"joiners", "نمی\u200cخواهم", "", "نمی\u200cخواهم"},
		{"composed", "Jose\u0301 A\u030a", "", "José Å"},
		{"composed around what is dropped", "Jose\u200b\u0301", "", "José"},
		{"Irish", "Órfhlaith Ní Bhriain", "", "Órfhlaith Ní Bhriain"},
		{"Welsh", "Siân Ŵyn-Ŷ", "", "Siân Ŵyn-Ŷ"},
		{"straight apostrophe", "O'Connor", "", "O'Connor"},
		{"Chinese", "李", "", "李"},
		{"Arabic", "محمد علي", "", "محمد علي"},
		{"beyond the basic plane", "𠮷野家", "", "𠮷野家"},
		{"markup", "<b>a</b> & \"b\"", "", "<b>a</b> & \"b\""},
		{"placeholder", "{mp_name} a", "", "{mp_name} a"},
		{"spaces only", " \t ", "missing", ""},
		{"invisible only", "\u200b\u202e", "missing", ""},
		{"joiners only", "\u200d\u200c", "missing", ""},
		{"blank letters only", "\u3164\u115f", "missing", ""},
	} {
		for field := range lines {
			t.Run(c.name+"/"+field, func(t *testing.T) {
				f := typed(func(f *Form) { set(f, field, c.value) })
				w, err := d.Write(t.Context(), slug, f)
				want := map[string]string{}
				if c.problem != "" && !(c.problem == "missing" && field == FieldAddress2) {
					want[field] = "field." + field + "." + c.problem
				}
				got := problems(t, err)
				if len(got)+len(want) > 0 && !cmp.Equal(got, want) {
					t.Errorf("problems %v, want %v", got, want)
				}
				if len(want) > 0 {
					if diff := cmp.Diff(f, w.Form); diff != "" || w.Letter != "" {
						t.Error("what was typed is not what came back:", diff)
					}
					return
				}
				if got := w.Form.Value(field); got != c.becomes {
					t.Errorf("%q became %q, want %q", c.value, got, c.becomes)
				}
			})
		}
	}
}

func TestService_Write_lengths(t *testing.T) {
	d := newDesk(t)
	limits := map[string]int{FieldBody: 10_000}
	for field, most := range lines {
		limits[field] = most
	}
	for field, most := range limits {
		for _, letter := range []string{"a", "é", "李", "𠮷"} {
			w, err := d.Write(t.Context(), slug, typed(func(f *Form) { set(f, field, strings.Repeat(letter, most)+" \u200b") }))
			if err != nil || w.Form.Value(field) != strings.Repeat(letter, most) {
				t.Errorf("%s: %d times %s: %v", field, most, letter, err)
			}
			_, err = d.Write(t.Context(), slug, typed(func(f *Form) { set(f, field, strings.Repeat(letter, most+1)) }))
			if got := problems(t, err); got[field] != "field."+field+".long" || len(got) != 1 {
				t.Errorf("%s: %d times %s: %v", field, most+1, letter, got)
			}
		}
	}
}

func TestService_Write_missing(t *testing.T) {
	d := newDesk(t)
	w, err := d.Write(t.Context(), slug, Form{Lang: "en", Constituency: durham})
	want := map[string]string{}
	for _, field := range []string{FieldSubject, FieldBody, FieldName, FieldEmail, FieldAddress1, FieldTown, FieldPostcode} {
		want[field] = "field." + field + ".missing"
	}
	if diff := cmp.Diff(want, problems(t, err)); diff != "" {
		t.Error(diff)
	}
	if w.Draft.Body == "" {
		t.Error("the draft is missing, to show the form again")
	}
	for name, value := range map[string]string{"digits": "12345", "marks": "...", "emoji": "🙂"} {
		_, err := d.Write(t.Context(), slug, typed(func(f *Form) { f.Name = value }))
		if got := problems(t, err); got[FieldName] != "field.name.letters" {
			t.Errorf("a name of %s: %v", name, got)
		}
	}
}

func TestService_Write_body(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct{ name, value, becomes string }{
		{"CRLF", "a\r\n\r\nb", "a\n\nb"},
		{"CR", "a\rb", "a\nb"},
		{"other line ends", "a\u2028b\u0085c\vd\fe", "a\nb\nc\nd\ne"},
		{"paragraph separator", "a\u2029b", "a\n\nb"},
		{"control characters", "a\x00b\x1bc\x7f", "abc"},
		{"not UTF-8", "a\xffb", "ab"},
		{"space at the ends", "\n\n  a  \n b\t\n\n", "  a\n b"},
		{"tabs and spaces inside", "a\tb  c", "a\tb  c"},
		{"invisible", "a\u200bb\u202ec\ufeff", "abc"},
		{"composed", "Sia\u0302n, Jose\u200b\u0301", "Siân, José"},
		{"joined", "👩\u200d👧", "👩\u200d👧"},
		{"placeholder", "{mp_name}", "{mp_name}"},
		{"dots and From", ".\nFrom here\n..", ".\nFrom here\n.."},
		{"blank", " \n\t\r\n", ""},
		{"invisible only", "\u200d\n\u200b", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := typed(func(f *Form) { f.Body = c.value })
			w, err := d.Write(t.Context(), slug, f)
			if c.becomes == "" {
				if got := problems(t, err); got[FieldBody] != "field.body.missing" || w.Form.Body != c.value {
					t.Errorf("problems %v, %q came back", got, w.Form.Body)
				}
				return
			}
			if err != nil || w.Form.Body != c.becomes {
				t.Errorf("became %q, %v; want %q", w.Form.Body, err, c.becomes)
			}
		})
	}
}

func TestService_Write_phoneAndPostcode(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct{ field, value, becomes, problem string }{
		{FieldPhone, "", "", ""},
		{FieldPhone, "0113 4960123", "0113 496 0123", ""},
		{FieldPhone, "+44 113 496 0123", "0113 496 0123", ""},
		{FieldPhone, "07400 123456", "07400 123456", ""},
		{FieldPhone, "(0044) 7400-123456", "07400 123456", ""},
		{FieldPhone, "+353 1 679 9944", "+353 1 679 9944", ""},
		{FieldPhone, "０７４００ １２３４５６", "07400 123456", ""},
		{FieldPhone, "12345", "", "invalid"},
		{FieldPhone, "call me", "", "invalid"},
		{FieldPhone, "07400 123456\r\nBcc: x@y.uk", "", "control"},
		{FieldPhone, "07400\x00123456", "", "control"},
		{FieldPhone, strings.Repeat("0", 101), "", "long"},
		{FieldPostcode, "dh13le", "DH1 3LE", ""},
		{FieldPostcode, "DHI 3LE", "DH1 3LE", ""},
		{FieldPostcode, "bt1 1aa", "BT1 1AA", ""},
		{FieldPostcode, "", "", "missing"},
		{FieldPostcode, " \t", "", "missing"},
		{FieldPostcode, "DH1", "", "malformed"},
		{FieldPostcode, "hello", "", "malformed"},
		{FieldPostcode, "DH1 3LE, England", "", "malformed"},
	} {
		t.Run(c.field+" "+c.value, func(t *testing.T) {
			f := typed(func(f *Form) { set(f, c.field, c.value) })
			w, err := d.Write(t.Context(), slug, f)
			got := problems(t, err)
			if c.problem != "" {
				if got[c.field] != "field."+c.field+"."+c.problem || len(got) != 1 || w.Form.Value(c.field) != c.value {
					t.Errorf("problems %v, %q came back; want %s", got, w.Form.Value(c.field), c.problem)
				}
				return
			}
			if len(got) > 0 || w.Form.Value(c.field) != c.becomes {
				t.Errorf("problems %v, became %q, want %q", got, w.Form.Value(c.field), c.becomes)
			}
		})
	}
}

// A form that passed is passed again as it is: what is previewed is what is
// sent. And a mail can be made of it.
func TestService_Write_again(t *testing.T) {
	d := newDesk(t)
	capture, err := mailer.NewCapture("letters@postbag.example.org", "", archive{}, d.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	samples := []string{"a", "Jose\u200b\u0301", "\u202eabc", "e\u00ad\u0323\u0302x", strings.Repeat("李", 100), strings.Repeat("a", 100),
		`"quoted", <a@b.uk>; (x)`, "=?UTF-8?B?YQ==?=", "\u1100\u200b\u1161x", "ﷺ a", "a\u0300\u0316\u200b\u0301", "[TEST] a", "a:b\\"}
	for i, sample := range samples {
		f := typed(func(f *Form) {
			f.Name, f.Subject, f.Address1, f.Address2, f.Town = sample, sample, sample, sample, sample
			f.Body = sample + "\r\n\t" + sample
			f.Phone, f.Email = "+44 7400 123456", "Amina.O'Connor+tag@bücher.example"
		})
		first, err := d.Write(t.Context(), slug, f)
		if err != nil {
			t.Errorf("%q: %v", sample, err)
			continue
		}
		second, err := d.Write(t.Context(), slug, first.Form)
		if err != nil || second.Letter != first.Letter || second.Form != first.Form {
			t.Errorf("%q: passed again it is another letter (%v):\n%+q\n%+q", sample, err, first.Letter, second.Letter)
		}
		if !norm.NFC.IsNormalString(first.Letter) {
			t.Errorf("%q: not in composed form: %+q", sample, first.Letter)
		}
		to := first.Draft.To
		o := capture.Send(context.Background(), Mail{
			Kind: MailLetter, MessageID: fmt.Sprintf("%d@example.org", i), Date: start, FromName: first.Form.Name, To: Address{Name: to.MP, Email: to.Email},
			ReplyTo: Address{Name: first.Form.Name, Email: first.Form.Email}, Subject: first.Form.Subject, Text: first.Letter,
		})
		if o.Verdict != VerdictSent {
			t.Errorf("%q: no mail can be made of it: %+v", sample, o)
		}
	}
}

type archive struct{}

func (archive) SaveMail(context.Context, CapturedMail) error { return nil }

func TestService_Write_byPost(t *testing.T) {
	d := newDesk(t)
	d.reseat(t, durham, func(m *parliament.Member) { m.Email = "" })
	f := typed(func(f *Form) { f.Email = "" })
	if _, err := d.Write(t.Context(), slug, f); err != nil {
		t.Errorf("a letter on paper without an email address: %v", err)
	}
	w, err := d.Write(t.Context(), slug, typed(func(f *Form) { f.Email = "nonsense" }))
	if err != nil || w.Form.Email != "nonsense" || w.Way != WayPost {
		t.Errorf("an address that nobody needs is called wrong, or lost: %v, %q, way %q", err, w.Form.Email, w.Way)
	}
}
