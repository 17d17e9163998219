package web

import "testing"

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"Postbag":                         "Postbag",
		"MPs Not Border Guards":           "MPs Not Border Guards",
		"ASau, nid Gwarchodwyr Ffiniau":   "ASau, nid Gwarchodwyr Ffiniau",
		"Ŵ, sy’n un o 30 o lythrennau yn": "Postbag", // 31
		"Ŵ, sy’n un o 30 o lythrennau’n":  "Ŵ, sy’n un o 30 o lythrennau’n",
	} {
		if got := shortName(name, "Postbag"); got != want {
			t.Errorf("%q is %q for short, want %q", name, got, want)
		}
	}
}
