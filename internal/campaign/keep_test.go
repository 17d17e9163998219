package campaign_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	. "postbag/internal/campaign"
)

func TestKeep_InAFile(t *testing.T) {
	source := shippedFile()
	with := func(lines string) string {
		return strings.Replace(source, "\n[[signatories]]", "\n[keep]\n"+lines+"\n\n[[signatories]]", 1)
	}
	for _, c := range []struct {
		name, lines string
		want        Keep
		wrong       string // key of the problem; empty: none
	}{
		{"nothing said", "", DefaultKeep, ""},
		{"one said", "text_days = 3", Keep{Text: 3, Email: 30, Unconfirmed: 7}, ""},
		{"all said", "text_days = 3\nemail_days = 22\nunconfirmed_days = 1", Keep{Text: 3, Email: 22, Unconfirmed: 1}, ""},
		{"the most", "text_days = 30\nemail_days = 60\nunconfirmed_days = 30", MostKept, ""},
		{"too long", "email_days = 61", Keep{}, "keep.email_days"},
		{"none", "text_days = 0", Keep{}, "keep.text_days"},
		{"less than none", "unconfirmed_days = -1", Keep{}, "keep.unconfirmed_days"},
		{"the text for longer than its writer", "text_days = 20\nemail_days = 10", Keep{}, "keep.text_days"},
		{"an unknown one", "name_days = 7", Keep{}, "keep.name_days"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problems := Read(with(c.lines))
			if c.wrong != "" {
				if len(problems) != 1 || problems[0].Key != c.wrong {
					t.Errorf("problems %+v, want one of %s", problems, c.wrong)
				}
				return
			}
			if len(problems) > 0 || got.Keep != c.want {
				t.Fatalf("keeps %+v (%v), want %+v", got.Keep, problems, c.want)
			}
			file, _ := ReadFile(with(c.lines))
			again, problems := Read(file.TOML())
			if len(problems) > 0 || again.Keep != c.want {
				t.Errorf("written and read again %+v, %v", again.Keep, problems)
			}
			var typed File
			typed.SetCampaign(file.Values())
			if typed.Keep != c.want {
				t.Errorf("through a form %+v", typed.Keep)
			}
		})
	}
	var f File
	f.SetCampaign(url.Values{"keep.text_days": {"a week"}})
	if f.Keep.Text != -1 {
		t.Errorf("what is no number is %d", f.Keep.Text)
	}
}

func TestKeep_EraseAfter(t *testing.T) {
	k := Keep{Text: 20, Email: 10, Unconfirmed: 2}
	if got := k.TrimAfter(); got != 10*24*time.Hour {
		t.Errorf("the text goes after %v, its writer after 10 days", got)
	}
	for s, days := range map[State]int{StateAwaiting: 0, StateQueued: 0, StateSending: 0, StateSent: 10, StateExpired: 2, StateWithdrawn: 7, StateHeld: 30, StateFailed: 30, StateBounced: 30, StateUncertain: 30} {
		if got := k.EraseAfter(s, ""); got != time.Duration(days)*24*time.Hour {
			t.Errorf("%s: after %v, want %d days", s, got, days)
		}
	}
	if (Keep{Email: 21}).Asks() || !(Keep{Email: 22}).Asks() {
		t.Error("who is asked on the 21st day has to be there then")
	}
}

func TestPerson_Trim(t *testing.T) {
	p := Person{Name: "n", Email: "e", Phone: "p", Address1: "1", Address2: "2", Town: "t", Postcode: "c", Subject: "s", Lang: "cy", Letter: "l", Token: "k"}
	p.Trim()
	if p != (Person{Name: "n", Email: "e", Lang: "cy", Token: "k", Trimmed: true}) {
		t.Errorf("left: %+v", p)
	}
}
