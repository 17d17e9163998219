package web_test

import (
	"strings"
	"testing"
)

// A new letter to an address that fails would be held like the first: the page
// makes no button of it, and says so.
func TestPrivate_heldForTheAddress(t *testing.T) {
	s := start(t, nil)
	private := s.write(letter())
	s.fails("E14001319")
	s.post(private+"/confirm", nil)
	var a answer
	s.eventually("the letter to be held", func() bool { a = s.get(private); return a.heading() == "Your letter is on hold" })
	if !strings.Contains(a.body, "A new letter would wait as well.") || strings.Contains(a.body, ">Write a new letter<") {
		t.Errorf("%s", a.body)
	}
}
