// Package config reads the settings from the environment into one validated
// value. Every problem is reported at once, with what to do about it.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"postbag/internal/campaign"
)

// The environments.
const (
	Development = "development"
	Production  = "production"
)

// minSecret is the least length of POSTBAG_SECRET in characters; `openssl rand
// -base64 32` gives 44.
const minSecret = 32

// Config is every setting, validated. Printing it shows no secret.
type Config struct {
	Env           string // Development or Production
	Addr          string // host:port to listen on
	BaseURL       string // without a slash at the end; empty in development: as it listens
	DataDir       string
	Secret        Secret // empty in development: one is made in DataDir
	SMTPURL       Secret // empty in development: mail is captured
	MailFrom      string // the address that all mail comes from
	Postcodes     string // an index file in place of the embedded one; empty: the embedded one
	TestRecipient string // gets every letter in place of the MPs; empty: none
	MembersAPI    string // where Parliament's list of members is, without a slash at the end

	Proxies         []netip.Prefix // that are believed about whom they speak for, besides those on this machine
	SecurityContact string         // an email address or an https one, for whoever finds a weakness; empty: Contact, else MailFrom

	BounceAddress string   // where what comes back to a message is sent, before its token is added; empty: MailFrom
	BounceListen  string   // where it is received, such as lmtp://127.0.0.1:2525; empty: nowhere
	HookPostmark  Secret   // user:password with which Postmark tells what became of mail; empty: it does not
	HookMailgun   Secret   // the key that Mailgun signs with; empty: it tells nothing
	HookSES       []string // the topics of Amazon SNS under which SES publishes it, by ARN

	Pace          campaign.Pace // of letters to each MP
	SMTPPerMinute int           // messages to the mail server; 0: as many as it takes
	Connections   int           // to the mail server at a time
	PerDomain     int           // of those, for recipients of one domain; 0: all

	Contact string // whom to ask about data: an email address, or an address with https; empty: the organisers

	Limits     campaign.Limits // of abuse checks, where organisers set none
	Bounds     campaign.Limits // the most that organisers can set
	Disposable string          // a file of mail domains whose addresses are refused; empty: none

	DKIM []DKIMKey // what all mail is signed with; none: it is not signed
}

// Secret is text that is not shown when it is printed or logged.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[hidden]"
}

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Production reports whether this is the real thing.
func (c Config) Production() bool { return c.Env == Production }

// Captured reports whether mail is kept and shown instead of sent.
func (c Config) Captured() bool { return c.SMTPURL == "" }

// MailDomain returns what stands after the @ of MailFrom.
func (c Config) MailDomain() string {
	return c.MailFrom[strings.LastIndexByte(c.MailFrom, '@')+1:]
}

// Environment is where settings come from: os.LookupEnv, or a test's map.
type Environment func(name string) (string, bool)

// loader collects problems while it reads.
type loader struct {
	env      Environment
	problems []string
}

func (l *loader) problem(name, format string, args ...any) {
	l.problems = append(l.problems, name+" "+fmt.Sprintf(format, args...))
}

// get returns a setting.
func (l *loader) get(name, otherwise string) string {
	if value, _ := l.env(name); value != "" {
		return value
	}
	return otherwise
}

// secret returns a setting from NAME or from the file that NAME_FILE names, as
// secrets are handed to containers.
func (l *loader) secret(name string) Secret {
	value := l.get(name, "")
	path := l.get(name+"_FILE", "")
	switch {
	case value != "" && path != "":
		l.problem(name, "is set twice, also as %s_FILE: keep one of them", name)
	case path != "":
		content, err := os.ReadFile(path)
		if err != nil {
			l.problem(name+"_FILE", "cannot be read: %v", errors.Unwrap(err))
			return ""
		}
		value = strings.TrimSpace(string(content))
		if value == "" {
			l.problem(name+"_FILE", "names an empty file")
		}
	}
	return Secret(value)
}

