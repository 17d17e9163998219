package e2e

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"postbag/internal/campaign"
	"postbag/internal/view"
)

// TestMailLooks has axe-core look at every kind of mail to supporters as a mail
// program shows it: in English on a phone, in dark and enlarged too, and in Welsh
// on a desktop. With POSTBAG_SCREENSHOTS it keeps a picture of each.
func TestMailLooks(t *testing.T) {
	axe := readAxe(t)
	words, err := renderer()
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("POSTBAG_SCREENSHOTS")
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t)
	for lang, d := range map[string]device{
		"en": {name: "phone", width: 360, height: 780, scale: 2, touch: true},
		"cy": {name: "desktop", width: 1280, height: 900, scale: 1},
	} {
		b := p.open(d)
		for _, kind := range []campaign.MailKind{
			campaign.MailConfirm, campaign.MailRemind, campaign.MailRepeat, campaign.MailDeclined, campaign.MailSent, campaign.MailFailed, campaign.MailBounced,
			campaign.MailHeld, campaign.MailChanged, campaign.MailPledged, campaign.MailFollowUp, campaign.MailLast, campaign.MailForward,
		} {
			at := time.Date(2026, time.November, 23, 10, 24, 0, 0, time.UTC)
			mail, err := words.Mail(lang, string(kind), view.MailData{
				Campaign: "MPs Not Border Guards", MP: "Mary Kelly Foy", Constituency: "City of Durham", Link: "https://letters.example.org/l/4fXqPrivateLinkToken99",
				Days: 7, Reference: "K7QM-2XRD", Note: "Mary Kelly Foy has signed the pledge.\n\nWrite to say thank you, if you like.", Now: "Sam Successor",
				Sent: at, Kept: at.Add(30 * 24 * time.Hour), Stop: "https://letters.example.org/stop/P09tYMpFCw9xEyMa-_toCkWX3bj9djhU",
			})
			if err != nil {
				t.Fatal(err)
			}
			b.do(chromedp.Navigate("data:text/html;charset=utf-8;base64," + base64.StdEncoding.EncodeToString([]byte(mail.HTML))))
			if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > int(d.width) {
				t.Errorf("%s: %d wide in a window of %d", kind, wide, d.width)
			}
			b.checkAxe(axe, "mail-"+string(kind)+"-"+lang)
			if dir == "" {
				continue
			}
			for _, scheme := range []string{"light", "dark"} {
				b.media(map[string]string{"prefers-color-scheme": scheme})
				if err := os.WriteFile(filepath.Join(dir, "mail-"+string(kind)+"-"+d.name+"-"+scheme+".png"), b.snap(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b.restoreMedia()
		}
	}
}
