package app

import (
	"bytes"
	"io"
	"mime"
	"strings"

	"github.com/emersion/go-message"

	"postbag/internal/view"
)

// readMail reads a captured mail as a mail program would show it.
func readMail(raw []byte) (view.DevMail, error) {
	msg, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return view.DevMail{}, err
	}
	text, err := plainText(msg)
	if err != nil {
		return view.DevMail{}, err
	}
	header := func(name string) string {
		value := msg.Header.Get(name)
		if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
			return decoded
		}
		return value
	}
	return view.DevMail{
		From: header("From"), To: header("To"), ReplyTo: header("Reply-To"), Subject: header("Subject"),
		Text: strings.ReplaceAll(text, "\r\n", "\n"), Raw: string(raw),
	}, nil
}

// plainText returns the first plain text of a message.
func plainText(msg *message.Entity) (string, error) {
	var text []byte
	err := msg.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		if kind, _, err := part.Header.ContentType(); err != nil || kind != "text/plain" || text != nil {
			return err
		}
		text, err = io.ReadAll(part.Body)
		return err
	})
	return string(text), err
}
