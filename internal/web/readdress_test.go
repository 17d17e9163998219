package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/parliament"
)

// successor puts a new MP into Amina's seat.
func successor(t *testing.T, s *site, id int, name string) {
	replaceSeat(t, s, "E14001319", func(seat *parliament.Seat) {
		seat.Member.ID, seat.Member.Name, seat.Member.FullTitle = id, name, name+" MP"
	})
}

// heldForSuccessor writes and confirms a letter that names the MP in its text, who
// is followed by Jane Doe meanwhile.
func heldForSuccessor(t *testing.T, s *site) (private string) {
	roster, _, err := s.Store().Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seat, _ := roster.Seat("E14001319")
	private = s.write(letter("body", "Dear me, "+seat.Member.AddressAs()+", my neighbour is afraid."))
	successor(t, s, 99999, "Jane Doe")
	s.post(private+"/confirm", nil)
	return private
}

func TestReaddress_AsksAndSends(t *testing.T) {
	s := start(t, nil)
	private := heldForSuccessor(t, s)
	a := s.get(private)
	for _, want := range []string{"Shall it go to Jane Doe?", "Dear Jane Doe,", "Dear me, Jane Doe, my neighbour", "Send it to Jane Doe", "Do not send it"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(a.body, `/withdraw"`); n != 1 {
		t.Errorf("%d ways not to send it stand on the page", n)
	}
	if cy := s.get("/cy" + private); !strings.Contains(cy.body, "A ddylai fynd at Jane Doe?") {
		t.Error("it is not asked in Welsh")
	}
	form := values(a.body)
	form.Set("body", "Jane Doe, my own words.\n\nYours sincerely,")
	if a := s.post(private+"/readdress", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	s.eventually("the letter to be sent", func() bool { return strings.Contains(s.get(private).body, "Your letter is on its way") })
	if a := s.get(private); !strings.Contains(a.body, "You sent it on to the new MP") || strings.Contains(a.body, "Shall it go") {
		t.Error("the story lacks it, or it is still asked")
	}
	sent := ""
	s.eventually("the letter", func() bool {
		for _, link := range regexp.MustCompile(`/dev/mail/\d+`).FindAllString(s.get("/dev/mail").body, -1) {
			if m := decodeQuoted(t, s.get(link+"/raw").body); strings.Contains(m, "my own words.") {
				sent = m
			}
		}
		return sent != ""
	})
	if !strings.Contains(sent, "Dear Jane Doe,") || !strings.Contains(sent, "17 Brudenell Road") {
		t.Errorf("sent:\n%s", sent)
	}
}

func TestReaddress_MistakesLoseNothing(t *testing.T) {
	s := start(t, nil)
	private := heldForSuccessor(t, s)
	form := values(s.get(private).body)
	for name, c := range map[string]struct {
		field, value, says string
	}{
		"no subject":            {"subject", " ", "Give your letter a subject."},
		"no words":              {"body", "\n", "Your letter is empty."},
		"too long":              {"body", strings.Repeat("word ", 2100), "Your letter is too long."},
		"a placeholder is left": {"body", "Hello {mp_name}, this is kept.", "curly brackets"},
	} {
		t.Run(name, func(t *testing.T) {
			typed := url.Values{"member": form["member"], "subject": {"A subject of mine"}, "body": {"A text of mine"}}
			typed.Set(c.field, c.value)
			a := s.post(private+"/readdress", typed)
			if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.says) || !strings.Contains(a.body, `href="#`+c.field+`"`) {
				t.Fatalf("%s\n%s", a.Status, a.body)
			}
			for field := range typed {
				if got := values(a.body).Get(field); strings.TrimSpace(got) != strings.TrimSpace(typed.Get(field)) {
					t.Errorf("%s came back as %q", field, got)
				}
			}
		})
	}
	if a := s.get(private); a.heading() != "Your letter is on hold" {
		t.Errorf("it went: %q", a.heading())
	}
}

func TestReaddress_TheMPChangesAgain(t *testing.T) {
	s := start(t, nil)
	private := heldForSuccessor(t, s)
	form := values(s.get(private).body)
	form.Set("body", "Words that I would miss, Jane Doe.")
	successor(t, s, 99998, "John Roe")
	a := s.post(private+"/readdress", form)
	if a.StatusCode != http.StatusConflict || !strings.Contains(a.body, "Your MP has changed again") || !strings.Contains(a.body, "Dear John Roe,") || !strings.Contains(a.body, "Words that I would miss, John Roe.") {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
	if strings.Contains(a.body, "Jane Doe") {
		t.Error("the name of the one before is left")
	}
}

func TestTurn_DissolutionIsSaid(t *testing.T) {
	today := time.Now()
	s := start(t, func(c *config.Config) {
		c.Pace.Dissolved = []campaign.Days{{First: campaign.Day(today), Last: campaign.Day(today.AddDate(0, 0, 20))}}
	})
	if a := s.get("/c/" + slug); !strings.Contains(a.body, "Parliament is dissolved. Letters wait until") {
		t.Error("the campaign's page does not say so")
	}
	s.partner(campaign.Partner{Slug: "friends", Name: "Friends", Website: "https://friends.example", Origins: []string{"https://friends.example"}})
	if a := s.get(atFriends); !strings.Contains(a.body, "Parliament is dissolved. Letters wait until") {
		t.Error("the form on a partner's site does not say so")
	}
	if a := s.post("/c/"+slug+"/preview", letter()); !strings.Contains(a.body, "Parliament is dissolved. Letters wait until") {
		t.Error("the preview does not say so")
	}
	private := s.write(letter())
	s.post(private+"/confirm", nil)
	a := s.get(private)
	if !strings.Contains(a.body, "Your letter is 1st in line, and is expected to go on ") || !strings.Contains(a.body, "Parliament is dissolved, so there is no MP") {
		t.Errorf("%s", a.body)
	}
	if foretold := regexp.MustCompile(`expected to go on [^<]*`).FindString(a.body); strings.Contains(foretold, "00:00") {
		t.Error("it foretells the midnight at which the dissolution ends")
	}
}
