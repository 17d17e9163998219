package bounce

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"

	"postbag/internal/campaign"
)

// PostmarkHeader makes Postmark repeat the token of a message in what it tells of
// it: it puts an envelope and a Message-ID of its own on every message.
const PostmarkHeader = "X-PM-Metadata-" + postmarkField

const postmarkField = "postbag"

// maxPostmark is the most bytes that it posts: a message that came in, in JSON.
const maxPostmark = 2*MaxMessage + 64<<10

// postmark knows Postmark by the user and password in the address that it posts to:
// it signs nothing.
type postmark struct{ login [sha256.Size]byte }

func newPostmark(login string) *postmark { return &postmark{sha256.Sum256([]byte(login))} }

// open implements provider. Nothing is read for whoever does not know the password.
func (p *postmark) open(_ context.Context, header http.Header, body io.Reader) (told, error) {
	scheme, given, _ := strings.Cut(header.Get("Authorization"), " ")
	login, err := base64.StdEncoding.DecodeString(strings.TrimSpace(given))
	sum := sha256.Sum256(login)
	if subtle.ConstantTimeCompare(sum[:], p.login[:]) == 0 || err != nil || !strings.EqualFold(scheme, "Basic") {
		return told{}, errHookRefused
	}
	raw, err := readHook(body, maxPostmark)
	if err != nil {
		return told{}, err
	}
	r, err := readPostmark(raw)
	return told{returned: r}, err
}

// postmarkEvent is what it posts, as far as it is read.
type postmarkEvent struct {
	RecordType string
	ID         int64
	MessageID  string // Postmark's own
	Type       string
	Details    string
	Content    string // what came back, if the hook is set up so
	Metadata   map[string]string

	OriginalRecipient string // of a message that came in
	RawEmail          string
}

// postmarkTypes are the bounces after which a message will not be delivered, with
// the status code that they come nearest to.
var postmarkTypes = map[string]string{
	"HardBounce": "5.1.1", "BadEmailAddress": "5.1.3", "SoftBounce": "4.0.0", "DnsError": "4.4.3", "Unknown": "5.0.0",
	"SpamNotification": "5.7.1", "VirusNotification": "5.7.1", "Blocked": "5.7.1", "DMARCPolicy": "5.7.1",
	"ManuallyDeactivated": "5.7.1", "SMTPApiError": "5.0.0",
}

// readPostmark reads what Postmark posts; nil for what concerns no message of ours.
func readPostmark(raw []byte) (*campaign.Returned, error) {
	var e postmarkEvent
	if err := decode(raw, &e); err != nil {
		return nil, err
	}
	r := &campaign.Returned{
		Token:    e.Metadata[postmarkField],
		Identity: hookIdentity(Postmark, e.RecordType, e.Type, e.MessageID, strconv.FormatInt(e.ID, 10)),
	}
	switch e.RecordType {
	case "", "Inbound":
		return readPostmarkInbound(e)
	case "Delivery", "SpamComplaint": // whoever complains has it
		r.Kind = campaign.ReturnDelivered
	case "Bounce":
		otherwise, final := postmarkTypes[e.Type]
		switch {
		case final:
			failed(r, "", otherwise, e.Details)
		case e.Type == "Transient":
			r.Kind = campaign.ReturnDelayed
			reason(r, "", e.Details)
		case e.Type == "AutoResponder":
			answered(r, e.Content)
		default:
			return nil, nil
		}
	default:
		return nil, nil
	}
	if r.Token == "" {
		return nil, nil // another program's
	}
	return r, nil
}

// readPostmarkInbound reads a message that came to an address of ours at Postmark.
func readPostmarkInbound(e postmarkEvent) (*campaign.Returned, error) {
	if e.OriginalRecipient == "" || e.RawEmail == "" {
		return nil, errHookUnreadable
	}
	if len(e.RawEmail) > MaxMessage {
		return nil, ErrTooLong
	}
	r, err := Read([]byte(e.RawEmail), Envelope{To: e.OriginalRecipient})
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// answered fills in an automatic answer. Where the hook brings no message it tells
// only that the letter arrived.
func answered(r *campaign.Returned, content string) {
	r.Kind = campaign.ReturnDelivered
	if len(content) > MaxMessage {
		return
	}
	if whole, err := Read([]byte(content), Envelope{}); err == nil && whole.Kind.Answers() {
		r.Kind, r.Own, r.Raw, r.Identity = campaign.ReturnAuto, whole.Own, whole.Raw, whole.Identity
	}
}
