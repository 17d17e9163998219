package bounce

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"postbag/internal/campaign"
)

// Whatever a provider posts, or somebody in its name, is read or refused: it is
// never taken for something without a kind, or for an answer without a message.
func FuzzHooks(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "hooks", "*.json"))
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"Type":"Notification","Message":"{}","Subject":null}`))
	f.Add([]byte(`{"RawEmail":"a: b\r\n\r\n","OriginalRecipient":"x"}`))
	reports := []campaign.ReturnKind{campaign.ReturnDelivered, campaign.ReturnDelayed, campaign.ReturnFull, campaign.ReturnFailed}
	f.Fuzz(func(t *testing.T, raw []byte) {
		check := func(r *campaign.Returned, err error) {
			if err != nil || r == nil {
				return
			}
			if !slices.Contains(reports, r.Kind) && !r.Kind.Answers() || r.Kind.Answers() != (r.Raw != nil) || len(r.Identity) == 0 {
				t.Errorf("%+v", r)
			}
			if r.To == "" && r.Token == "" && r.MessageID == "" {
				t.Error("it is about no message")
			}
			if r.Enhanced != "" && statusCode.FindString(r.Enhanced) != r.Enhanced || r.Code != 0 && (r.Code < 400 || r.Code > 599) {
				t.Errorf("codes %d %q", r.Code, r.Enhanced)
			}
		}
		check(readPostmark(raw))
		check(readSES(raw))
		var e mailgunEvent
		if decode(raw, &e) == nil {
			check(readMailgun(e), nil)
		}
		var p snsPost
		if decode(raw, &p) == nil {
			p.signed()
			topicHost(p.TopicArn)
			at(p.SigningCertURL, "sns.eu-west-2.amazonaws.com")
		}
	})
}
