package bounce

import (
	"bytes"
	"strings"

	"github.com/emersion/go-message"
)

// RecipientOf returns the address that a message came to, as the mail server that
// delivered it wrote at its top; empty: it did not. Of several lines the first is
// the last server's.
func RecipientOf(raw []byte) string {
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHeaders})
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return ""
	}
	for _, name := range []string{"X-Original-To", "Envelope-To", "Delivered-To"} {
		if value := strings.Trim(strings.TrimSpace(entity.Header.Get(name)), "<>"); value != "" {
			return value
		}
	}
	return ""
}
