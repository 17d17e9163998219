// Package bounce reads what mail servers and people send back to the envelope
// address of a message: delivery reports, automatic answers and replies. It is
// the only importer of emersion's libraries for reading and receiving mail.
//
// Nothing that is read here is trusted: it may say anything, be cut anywhere and
// be nested without end. What it quotes stays with the caller and goes into no
// log.
package bounce

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"

	"postbag/internal/campaign"
)

// MaxMessage is the most bytes of a message that is taken: a reply with a letter
// of some pages attached, and no more.
const MaxMessage = 10 << 20

// Limits on what is looked at of a message. Reports say what they have to say at
// the beginning.
const (
	maxDepth   = 6         // of parts within parts
	maxParts   = 40        // in all
	maxText    = 64 << 10  // bytes of a part's text, decoded
	maxHeaders = 256 << 10 // bytes of the header
)

// ErrNoMessage is returned for what is no message at all.
var ErrNoMessage = errors.New("this is no mail message")

// ErrTooLong is returned for more than MaxMessage bytes.
var ErrTooLong = errors.New("the message is longer than is taken")

// Envelope is what the mail server said of a message.
type Envelope struct {
	From string // empty: nobody, as reports have it, or it is not known
	Null bool   // it said that From is nobody
	To   string // the address that the message came to
}

// ReadAll reads a message of at most MaxMessage bytes.
func ReadAll(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxMessage+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the message: %w", err)
	case len(raw) > MaxMessage:
		return nil, ErrTooLong
	}
	return raw, nil
}

// Read says what a message is. ErrNoMessage if it has no header.
func Read(raw []byte, env Envelope) (campaign.Returned, error) {
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHeaders})
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) || entity.Header.Len() == 0 {
		return campaign.Returned{}, ErrNoMessage
	}
	found := gather(entity)
	r := campaign.Returned{To: env.To, Own: messageID(entity.Header.Get("Message-Id"))}
	r.MessageID = found.about
	r.Identity = identity(entity.Header, raw)
	switch {
	case found.report(&r):
	case looksReturned(entity.Header, env) && readText(found, &r):
	case isAuto(entity.Header, env):
		r.Kind = campaign.ReturnAuto
	default:
		r.Kind = campaign.ReturnReply
	}
	if r.Kind.Answers() {
		r.Raw = raw
	}
	return r, nil
}

// identity stands for a message however often it comes: by what its author wrote,
// without what servers put on it on the way.
func identity(h message.Header, raw []byte) []byte {
	sum := sha256.New()
	for _, name := range []string{"Message-Id", "Date", "From", "Subject"} {
		fmt.Fprintf(sum, "%q\n", strings.Join(strings.Fields(h.Get(name)), " "))
	}
	_, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if plain := bytes.Index(raw, []byte("\n\n")); plain >= 0 && (!ok || plain < len(raw)-len(body)) {
		body = raw[plain+2:]
	}
	sum.Write(bytes.TrimRight(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), "\n"))
	return sum.Sum(nil)
}

// messageID takes the angle brackets off.
func messageID(value string) string {
	value = strings.TrimSpace(value)
	if at := strings.IndexByte(value, '<'); at >= 0 {
		value, _, _ = strings.Cut(value[at+1:], ">")
	}
	return strings.TrimSpace(value)
}

// content is what was found in a message.
type content struct {
	text    string             // its first plain text, or what HTML says without its tags
	html    string             // likewise
	reports []textproto.Header // the fields of delivery reports: first those of the message, then of each recipient
	about   string             // Message-ID of a message that is quoted in it
	parts   int
}

// gather goes through the parts.
func gather(e *message.Entity) *content {
	c := &content{}
	c.walk(e, 0)
	if c.text == "" {
		c.text = untagged(c.html)
	}
	if c.about == "" {
		c.about = quotedID(c.text)
	}
	return c
}

func (c *content) walk(e *message.Entity, depth int) {
	if c.parts++; c.parts > maxParts || depth > maxDepth {
		return
	}
	if r := e.MultipartReader(); r != nil {
		for c.parts <= maxParts {
			part, err := r.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return
			}
			c.walk(part, depth+1)
		}
		return
	}
	kind, _, _ := e.Header.ContentType()
	switch kind = strings.ToLower(kind); kind {
	case "message/delivery-status", "message/global-delivery-status":
		c.reports = append(c.reports, blocks(head(e.Body))...)
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		if c.about == "" && depth > 0 {
			c.about = headerID(head(e.Body))
		}
	case "text/html":
		if c.html == "" {
			c.html = head(e.Body)
		}
	case "text/plain", "":
		if c.text == "" {
			c.text = head(e.Body)
		}
	}
}

// head is the beginning of a body.
func head(r io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(r, maxText)) // what came before an error is still said
	return strings.ToValidUTF8(strings.ReplaceAll(string(b), "\r\n", "\n"), "?")
}