// Load reads and checks every setting. CheckSMTP says what is wrong with an
// SMTP address, in words that complete "POSTBAG_SMTP_URL ".
func Load(env Environment, checkSMTP func(string) error) (Config, error) {
	l := &loader{env: env}
	c := Config{
		Env:           l.get("POSTBAG_ENV", Development),
		Addr:          l.get("POSTBAG_ADDR", "127.0.0.1:8080"),
		BaseURL:       strings.TrimSuffix(l.get("POSTBAG_BASE_URL", ""), "/"),
		DataDir:       l.get("POSTBAG_DATA_DIR", "./data"),
		Secret:        l.secret("POSTBAG_SECRET"),
		SMTPURL:       l.secret("POSTBAG_SMTP_URL"),
		MailFrom:      l.get("POSTBAG_MAIL_FROM", ""),
		Postcodes:     l.get("POSTBAG_POSTCODES", ""),
		TestRecipient: l.get("POSTBAG_TEST_RECIPIENT", ""),
		MembersAPI:    strings.TrimSuffix(l.get("POSTBAG_MEMBERS_API", "https://members-api.parliament.uk"), "/"),
	}
	l.delivery(&c)
	l.abuse(&c)
	l.bounces(&c)
	c.Proxies = l.proxies()
	c.SecurityContact = l.contact("POSTBAG_SECURITY_CONTACT", "where weaknesses can be reported")
	c.Contact = l.contact("POSTBAG_CONTACT", "that says whom people ask about their data")
	switch c.Env {
	case Development, Production:
	default:
		l.problem("POSTBAG_ENV", "is %q; it must be development or production", c.Env)
	}
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || !isPort(port) {
		l.problem("POSTBAG_ADDR", "is %q; it must be an address to listen on, such as 127.0.0.1:8080 or :8080", c.Addr)
	}
	l.checkBaseURL(c)
	l.checkSecret(c.Secret)
	if u, err := url.Parse(c.MembersAPI); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		l.problem("POSTBAG_MEMBERS_API", "is %q; it must be where the Members API is, such as https://members-api.parliament.uk", c.MembersAPI)
	}
	if c.SMTPURL != "" {
		if err := checkSMTP(string(c.SMTPURL)); err != nil {
			l.problem("POSTBAG_SMTP_URL", "%v", err)
		}
	}
	if c.Production() {
		l.checkProduction(c)
	}
	if c.MailFrom == "" && c.Captured() && !c.Production() {
		c.MailFrom = "letters@postbag.invalid" // never leaves: mail is captured (RFC 2606)
	}
	switch {
	case c.MailFrom == "":
		l.problem("POSTBAG_MAIL_FROM", "is missing; set it to the address that letters are sent from, such as letters@example.org")
	case !bareAddress(c.MailFrom):
		l.problem("POSTBAG_MAIL_FROM", "is %q; it must be one email address and nothing else, such as letters@example.org", c.MailFrom)
	case !ascii(c.MailFrom):
		l.problem("POSTBAG_MAIL_FROM", "is %q; it must have nothing but ASCII characters, because many mail servers take no others (write an international domain in its xn-- form)", c.MailFrom)
	}
	c.DKIM = l.dkim()
	l.checkFile("POSTBAG_POSTCODES", c.Postcodes, "name a file that \"postbag postcodes build\" made, or unset it to use the embedded one", "name the index file in it")
	l.checkFile("POSTBAG_DISPOSABLE_DOMAINS", c.Disposable, "name a file with a mail domain on each line, or unset it", "name the file in it")
	if c.TestRecipient != "" && !bareAddress(c.TestRecipient) {
		l.problem("POSTBAG_TEST_RECIPIENT", "is %q; it must be one email address and nothing else", c.TestRecipient)
	}
	if len(l.problems) > 0 {
		return Config{}, fmt.Errorf("the settings need a change:\n  %s", strings.Join(l.problems, "\n  "))
	}
	return c, nil
}

// delivery reads how fast mail goes.
func (l *loader) delivery(c *Config) {
	perHour := 60
	if c.Captured() {
		perHour = 0 // it reaches nobody's office
	}
	c.Pace.PerHour = l.number("POSTBAG_MP_PER_HOUR", perHour, 0, campaign.MaxPerHour, "letters to one MP in an hour; 0: as many as there are")
	c.SMTPPerMinute = l.number("POSTBAG_SMTP_PER_MINUTE", 0, 0, 1_000_000, "messages to the mail server in a minute; 0: as many as it takes")
	c.Connections = l.number("POSTBAG_SMTP_CONNECTIONS", 4, 1, 100, "connections to the mail server at a time")
	c.PerDomain = l.number("POSTBAG_SMTP_PER_DOMAIN", 0, 0, 100, "messages under way to addresses of one domain; 0: as many as there are connections")
	var err error
	if c.Pace.Office, err = campaign.ParseOfficeHours(l.get("POSTBAG_OFFICE_HOURS", "")); err != nil {
		l.problem("POSTBAG_OFFICE_HOURS", "%v", err)
	}
	if c.Pace.Dissolved, err = campaign.ParseDays(l.get("POSTBAG_DISSOLVED", "")); err != nil {
		l.problem("POSTBAG_DISSOLVED", "%v", err)
	}
}

