package mailer

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// TLSMode says how the connection to the mail server is encrypted.
type TLSMode string

// The modes. Certificates are verified except in TLSOpportunistic: whoever
// could present a false one there could as well hide that TLS is on offer, so
// refusing it would protect nobody and would stop mail through the many local
// servers with a self-made certificate.
const (
	TLSNone          TLSMode = "none"          // never
	TLSOpportunistic TLSMode = "opportunistic" // STARTTLS when the server offers it
	TLSRequired      TLSMode = "required"      // STARTTLS or nothing
	TLSImplicit      TLSMode = "implicit"      // from the first byte: smtps
)

// SMTP is where and how mail is handed over. Printing it shows neither user
// nor password.
type SMTP struct {
	Host     string
	Port     int
	User     string // "" for no authentication
	Password string
	TLS      TLSMode
}

const urlForm = "smtp://user:password@mail.example.org:587?tls=required"

// ParseURL reads the settings from a URL:
//
//	smtp://[user:password@]host[:port][?tls=none|opportunistic|required]
//	smtps://[user:password@]host[:port]
//
// Without tls, smtp means required when there is a password and opportunistic
// when there is none. Without a port it is 465 for smtps, 587 (submission,
// RFC 6409) with a password or with tls=required, else 25, where a mail server
// on the same machine or network listens. A password is accepted only together
// with verified TLS or a loopback host.
//
// The errors are sentences for the person who set the URL; they complete
// "POSTBAG_SMTP_URL ..." and never repeat any part of it, because a mistyped
// password can turn up in any part.
func ParseURL(raw string) (SMTP, error) {
	if strings.TrimSpace(raw) == "" {
		return SMTP{}, errors.New("is empty; it should look like " + urlForm)
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		// The cause quotes what it could not read.
		return SMTP{}, errors.New("cannot be read; it should look like " + urlForm + ", " + encodeHint)
	}
	if u.Scheme != "smtp" && u.Scheme != "smtps" {
		return SMTP{}, errors.New("must begin with smtp:// or smtps://; it should look like " + urlForm)
	}
	if u.Opaque != "" || (u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return SMTP{}, errors.New("has something between the host and ?tls=; it should look like " + urlForm + ", " + encodeHint)
	}
	s := SMTP{Host: u.Hostname()}
	if u.User != nil {
		s.User = u.User.Username()
		s.Password, _ = u.User.Password()
		if s.User == "" || s.Password == "" {
			return SMTP{}, errors.New("needs both a user and a password before the @, or neither")
		}
	}
	if s.TLS, err = tlsOf(u, s.User != ""); err != nil {
		return SMTP{}, err
	}
	if s.Port, err = portOf(u, s); err != nil {
		return SMTP{}, err
	}
	return s, s.Validate()
}

const encodeHint = "with the characters : / ? # [ ] @ % in the user or password written as %3A %2F %3F %23 %5B %5D %40 %25"

func tlsOf(u *url.URL, password bool) (TLSMode, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(query) > 1 || (len(query) == 1 && len(query["tls"]) != 1) {
		return "", errors.New("may have ?tls=none, ?tls=opportunistic or ?tls=required at the end, and nothing else")
	}
	mode := TLSMode(query.Get("tls"))
	if u.Scheme == "smtps" {
		if mode != "" && mode != TLSRequired {
			return "", errors.New("begins with smtps://, which always uses TLS: remove ?tls=, or use smtp://")
		}
		return TLSImplicit, nil
	}
	switch mode {
	case TLSNone, TLSOpportunistic, TLSRequired:
		return mode, nil
	case "":
		if !query.Has("tls") && password {
			return TLSRequired, nil
		}
		if !query.Has("tls") {
			return TLSOpportunistic, nil
		}
	case TLSImplicit:
		return "", errors.New("asks for implicit TLS, which is written smtps://")
	}
	return "", errors.New("has an unknown ?tls=: use none, opportunistic or required")
}

func portOf(u *url.URL, s SMTP) (int, error) {
	if text := u.Port(); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			return 0, errors.New("has a port that is not between 1 and 65535")
		}
		return port, nil
	}
	switch {
	case s.TLS == TLSImplicit:
		return 465, nil
	case s.TLS == TLSRequired, s.User != "":
		return 587, nil
	}
	return 25, nil
}

// Validate reports, in words for the person who set them, what is wrong with
// the settings.
func (s SMTP) Validate() error {
	if s.Host == "" {
		return errors.New("names no host; it should look like " + urlForm)
	}
	if _, err := netip.ParseAddr(s.Host); err != nil && strings.ContainsFunc(s.Host, notInHostName) {
		return errors.New("has a host with characters that no host name has (an international name is written in its xn-- form)")
	}
	if s.Port < 1 || s.Port > 65535 {
		return errors.New("has a port that is not between 1 and 65535")
	}
	switch s.TLS {
	case TLSNone, TLSOpportunistic, TLSRequired, TLSImplicit:
	default:
		return fmt.Errorf("has an unknown TLS mode")
	}
	if (s.User == "") != (s.Password == "") {
		return errors.New("needs both a user and a password, or neither")
	}
	if strings.ContainsAny(s.User+s.Password, "\x00\r\n") {
		return errors.New("has a line break or a NUL in the user or password")
	}
	verified := s.TLS == TLSRequired || s.TLS == TLSImplicit
	if s.User != "" && !verified && !isLoopbackHost(s.Host) {
		return errors.New("would send the password over a connection that may not be encrypted: use ?tls=required or smtps://")
	}
	return nil
}

// Addr returns host:port.
func (s SMTP) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// String returns the settings without user and password.
func (s SMTP) String() string {
	addr := strings.ReplaceAll(s.Addr(), "%", "%25") // before the zone of an IPv6 address: RFC 6874
	if s.TLS == TLSImplicit {
		return "smtps://" + addr
	}
	return "smtp://" + addr + "?tls=" + string(s.TLS)
}

// GoString keeps %#v from printing the password.
func (s SMTP) GoString() string { return s.String() }

// LogValue keeps every slog handler from printing the password.
func (s SMTP) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders, such as JSON, from printing the password.
func (s SMTP) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func notInHostName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}

// isLoopbackHost reports whether a host is certain to be this machine before
// any name is looked up.
func isLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
