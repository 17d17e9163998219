package bounce

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postbag/internal/campaign"
)

const (
	hookLogin = "postmark:a-password-of-ours"
	hookKey   = "key-0123456789abcdef"
	hookTopic = "arn:aws:sns:eu-west-2:123456789012:postbag"
	hookCert  = "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
	hookOwn   = "bounces+token@letters.example.org"
)

var hookNow = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// relay is a provider that posts to hooks, with a certificate of its own.
type relay struct {
	*Hooks
	t       *testing.T
	taker   *takes
	key     *rsa.PrivateKey
	fetched []string
	down    bool // nothing can be fetched
}

var relayKey = func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}()

func newRelay(t *testing.T) *relay {
	t.Helper()
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"},
		NotBefore: hookNow.Add(-time.Hour), NotAfter: hookNow.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, relayKey.Public(), relayKey)
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{t: t, taker: &takes{errs: map[string]error{}}, key: relayKey}
	r.Hooks = NewHooks(HookOptions{
		Taker: r.taker, Postmark: hookLogin, Mailgun: hookKey, Topics: []string{hookTopic},
		Tokens: &kept{map[string]string{}, map[string]string{}}, Now: func() time.Time { return hookNow },
		Fetch: func(_ context.Context, u *url.URL) ([]byte, error) {
			if r.down {
				return nil, errors.New("no way there")
			}
			r.fetched = append(r.fetched, u.String())
			return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
		},
	})
	return r
}

// post posts something and wants a status.
func (r *relay) post(want int, provider, body string, headers ...string) {
	r.t.Helper()
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	got, err := r.Take(r.t.Context(), provider, h, strings.NewReader(body))
	if got != want || (err != nil) != (want == http.StatusServiceUnavailable) {
		r.t.Errorf("%s: %d (%v), want %d", provider, got, err, want)
	}
}

// took returns what was taken, and forgets it.
func (r *relay) took() []campaign.Returned {
	got := r.taker.got
	r.taker.got = nil
	return got
}

func basic(login string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(login)) }

// fixture reads what a provider posts.
func fixture(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "hooks", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// sign puts Mailgun's signature around an event.
func sign(key, token string, at time.Time, event string) string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(stamp + token))
	return fmt.Sprintf(`{"signature":{"timestamp":%q,"token":%q,"signature":%q},"event-data":%s}`, stamp, token, hex.EncodeToString(mac.Sum(nil)), event)
}

// publish signs what SNS posts, after which change may spoil it.
func (r *relay) publish(p snsPost, change func(*snsPost)) string {
	r.t.Helper()
	if p.SignatureVersion == "" {
		p.SignatureVersion = "2"
	}
	if p.Type == "" {
		p.Type = snsNotification
	}
	p.MessageID, p.Timestamp, p.TopicArn, p.SigningCertURL = "m-1", "2026-03-02T10:00:00.000Z", hookTopic, hookCert
	hash, sum := crypto.SHA256, sha256.Sum256([]byte(p.signed()))
	digest := sum[:]
	if p.SignatureVersion == "1" {
		short := sha1.Sum([]byte(p.signed()))
		hash, digest = crypto.SHA1, short[:]
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, r.key, hash, digest)
	if err != nil {
		r.t.Fatal(err)
	}
	p.Signature = base64.StdEncoding.EncodeToString(signature)
	if change != nil {
		change(&p)
	}
	raw, err := json.Marshal(p)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(raw)
}