// bounces reads where what comes back goes.
func (l *loader) bounces(c *Config) {
	l.hooks(c)
	c.BounceAddress = l.get("POSTBAG_BOUNCE_ADDRESS", "")
	c.BounceListen = l.get("POSTBAG_BOUNCE_LISTEN", "")
	if c.BounceAddress == "" {
		if c.BounceListen != "" {
			l.problem("POSTBAG_BOUNCE_ADDRESS", "is missing; to receive what comes back, set it to an address such as bounces@letters.example.org")
		}
		return
	}
	if err := campaign.CheckReturnAddress(c.BounceAddress); err != nil {
		l.problem("POSTBAG_BOUNCE_ADDRESS", "%v", err)
	}
}

// number reads a whole number within limits. What completes "it must be a number
// from 1 to 9: ".
func (l *loader) number(name string, otherwise, least, most int, what string) int {
	value := l.get(name, strconv.Itoa(otherwise))
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		l.problem(name, "is %q; it must be a number from %d to %d: %s", value, least, most, what)
	}
	return n
}

// LoadSecret reads and checks the secret alone, for commands that need no other
// setting; empty: there is none.
func LoadSecret(env Environment) (Secret, error) {
	l := &loader{env: env}
	secret := l.secret("POSTBAG_SECRET")
	l.checkSecret(secret)
	if len(l.problems) > 0 {
		return "", fmt.Errorf("the settings need a change:\n  %s", strings.Join(l.problems, "\n  "))
	}
	return secret, nil
}

func (l *loader) checkSecret(secret Secret) {
	if secret == "" {
		return
	}
	if err := CheckSecret(string(secret)); err != nil {
		l.problem("POSTBAG_SECRET", "%v", err)
	}
}

// CheckSecret says what is wrong with a secret, in words that complete "POSTBAG_SECRET ".
func CheckSecret(secret string) error {
	if len(secret) < minSecret {
		return fmt.Errorf("has %d characters; it needs at least %d (make one with: openssl rand -base64 32)", len(secret), minSecret)
	}
	return nil
}

// siteHost is a name as the DNS has it, or an address, with or without a port: what
// links are made of and cookies are set for.
var siteHost = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

func (l *loader) checkBaseURL(c Config) {
	if c.BaseURL == "" {
		return
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || !siteHost.MatchString(u.Host) {
		l.problem("POSTBAG_BASE_URL", "is %q; it must be the address of the site without a path, such as https://letters.example.org", c.BaseURL)
	}
}

// checkFile looks whether a file can be read; what it holds is checked when it is
// opened.
func (l *loader) checkFile(name, path, otherwise, inFolder string) {
	if path == "" {
		return
	}
	f, err := os.Open(path)
	if err != nil {
		l.problem(name, "is %q, which cannot be read (%v); %s", path, errors.Unwrap(err), otherwise)
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		l.problem(name, "is %q, which is a folder; %s", path, inFolder)
	}
}

func (l *loader) checkProduction(c Config) {
	if c.Secret == "" {
		l.problem("POSTBAG_SECRET", "is missing; production needs one (make it with: openssl rand -base64 32). Keep a copy apart from the data: without it, letters on their way cannot be read")
	}
	switch {
	case c.BaseURL == "":
		l.problem("POSTBAG_BASE_URL", "is missing; production needs the https address of the site, such as https://letters.example.org")
	case strings.HasPrefix(c.BaseURL, "http://"): // of anything else it is said already
		l.problem("POSTBAG_BASE_URL", "is %q; production needs an address that begins with https://", c.BaseURL)
	}
	if c.SMTPURL == "" {
		l.problem("POSTBAG_SMTP_URL", "is missing; production needs a mail server, such as smtp://user:password@mail.example.org:587?tls=required")
	}
}

// isPort reports whether it is the number of a port; 0 is any that is free.
func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func bareAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && !strings.ContainsAny(s, "\r\n")
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
