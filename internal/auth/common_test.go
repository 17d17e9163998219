package auth

import (
	"strings"
	"testing"
)

// around is what stands around the account of the tests.
var around = []string{"Postbag", "MPs Not Border Guards", "noor.haddad@example.org", "Noor Haddad"}

func TestCommon(t *testing.T) {
	p := &Passwords{}
	for _, password := range []string{
		"", "aaaaaaaaaaaaaaa", "               ", "!!!!!!!!!!!!!!!!!!", "000000000000000",
		"123456789012345", "1234567890123456789", "987654321098765", "abcdefghijklmnop", "abcabcabcabcabcabc",
		"qwertyuiopasdfg", "qwertyuiop123456", "1qaz2wsx3edc4rfv", "1q2w3e4r5t6y7u8i", "zxcvbnmasdfghjkl", "qwertyqwertyqwerty",
		"passwordpassword", "Password123456!", "P@ssw0rdP@ssw0rd", "password password", "drowssapdrowssap", "p.a.s.s.w.o.r.d.1",
		"MyPassword2026!!", "letmeinletmein1", "Letmein Please 2026", "welcome welcome welcome", "administrator123",
		"changemechangeme", "iloveyouiloveyou", "iloveyou1234567", "liverpoolfootballclub", "Manchester United 1999",
		"Summer2026Summer2026", "christmas december 25", "correct horse battery staple", "The quick brown fox jumps",
		"postbagpostbag1", "postbag postbag postbag", "mpsnotborderguards", "MPs Not Border Guards!", "borderguards2026",
		"noor.haddad@example.org", "noorhaddad12345", "Noor Haddad 1984", "haddadhaddadhaddad", "n00rhaddad!!!!!!",
		"trustno1trustno1", "abc123abc123abc123", "asdfasdfasdfasdf", "pássword pássword", "refugeeswelcome",
		strings.Repeat("password", 32),
	} {
		if !p.Common(password, around...) {
			t.Errorf("%q passes, worth %.1f bits", password, worth(password, around))
		}
	}
	for _, password := range []string{
		"five plain words are plenty", "six other plain words are more", "blwyddyn newydd dda i chwi gyd", "kettle orbit walnut trombone",
		"vT9#kq2!xWz7LmP4", "mjqkdpxwnzrtvbl", "4839201746501928", "my gran keeps bees in Hull", "Ich mag Regen am Dienstag",
		"naïve zebras élan toast", "молоко и печенье вечером", "今日は雨が降っていますから傘を", "postbag: the ferret sings at noon",
		"tuna-lamp-gravel-ox", "!%&/()=?#@~+*-}{",
	} {
		if p.Common(password, around...) {
			t.Errorf("%q is refused, worth %.1f bits", password, worth(password, around))
		}
	}
}

// What stands around the account counts there, and nowhere else.
func TestCommon_wordsAroundTheAccount(t *testing.T) {
	p := &Passwords{}
	const password = "Quillfeather Zebedee"
	if p.Common(password, around...) {
		t.Error("another's name is refused")
	}
	if !p.Common(password, "Zebedee Quillfeather") {
		t.Error("one's own name passes")
	}
}

// Anybody may send the longest password, of characters that come apart into eighteen
// letters each: no more of it is looked at than of any other.
func TestCommon_looksAtTheBeginning(t *testing.T) {
	for _, long := range []string{strings.Repeat("ab1!", 1152), strings.Repeat("\ufdfa", 256), strings.Repeat("k7.Q", 128) + "password"} {
		if got, want := worth(long, around), worth(string(plain(long)[:512]), around); got != want {
			t.Errorf("%.20s… is worth %g, its first 512 letters %g", long, got, want)
		}
	}
	if !(&Passwords{}).Common(strings.Repeat("ab1!", 1152), around...) {
		t.Error("four characters over and over pass")
	}
}

func FuzzCommon(f *testing.F) {
	f.Add("password", "Noor")
	f.Add("\xff\x00ß", "")
	f.Fuzz(func(t *testing.T, password, own string) {
		if len(own) > 512 { // no name is that long
			return
		}
		if w := worth(password, []string{own}); w < 0 || w > 1e8 {
			t.Errorf("worth %f", w)
		}
	})
}