// What each provider tells, in the format that it documents.
func TestHooks(t *testing.T) {
	post := map[string]func(r *relay, body string){
		Postmark: func(r *relay, body string) {
			r.post(http.StatusOK, Postmark, body, "Authorization", basic(hookLogin))
		},
		Mailgun: func(r *relay, body string) {
			r.post(http.StatusOK, Mailgun, sign(hookKey, "t", hookNow, body))
		},
		SES: func(r *relay, body string) {
			r.post(http.StatusOK, SES, r.publish(snsPost{Message: body}, nil))
			r.post(http.StatusOK, SES, r.publish(snsPost{Message: `{}`, SignatureVersion: "1"}, nil))
		},
	}
	for _, tt := range []struct {
		file, old, new string // of the fixture, with something in it replaced
		want           string
	}{
		{"postmark-bounce.json", "", "", "failed 550 5.1.1 token=kq3x"},
		{"postmark-bounce.json", `"smtp;550 5.1.1`, `"smtp;552 5.2.2 mailbox full`, "full 552 5.2.2 token=kq3x"},
		{"postmark-bounce.json", `"HardBounce"`, `"Transient"`, "delayed 550 5.1.1 token=kq3x"},
		{"postmark-bounce.json", `"HardBounce"`, `"AutoResponder"`, "delivered token=kq3x"},
		{"postmark-bounce.json", `"HardBounce"`, `"Subscribe"`, ""},
		{"postmark-bounce.json", `"postbag"`, `"others"`, ""},
		{"postmark-soft.json", "", "", "failed 4.0.0 token=kq3x"},
		{"postmark-auto.json", "", "", "auto token=kq3x +raw"},
		{"postmark-delivery.json", "", "", "delivered token=kq3x"},
		{"postmark-delivery.json", `"Delivery"`, `"SpamComplaint"`, "delivered token=kq3x"},
		{"postmark-delivery.json", `"Delivery"`, `"Open"`, ""},
		{"postmark-inbound.json", "", "", "reply to=bounces+token@letters.example.org +raw"},
		{"mailgun-failed.json", "", "", "failed 550 5.1.1 id=7.a@letters.example.org"},
		{"mailgun-failed.json", "bounce@letters.example.org", hookOwn, "failed 550 5.1.1 to=bounces+token@letters.example.org id=7.a@letters.example.org"},
		{"mailgun-failed.json", `"permanent"`, `"temporary"`, "delayed 550 5.1.1 id=7.a@letters.example.org"},
		{"mailgun-failed.json", `"failed"`, `"delivered"`, "delivered 550 id=7.a@letters.example.org"},
		{"mailgun-failed.json", `"failed"`, `"opened"`, ""},
		{"mailgun-suppressed.json", "", "", "failed 5.1.1 id=7.a@letters.example.org"},
		{"ses-bounce.json", "", "", "failed 550 5.1.1 to=bounces+token@letters.example.org id=7.a@letters.example.org"},
		{"ses-bounce.json", `"notificationType"`, `"eventType"`, "failed 550 5.1.1 to=bounces+token@letters.example.org id=7.a@letters.example.org"},
		{"ses-bounce.json", hookOwn, "letters@letters.example.org", "failed 550 5.1.1 id=7.a@letters.example.org"},
		{"ses-full.json", "", "", "full 5.2.2 to=bounces+token@letters.example.org"},
		{"ses-full.json", `"MailboxFull"`, `"General"`, "delayed to=bounces+token@letters.example.org"}, // an automatic answer may look so
		{"ses-delay.json", "", "", "delayed 421 4.4.1 to=bounces+token@letters.example.org"},
		{"ses-delivery.json", "", "", "delivered to=bounces+token@letters.example.org"},
		{"ses-delivery.json", `"Delivery"`, `"Complaint"`, "delivered to=bounces+token@letters.example.org"},
		{"ses-delivery.json", `"Delivery"`, `"Reject"`, "failed 5.7.1 to=bounces+token@letters.example.org"},
		{"ses-delivery.json", `"Delivery"`, `"Open"`, ""},
	} {
		name := strings.TrimSpace(tt.file + " " + tt.new)
		t.Run(name, func(t *testing.T) {
			r := newRelay(t)
			body := fixture(t, tt.file)
			if tt.old != "" && !strings.Contains(body, tt.old) {
				t.Fatalf("%q is not in it", tt.old)
			}
			provider, _, _ := strings.Cut(tt.file, "-")
			post[provider](r, strings.Replace(body, tt.old, tt.new, 1))
			var said []string
			for _, got := range r.took() {
				said = append(said, describe(got))
				if len(got.Identity) == 0 {
					t.Error("nothing tells it from others")
				}
			}
			if strings.Join(said, "; ") != tt.want {
				t.Errorf("took %q, want %q", said, tt.want)
			}
		})
	}
}

// describe says what was read, in a line.
func describe(r campaign.Returned) string {
	parts := []string{string(r.Kind)}
	if r.Code != 0 {
		parts = append(parts, strconv.Itoa(r.Code))
	}
	for _, each := range [][2]string{{"", r.Enhanced}, {"to=", r.To}, {"token=", r.Token}, {"id=", r.MessageID}} {
		if each[1] != "" {
			parts = append(parts, each[0]+each[1])
		}
	}
	if r.Raw != nil {
		parts = append(parts, "+raw")
	}
	return strings.Join(parts, " ")
}

