package testkit

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
)

// Part returns the first part of the message that has the media type, decoded
// and with its lines ended by \n, wherever it stands; "" if there is none.
func (m SMTPMessage) Part(tb testing.TB, mediaType string) string {
	tb.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		tb.Fatalf("read the message: %v", err)
	}
	text, err := partOf(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body, mediaType)
	if err != nil {
		tb.Fatalf("read the message: %v", err)
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}

func partOf(contentType, encoding string, body io.Reader, want string) (string, error) {
	have, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(have, "multipart/") {
		if have != want {
			return "", nil
		}
		if strings.EqualFold(encoding, "quoted-printable") {
			body = quotedprintable.NewReader(body)
		}
		text, err := io.ReadAll(body)
		return string(text), err
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		text, err := partOf(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part, want)
		if err != nil || text != "" {
			return text, err
		}
	}
}
