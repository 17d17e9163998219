package mailer

import (
	"bytes"

	gomail "github.com/wneessen/go-mail"
)

// attachOriginal passes a message on as it came. One of plain lines goes as a
// message; what would need another encoding may not be called one (RFC 2046,
// section 5.2.1), and goes as a file that mail programs open all the same.
func attachOriginal(msg *gomail.Msg, original []byte) {
	const name = "original.eml"
	if lines, ok := plainLines(original); ok {
		msg.AttachReadSeeker(name, bytes.NewReader(lines),
			gomail.WithFileContentType("message/rfc822"), gomail.WithFileEncoding(gomail.NoEncoding))
		return
	}
	msg.AttachReadSeeker(name, bytes.NewReader(original), gomail.WithFileContentType("application/octet-stream"))
}

// plainLines returns a message with its lines ended by \r\n, false if it is not
// of lines that every server takes as they are (RFC 2045, section 2.7).
func plainLines(original []byte) ([]byte, bool) {
	var out bytes.Buffer
	out.Grow(len(original) + len(original)/40)
	for line := range bytes.Lines(original) {
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(line) > 998 || bytes.HasPrefix(line, []byte("From ")) { // which mbox files change
			return nil, false
		}
		for _, c := range line {
			if c == 0 || c == '\r' || c > '~' {
				return nil, false
			}
		}
		out.Write(line)
		out.WriteString("\r\n")
	}
	return out.Bytes(), true
}