// Whatever is not surely theirs changes nothing, and nothing is fetched for it
// from elsewhere.
func TestHooks_refuse(t *testing.T) {
	bounced := func(r *relay, change func(*snsPost)) string {
		return r.publish(snsPost{Message: fixture(r.t, "ses-bounce.json")}, change)
	}
	subscribe := func(r *relay, address string) string {
		return r.publish(snsPost{Type: snsSubscribe, Token: "t", SubscribeURL: address}, nil)
	}
	const subscribing = "https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=" + hookTopic + "&Token=t"
	event := func(t *testing.T) string { return fixture(t, "mailgun-failed.json") }
	for name, try := range map[string]func(t *testing.T, r *relay){
		"another provider":           func(t *testing.T, r *relay) { r.post(404, "nobody", "{}") },
		"postmark, no password":      func(t *testing.T, r *relay) { r.post(401, Postmark, fixture(t, "postmark-bounce.json")) },
		"postmark, another password": func(t *testing.T, r *relay) { r.post(401, Postmark, "", "Authorization", basic(hookLogin+"x")) },
		"postmark, a bearer":         func(t *testing.T, r *relay) { r.post(401, Postmark, "", "Authorization", "Bearer "+hookLogin) },
		"postmark, not base64":       func(t *testing.T, r *relay) { r.post(401, Postmark, "", "Authorization", "Basic "+hookLogin) },
		"postmark, no JSON":          func(t *testing.T, r *relay) { r.post(400, Postmark, "x", "Authorization", basic(hookLogin)) },
		"postmark, nothing in it":    func(t *testing.T, r *relay) { r.post(400, Postmark, "{}", "Authorization", basic(hookLogin)) },
		"postmark, too long": func(t *testing.T, r *relay) {
			r.post(413, Postmark, strings.Repeat(" ", maxPostmark+1), "Authorization", basic(hookLogin))
		},
		"mailgun, another key": func(t *testing.T, r *relay) { r.post(401, Mailgun, sign(hookKey+"x", "t", hookNow, event(t))) },
		"mailgun, unsigned":    func(t *testing.T, r *relay) { r.post(401, Mailgun, `{"event-data":`+event(t)+`}`) },
		"mailgun, no token":    func(t *testing.T, r *relay) { r.post(401, Mailgun, sign(hookKey, "", hookNow, event(t))) },
		"mailgun, too old": func(t *testing.T, r *relay) {
			r.post(401, Mailgun, sign(hookKey, "t", hookNow.Add(-mailgunTries-time.Second), event(t)))
		},
		"mailgun, of the future": func(t *testing.T, r *relay) {
			r.post(401, Mailgun, sign(hookKey, "t", hookNow.Add(mailgunAhead+time.Second), event(t)))
		},
		"mailgun, no JSON":  func(t *testing.T, r *relay) { r.post(400, Mailgun, "signature=x") },
		"mailgun, too long": func(t *testing.T, r *relay) { r.post(413, Mailgun, strings.Repeat(" ", maxMailgun+1)) },
		"ses, no JSON":      func(t *testing.T, r *relay) { r.post(400, SES, "x") },
		"ses, too long":     func(t *testing.T, r *relay) { r.post(413, SES, strings.Repeat(" ", maxSNS+1)) },
		"ses, no JSON within": func(t *testing.T, r *relay) {
			r.post(400, SES, r.publish(snsPost{Message: "x"}, nil))
		},
		"ses, another topic": func(t *testing.T, r *relay) {
			r.post(401, SES, bounced(r, func(p *snsPost) { p.TopicArn += "2" }))
			if len(r.fetched) > 0 {
				t.Error("something was fetched for it")
			}
		},
		"ses, another message": func(t *testing.T, r *relay) {
			r.post(401, SES, bounced(r, func(p *snsPost) { p.Message = strings.Replace(p.Message, "token", "other", 1) }))
		},
		"ses, a subject put in": func(t *testing.T, r *relay) {
			r.post(401, SES, bounced(r, func(p *snsPost) { p.Subject = new("x") }))
		},
		"ses, another type": func(t *testing.T, r *relay) { r.post(401, SES, bounced(r, func(p *snsPost) { p.Type = "Other" })) },
		"ses, another version": func(t *testing.T, r *relay) {
			r.post(401, SES, bounced(r, func(p *snsPost) { p.SignatureVersion = "3" }))
		},
		"ses, no signature": func(t *testing.T, r *relay) { r.post(401, SES, bounced(r, func(p *snsPost) { p.Signature = "" })) },
		"ses, a weaker version": func(t *testing.T, r *relay) {
			r.post(401, SES, bounced(r, func(p *snsPost) { p.SignatureVersion = "1" }))
		},
		"ses, another signature": func(t *testing.T, r *relay) { r.post(401, SES, bounced(r, func(p *snsPost) { p.Signature = "AAAA" })) },
		"ses, a certificate from elsewhere": func(t *testing.T, r *relay) {
			for _, address := range []string{
				"http://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0.pem", "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem",
				"https://sns.eu-west-2.amazonaws.com.evil.example/SimpleNotificationService-0.pem", "https://evil.example/SimpleNotificationService-0.pem",
				"https://sns.eu-west-2.amazonaws.com@evil.example/SimpleNotificationService-0.pem", "https://x@sns.eu-west-2.amazonaws.com/SimpleNotificationService-0.pem",
				"https://sns.eu-west-2.amazonaws.com:8443/SimpleNotificationService-0.pem", "https://sns.eu-west-2.amazonaws.com/other.pem",
				"https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0.pem?x=1", "https://sns.eu-west-2.amazonaws.com/x/../SimpleNotificationService-0.pem",
				"https://s3.amazonaws.com/SimpleNotificationService-0.pem", "", ":",
			} {
				r.post(401, SES, bounced(r, func(p *snsPost) { p.SigningCertURL = address }))
			}
			if len(r.fetched) > 0 {
				t.Errorf("fetched %q", r.fetched)
			}
		},
		"ses, a subscription elsewhere": func(t *testing.T, r *relay) {
			for _, address := range []string{
				strings.Replace(subscribing, "eu-west-2.", "eu-west-1.", 1), strings.Replace(subscribing, "https", "http", 1),
				strings.Replace(subscribing, "ConfirmSubscription", "DeleteTopic", 1), strings.Replace(subscribing, ":postbag", ":other", 1), "https://evil.example/",
			} {
				r.post(401, SES, subscribe(r, address))
			}
			if len(r.fetched) > 1 {
				t.Errorf("fetched %q", r.fetched)
			}
		},
		"ses, no way to the certificate": func(t *testing.T, r *relay) {
			r.down = true
			r.post(503, SES, bounced(r, nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRelay(t)
			try(t, r)
			if got := r.took(); len(got) > 0 {
				t.Errorf("took %+v", got)
			}
		})
	}
}

func TestHooks_subscription(t *testing.T) {
	r := newRelay(t)
	address := "https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=" + hookTopic + "&Token=t"
	post := r.publish(snsPost{Type: snsSubscribe, Token: "t", SubscribeURL: address}, nil)
	r.post(http.StatusOK, SES, post)
	r.post(http.StatusOK, SES, r.publish(snsPost{Type: snsUnsubscribe, Token: "t", SubscribeURL: address}, nil))
	if got := strings.Join(r.fetched, " "); got != hookCert+" "+address {
		t.Errorf("fetched %s", got)
	}
	r.down = true
	r.post(http.StatusServiceUnavailable, SES, post)
}

// What cannot be fetched is not asked for again and again, and holds up nobody
// whose certificate is known.
func TestHooks_certificateOutOfReach(t *testing.T) {
	r := newRelay(t)
	s := r.providers[SES].(*sns)
	now, asked := hookNow, 0
	s.now = func() time.Time { return now }
	fetch := s.fetch
	s.fetch = func(ctx context.Context, u *url.URL) ([]byte, error) {
		asked++
		return fetch(ctx, u)
	}
	post := r.publish(snsPost{Message: fixture(t, "ses-bounce.json")}, nil)
	r.down = true
	r.post(http.StatusServiceUnavailable, SES, post)
	r.post(http.StatusServiceUnavailable, SES, post)
	if asked != 1 {
		t.Errorf("asked %d times, want 1", asked)
	}
	r.down, now = false, now.Add(certWait)
	r.post(http.StatusOK, SES, post)
	s.fetching <- struct{}{} // somebody else's takes its time
	r.post(http.StatusOK, SES, post)
	if asked != 2 {
		t.Errorf("asked %d times, want 2", asked)
	}
}

// A certificate that has run out proves nothing.
func TestHooks_certificateOutOfDate(t *testing.T) {
	r := newRelay(t)
	s := r.providers[SES].(*sns)
	s.now = func() time.Time { return hookNow.Add(2 * time.Hour) }
	r.post(http.StatusUnauthorized, SES, r.publish(snsPost{Message: fixture(t, "ses-bounce.json")}, nil))
	if len(s.certs) != 0 {
		t.Error("it is kept")
	}
}

// A token of Mailgun's counts once: its signature is not over what it tells.
func TestHooks_mailgunToken(t *testing.T) {
	r := newRelay(t)
	event := fixture(t, "mailgun-failed.json")
	own := strings.Replace(event, "bounce@letters.example.org", hookOwn, 1)
	r.taker.errs[hookOwn] = campaign.ErrReturnEarly
	r.post(http.StatusServiceUnavailable, Mailgun, sign(hookKey, "t", hookNow, own))
	r.post(http.StatusUnauthorized, Mailgun, sign(hookKey, "t", hookNow, strings.Replace(own, "7.a@", "8.a@", 1)))
	delete(r.taker.errs, hookOwn)
	r.post(http.StatusOK, Mailgun, sign(hookKey, "t", hookNow, own)) // the same, which was not taken
	if got := r.took(); len(got) != 1 {
		t.Fatalf("took %+v", got)
	}
	r.post(http.StatusOK, Mailgun, sign(hookKey, "t", hookNow, own)) // the same: our answer was lost
	r.post(http.StatusUnauthorized, Mailgun, sign(hookKey, "t", hookNow, event))
	if got := r.took(); len(got) != 0 {
		t.Errorf("took again: %+v", got)
	}
}

// What Mailgun could not get rid of in time it posts again, maybe as it was.
func TestHooks_mailgunAgainLater(t *testing.T) {
	r := newRelay(t)
	own := strings.Replace(fixture(t, "mailgun-failed.json"), "bounce@letters.example.org", hookOwn, 1)
	post, other := sign(hookKey, "t", hookNow, own), sign(hookKey, "t", hookNow, strings.Replace(own, "7.a@", "8.a@", 1))
	r.taker.errs[hookOwn] = campaign.ErrReturnEarly
	r.post(http.StatusServiceUnavailable, Mailgun, post)
	delete(r.taker.errs, hookOwn)
	r.providers[Mailgun].(*mailgun).now = func() time.Time { return hookNow.Add(time.Hour) }
	r.post(http.StatusUnauthorized, Mailgun, other)
	r.post(http.StatusOK, Mailgun, post)
	if got := r.took(); len(got) != 1 || got[0].MessageID != "7.a@letters.example.org" {
		t.Errorf("took %+v", got)
	}
	r.post(http.StatusOK, Mailgun, post) // our answer was lost
	if got := r.took(); len(got) != 0 {
		t.Errorf("took again: %+v", got)
	}
	// What we were down for comes hours late, and for the first time.
	r.post(http.StatusOK, Mailgun, sign(hookKey, "u", hookNow.Add(-7*time.Hour), own))
	if got := r.took(); len(got) != 1 {
		t.Errorf("took %+v", got)
	}
}

// kept remembers tokens as the store does.
type kept struct{ content, taken map[string]string }

func (k *kept) ClaimToken(_ context.Context, token, content []byte, _ time.Duration) ([]byte, bool, error) {
	if k.content[string(token)] == "" {
		k.content[string(token)] = string(content)
	}
	return []byte(k.content[string(token)]), k.taken[string(token)] != "", nil
}

func (k *kept) SettleToken(_ context.Context, token []byte) error {
	k.taken[string(token)] = "yes"
	return nil
}

// What a relay is told when something is not taken.
func TestHooks_answers(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"taken":               {nil, http.StatusOK},
		"not ours":            {campaign.ErrReturnUnknown, http.StatusOK},
		"nobody to tell":      {campaign.ErrReturnErased, http.StatusOK},
		"too early":           {campaign.ErrReturnEarly, http.StatusServiceUnavailable},
		"too many":            {campaign.ErrReturnMany, http.StatusServiceUnavailable},
		"the database locked": {errors.New("locked"), http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRelay(t)
			r.taker.errs[""] = tt.err
			r.post(tt.want, Postmark, fixture(t, "postmark-bounce.json"), "Authorization", basic(hookLogin))
		})
	}
}

// Anybody can write to an address at Postmark: what such mail quotes says nothing.
func TestHooks_inboundToNobody(t *testing.T) {
	r := newRelay(t)
	body := strings.Replace(fixture(t, "postmark-inbound.json"), hookOwn, "x@inbound.example", 1)
	r.taker.errs["x@inbound.example"] = campaign.ErrReturnUnknown
	r.post(http.StatusOK, Postmark, body, "Authorization", basic(hookLogin))
	if got := r.took(); len(got) != 0 {
		t.Errorf("took %+v", got)
	}
}

func TestNewHooks_none(t *testing.T) {
	if NewHooks(HookOptions{}) != nil {
		t.Error("hooks for nobody")
	}
	h := NewHooks(HookOptions{Mailgun: hookKey, Now: time.Now})
	if got, _ := h.Take(t.Context(), Postmark, http.Header{"Authorization": {basic(":")}}, strings.NewReader("{}")); got != http.StatusNotFound {
		t.Errorf("a provider that is not set up: %d", got)
	}
}
