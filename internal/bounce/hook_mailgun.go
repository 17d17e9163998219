package bounce

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"time"

	"postbag/internal/campaign"
)

const (
	maxMailgun   = 1 << 20         // bytes that it posts
	mailgunAhead = 5 * time.Minute // that its clock may be of ours
	mailgunTries = 9 * time.Hour   // in which it posts again what was not taken, as it was
)

// mailgun knows Mailgun by what it signs: a time and a token, but not the rest. So
// each token counts once.
type mailgun struct {
	key    []byte
	now    func() time.Time
	tokens Tokens
}

// mailgunPost is what it posts, as far as it is read.
type mailgunPost struct {
	Signature struct {
		Timestamp string `json:"timestamp"`
		Token     string `json:"token"`
		Signature string `json:"signature"`
	} `json:"signature"`
	Event mailgunEvent `json:"event-data"`
}

type mailgunEvent struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	Severity string `json:"severity"`
	Reason   string `json:"reason"`
	Status   struct {
		Code        int    `json:"code"`
		Message     string `json:"message"`
		Description string `json:"description"`
		Enhanced    string `json:"enhanced-code"`
	} `json:"delivery-status"`
	Message struct {
		Headers struct {
			ID string `json:"message-id"`
		} `json:"headers"`
	} `json:"message"`
	Envelope struct {
		Sender string `json:"sender"`
	} `json:"envelope"`
}

// open implements provider.
func (m *mailgun) open(ctx context.Context, _ http.Header, body io.Reader) (told, error) {
	raw, err := readHook(body, maxMailgun)
	if err != nil {
		return told{}, err
	}
	var p mailgunPost
	if err := decode(raw, &p); err != nil {
		return told{}, err
	}
	if !m.signed(p) || !fresh(p, m.now()) {
		return told{}, errHookRefused
	}
	token, content := sha256.Sum256([]byte(p.Signature.Token)), sha256.Sum256(raw)
	kept, taken, err := m.tokens.ClaimToken(ctx, token[:], content[:], mailgunTries+mailgunAhead)
	switch {
	case err != nil:
		return told{}, err
	case !bytes.Equal(kept, content[:]):
		return told{}, errHookRefused // somebody overheard it
	case taken:
		return told{}, nil // our answer was lost
	}
	return told{readMailgun(p.Event), true, func(ctx context.Context) error { return m.tokens.SettleToken(ctx, token[:]) }}, nil
}

// signed reports whether Mailgun signed it.
func (m *mailgun) signed(p mailgunPost) bool {
	given, err := hex.DecodeString(p.Signature.Signature)
	mac := hmac.New(sha256.New, m.key)
	io.WriteString(mac, p.Signature.Timestamp+p.Signature.Token)
	return err == nil && hmac.Equal(mac.Sum(nil), given) && p.Signature.Token != ""
}

// fresh reports whether it did so lately: what comes again has the time at which it
// came first.
func fresh(p mailgunPost, now time.Time) bool {
	seconds, err := strconv.ParseInt(p.Signature.Timestamp, 10, 64)
	age := now.Sub(time.Unix(seconds, 0))
	return err == nil && age >= -mailgunAhead && age <= mailgunTries
}

// mailgunReasons are the status codes of what Mailgun itself says against a
// message.
var mailgunReasons = map[string]string{
	"old": "4.4.7", "suppress-bounce": "5.1.1", "suppress-complaint": "5.7.1", "suppress-unsubscribe": "5.7.1",
}

// readMailgun reads an event; nil for what concerns no message of ours.
func readMailgun(e mailgunEvent) *campaign.Returned {
	r := &campaign.Returned{
		To: e.Envelope.Sender, MessageID: messageID(e.Message.Headers.ID), Identity: hookIdentity(Mailgun, e.Event, e.ID),
	}
	text := e.Status.Message
	if text == "" {
		text = e.Status.Description
	}
	switch {
	case r.To == "" && r.MessageID == "":
		return nil
	case e.Event == "delivered", e.Event == "complained": // whoever complains has it
		r.Kind = campaign.ReturnDelivered
	case e.Event == "failed" && e.Severity == "temporary":
		r.Kind = campaign.ReturnDelayed
		reason(r, statusCode.FindString(e.Status.Enhanced), text)
	case e.Event == "failed":
		failed(r, e.Status.Enhanced, mailgunReasons[e.Reason], text)
	case e.Event == "rejected":
		failed(r, "", "5.7.1", text)
	default:
		return nil
	}
	if r.Code == 0 && e.Status.Code >= 400 && e.Status.Code < 600 { // those above are Mailgun's own
		r.Code = e.Status.Code
	}
	return r
}
