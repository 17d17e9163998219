package web

import (
	"testing"

	"postbag/internal/campaign"
)

// What a person typed runs in nobody's spreadsheet, and what is harmless stays as
// it is.
func TestHarmless(t *testing.T) {
	for field, want := range map[string]string{
		"": "", "Amina": "Amina", "O’Connor = Amina": "O’Connor = Amina", "-5": "-5", "12.5": "12.5",
		"=1+1": "'=1+1", "+44 113": "'+44 113", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1", "\x00=1": "'\x00=1",
		// Some take these for the same, where people write with wide characters.
		"＝1+1": "'＝1+1", "＋1": "'＋1", "－1+1": "'－1+1", "＠SUM(A1)": "'＠SUM(A1)",
	} {
		if got := campaign.Harmless(field); got != want {
			t.Errorf("%q: %q, want %q", field, got, want)
		}
	}
}
