package store

import "testing"

// A mail names the constituency in the language of its letter.
func TestStore_Claim_namesTheConstituencyInTheLettersLanguage(t *testing.T) {
	const penYBont = "W07000086"
	for lang, want := range map[string]string{"cy": "Pen-y-bont", "en": "Bridgend"} {
		b := newBed(t)
		l := newLetter(1)
		l.Lang, l.Constituency, l.MemberID = lang, penYBont, member(penYBont).ID
		if err := b.SubmitLetter(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if got := b.claimed(t).Constituency; got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}
