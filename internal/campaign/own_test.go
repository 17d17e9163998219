package campaign_test

import (
	"encoding/json"
	"os"
	"testing"

	. "postbag/internal/campaign"
)

// examples reads what the measures find, as the browser is held to it too.
func examples[T any](tb testing.TB, file string) []T {
	tb.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		tb.Fatal(err)
	}
	var list []T
	if err := json.Unmarshal(data, &list); err != nil {
		tb.Fatal(err)
	}
	if len(list) == 0 {
		tb.Fatal("no examples")
	}
	return list
}

func TestOwnWords(t *testing.T) {
	for _, e := range examples[struct {
		Name, Template, Text string
		Own                  int
	}](t, "own-words.json") {
		t.Run(e.Name, func(t *testing.T) {
			if got := OwnWords(e.Template, e.Text); got != e.Own {
				t.Errorf("%d per cent, want %d", got, e.Own)
			}
		})
	}
}

func TestLevelOf(t *testing.T) {
	for percent, want := range map[int]OwnLevel{0: OwnNone, 1: OwnNone, 2: OwnStart, 24: OwnStart, 25: OwnGood, 84: OwnGood, 85: OwnYours, 100: OwnYours} {
		if got := LevelOf(percent); got != want {
			t.Errorf("%d per cent is %q, want %q", percent, got, want)
		}
	}
}

func TestReadingAge(t *testing.T) {
	for _, e := range examples[struct {
		Name, Text string
		Age        int // 0: too short to tell
	}](t, "reading-age.json") {
		t.Run(e.Name, func(t *testing.T) {
			if got, ok := ReadingAge(e.Text); got != e.Age || ok != (e.Age > 0) {
				t.Errorf("%d years, %v; want %d", got, ok, e.Age)
			}
		})
	}
}
