package parliament

import "testing"

func TestMember_SurnameKey(t *testing.T) {
	for name, want := range map[string]string{
		"Alex Sobel":        "sobel alex",
		"Sir Lindsay Hoyle": "hoyle lindsay",
		"Mary Kelly Foy":    "foy mary kelly",
		"Órfhlaith Begley":  "begley orfhlaith",
		"Ben Goldsborough":  "goldsborough ben",
		"Siân Berry":        "berry sian",
		"Stephen O’Brien":   "obrien stephen",
		"Jess Brown-Fuller": "brown fuller jess",
		"Dr Who":            "who",
		"":                  "",
	} {
		if got := (Member{Name: name}).SurnameKey(); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
