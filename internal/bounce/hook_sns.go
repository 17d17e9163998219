package bounce

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fetcher gets what stands at an https address, following nothing elsewhere.
type Fetcher func(ctx context.Context, address *url.URL) ([]byte, error)

const (
	maxSNS   = 1 << 20 // bytes that it posts
	maxCerts = 16      // that are kept
)

// sns knows Amazon's Simple Notification Service by its signature, made with a
// certificate that is fetched from itself and nowhere else.
type sns struct {
	topics []string
	fetch  Fetcher
	now    func() time.Time

	fetching chan struct{} // holds one while a certificate is fetched

	mu     sync.Mutex
	certs  map[string]*x509.Certificate
	failed map[string]time.Time // addresses of no certificate, and until when none is looked for
}

func newSNS(topics []string, fetch Fetcher, now func() time.Time) *sns {
	return &sns{topics: topics, fetch: fetch, now: now,
		fetching: make(chan struct{}, 1), certs: map[string]*x509.Certificate{}, failed: map[string]time.Time{}}
}

// snsPost is what it posts.
type snsPost struct {
	Type             string
	MessageID        string `json:"MessageId"`
	Token            string
	TopicArn         string
	Subject          *string
	Message          string
	Timestamp        string
	SignatureVersion string
	Signature        string
	SigningCertURL   string
	SubscribeURL     string
}

// The types of what it posts.
const (
	snsNotification = "Notification"
	snsSubscribe    = "SubscriptionConfirmation"
	snsUnsubscribe  = "UnsubscribeConfirmation"
)

// open implements provider. Nothing is fetched for topics that are not ours.
func (s *sns) open(ctx context.Context, _ http.Header, body io.Reader) (told, error) {
	raw, err := readHook(body, maxSNS)
	if err != nil {
		return told{}, err
	}
	var p snsPost
	if err := decode(raw, &p); err != nil {
		return told{}, err
	}
	host, ok := topicHost(p.TopicArn)
	if !ok || !slices.Contains(s.topics, p.TopicArn) {
		return told{}, errHookRefused
	}
	if err := s.check(ctx, p, host); err != nil {
		return told{}, err
	}
	switch p.Type {
	case snsNotification:
		r, err := readSES([]byte(p.Message))
		return told{returned: r, notice: true}, err
	case snsSubscribe:
		return told{}, s.confirm(ctx, p, host)
	}
	return told{}, nil
}

var topicARN = regexp.MustCompile(`^arn:aws:sns:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[A-Za-z0-9_-]{1,256}$`)

// topicHost is where SNS speaks for a topic.
func topicHost(arn string) (string, bool) {
	m := topicARN.FindStringSubmatch(arn)
	if m == nil {
		return "", false
	}
	return "sns." + m[1] + ".amazonaws.com", true
}

// at reads an address that must be of a host by https, and of nothing more.
func at(address, host string) (*url.URL, bool) {
	u, err := url.Parse(address)
	return u, err == nil && u.Scheme == "https" && u.Host == host && u.User == nil && u.Opaque == "" && u.Fragment == ""
}

// signedFields are what the signature of each type is over, in its order.
var signedFields = map[string][]string{
	snsNotification: {"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"},
	snsSubscribe:    {"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"},
	snsUnsubscribe:  {"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"},
}

// signed is the text that a signature is over; empty for a type that is none.
func (p snsPost) signed() string {
	values := map[string]string{
		"Message": p.Message, "MessageId": p.MessageID, "SubscribeURL": p.SubscribeURL, "Timestamp": p.Timestamp,
		"Token": p.Token, "TopicArn": p.TopicArn, "Type": p.Type,
	}
	if p.Subject != nil {
		values["Subject"] = *p.Subject
	}
	var b strings.Builder
	for _, name := range signedFields[p.Type] {
		if value, ok := values[name]; ok {
			b.WriteString(name + "\n" + value + "\n")
		}
	}
	return b.String()
}

// check looks whether SNS signed it.
func (s *sns) check(ctx context.Context, p snsPost, host string) error {
	text := p.signed()
	signature, err := base64.StdEncoding.DecodeString(p.Signature)
	if err != nil || text == "" {
		return errHookRefused
	}
	var hash crypto.Hash
	var sum []byte
	switch p.SignatureVersion {
	case "1": // what topics have unless they are set otherwise
		hash = crypto.SHA1
		s := sha1.Sum([]byte(text))
		sum = s[:]
	case "2":
		hash = crypto.SHA256
		s := sha256.Sum256([]byte(text))
		sum = s[:]
	default:
		return errHookRefused
	}
	key, err := s.key(ctx, p.SigningCertURL, host)
	if err != nil {
		return err
	}
	if rsa.VerifyPKCS1v15(key, hash, sum, signature) != nil {
		return errHookRefused
	}
	return nil
}

var certPath = regexp.MustCompile(`^/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem$`)

// key returns the key of the certificate at an address.
func (s *sns) key(ctx context.Context, address, host string) (*rsa.PublicKey, error) {
	u, ok := at(address, host)
	if !ok || !certPath.MatchString(u.EscapedPath()) || u.RawQuery != "" {
		return nil, errHookRefused
	}
	cert, err := s.certificate(ctx, u)
	if err != nil {
		return nil, err
	}
	now := s.now()
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.certs, address)
		return nil, errHookRefused
	}
	return key, nil
}

// certificate returns what stands at an address. One fetch at a time is under way,
// and what failed is not tried again for a while: whoever knows a topic could have us
// ask without end. What is known waits for no fetch.
func (s *sns) certificate(ctx context.Context, u *url.URL) (*x509.Certificate, error) {
	known := func() (*x509.Certificate, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if cert := s.certs[u.String()]; cert != nil {
			return cert, nil
		}
		if s.now().Before(s.failed[u.String()]) {
			return nil, errCertificate
		}
		return nil, nil
	}
	if cert, err := known(); cert != nil || err != nil {
		return cert, err
	}
	select {
	case s.fetching <- struct{}{}:
		defer func() { <-s.fetching }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if cert, err := known(); cert != nil || err != nil {
		return cert, err
	}
	cert, err := s.fetchCertificate(ctx, u)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		keepFew(s.failed, u.String(), s.now().Add(certWait))
		return nil, err
	}
	keepFew(s.certs, u.String(), cert)
	return cert, nil
}

func (s *sns) fetchCertificate(ctx context.Context, u *url.URL) (*x509.Certificate, error) {
	raw, err := s.fetch(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("fetch the certificate of SNS: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errHookRefused
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errHookRefused
	}
	return cert, nil
}

// keepFew keeps something about an address, and forgets the rest when it is too
// much: the addresses are anybody's.
func keepFew[T any](all map[string]T, address string, about T) {
	if len(all) >= maxCerts {
		clear(all)
	}
	all[address] = about
}

// certWait is how long nothing is fetched from an address that had no certificate.
const certWait = time.Minute

var errCertificate = errors.New("the certificate of SNS could not be fetched just now")

// confirm says that we want what is published under a topic of ours.
func (s *sns) confirm(ctx context.Context, p snsPost, host string) error {
	u, ok := at(p.SubscribeURL, host)
	if !ok || u.Path != "/" || u.Query().Get("Action") != "ConfirmSubscription" || u.Query().Get("TopicArn") != p.TopicArn {
		return errHookRefused
	}
	if _, err := s.fetch(ctx, u); err != nil {
		return fmt.Errorf("confirm a subscription: %w", err)
	}
	return nil
}
