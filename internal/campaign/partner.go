package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// Partner is an organisation that puts the form on its own sites. It is never
// changed once read, so it is safe to share.
type Partner struct {
	Slug      string // its name in addresses and on letters, which never changes
	Name      string
	Website   string            // https
	Origins   []string          // of the sites that may show the form, each as a browser writes it
	Contact   string            // whom to ask there: an email address; may be empty
	Logo      *Picture          // nil: none
	OptIn     map[string]string // by language: what people agree to who want to hear from it; empty: they are not asked
	Version   int               // counts its changes
	CreatedAt time.Time
	RetiredAt time.Time // zero: its embeds work
}

// Retired reports whether the partner's embeds work no more. Letters that it
// brought stay its own.
func (p *Partner) Retired() bool { return !p.RetiredAt.IsZero() }

// MayFrame reports whether pages of the origin may show the partner's embeds.
func (p *Partner) MayFrame(origin string) bool { return slices.Contains(p.Origins, origin) }

// Limits on what is told of a partner, in characters but for the origins.
const (
	MaxPartnerName = 80
	MaxPartnerURL  = 200
	MaxOptIn       = 300
	MaxOrigins     = 10
	maxHost        = 253 // of a name: RFC 1035, 2.3.4, less the dots at its ends
)

// The fields of a partner's form.
const (
	FieldWebsite = "website"
	FieldOrigins = "origins"
	FieldContact = "contact"
	FieldLogo    = "logo"
	FieldOptIn   = "opt_in"
	FieldSlug    = "slug"
)

// PartnerStore keeps partners. Each change writes its entry in the audit log.
type PartnerStore interface {
	// Partners returns every partner by name, retired ones too.
	Partners(ctx context.Context) ([]*Partner, error)

	// PartnersVersion returns a number that changes whenever a partner does.
	PartnersVersion(ctx context.Context) (int64, error)

	// AddPartner keeps a new one. conflict if there is one of that slug.
	AddPartner(ctx context.Context, by account.Actor, p *Partner) error

	// EditPartner changes the one of that slug, of which p.Version was seen.
	// conflict if it is of another version by now; not_found.
	EditPartner(ctx context.Context, by account.Actor, p *Partner) error
}

// ParseOrigin returns the origin of an address as browsers write it:
// "https://www.example.org". Only https will do, but for pages on this very
// machine.
func ParseOrigin(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(u.Host, "* ,;'\"") {
		return "", fmt.Errorf("%q is no address of a website", typed)
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."))
	if ip, ipErr := netip.ParseAddr(u.Hostname()); ipErr == nil {
		host, err = ip.String(), nil
		if ip.Is6() {
			host = "[" + host + "]"
		}
	}
	if err != nil || host == "" || strings.Contains("."+host+".", "..") {
		return "", fmt.Errorf("%q is no address of a website", typed)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname())) {
		return "", fmt.Errorf("%s://%s is not https", u.Scheme, host)
	}
	port := u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) || len(host) > maxHost {
		return "", fmt.Errorf("%q is no address of a website", typed)
	}
	if u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		port = ""
	}
	if port != "" {
		host = host + ":" + port
	}
	return u.Scheme + "://" + host, nil
}

// Loopback reports whether a host is this very machine.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// ownSlugs are names at whose addresses something else stands than a partner:
// /organise/partners/new, /embed/logo/….
var ownSlugs = []string{"new", "logo"}

// tidy returns the partner made fit to be kept and, for every field that will
// not do, the key of the sentence beside it.
func (p Partner) tidy() (*Partner, map[string]string) {
	problems := map[string]string{}
	if p.Slug = strings.TrimSpace(p.Slug); !ValidSlug(p.Slug) {
		problems[FieldSlug] = "desk.error.partner_slug"
	} else if slices.Contains(ownSlugs, p.Slug) {
		problems[FieldSlug] = "desk.error.partner_slug_ours"
	}
	if p.Name = tidyLine(p.Name); p.Name == "" || utf8.RuneCountInString(p.Name) > MaxPartnerName {
		problems[FieldName] = "desk.error.partner_name"
	}
	if p.Website = strings.TrimSpace(p.Website); p.Website != "" && !strings.Contains(p.Website, "://") { // as people write it
		p.Website = "https://" + p.Website
	}
	website, err := url.Parse(p.Website)
	if err != nil || website.Scheme != "https" || website.Hostname() == "" || website.User != nil || len(p.Website) > MaxPartnerURL {
		problems[FieldWebsite] = "desk.error.partner_website"
	} else {
		p.Website = website.String()
	}
	var origins []string
	for _, typed := range p.Origins {
		if strings.TrimSpace(typed) == "" {
			continue
		}
		origin, err := ParseOrigin(typed)
		if err != nil {
			problems[FieldOrigins] = "desk.error.partner_origin"
			continue
		}
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	switch {
	case problems[FieldOrigins] != "":
	case len(origins) == 0:
		problems[FieldOrigins] = "desk.error.partner_origins"
	case len(origins) > MaxOrigins:
		problems[FieldOrigins] = "desk.error.partner_too_many"
	default:
		p.Origins = origins
	}
	if p.Contact = strings.TrimSpace(p.Contact); p.Contact != "" {
		if address, problem := checkEmail(p.Contact); problem != "" {
			problems[FieldContact] = "desk.error.partner_contact"
		} else {
			p.Contact = address
		}
	}
	optIn := map[string]string{}
	for lang, text := range p.OptIn {
		if text = tidyLine(text); text != "" {
			optIn[lang] = text
		}
		if utf8.RuneCountInString(text) > MaxOptIn {
			problems[FieldOptIn] = "desk.error.partner_opt_in"
		}
	}
	p.OptIn = optIn
	return &p, problems
}

// AddPartner keeps a new partner. invalid with the fields that will not do;
// conflict, at its slug, if there is one of that slug.
func (s *Service) AddPartner(ctx context.Context, by account.Actor, p Partner) error {
	return s.savePartner(ctx, by, p, s.store.AddPartner)
}

// EditPartner changes a partner but for its slug. invalid with the fields that
// will not do; conflict if somebody else changed it since p.Version; not_found.
func (s *Service) EditPartner(ctx context.Context, by account.Actor, p Partner) error {
	return s.savePartner(ctx, by, p, s.store.EditPartner)
}

func (s *Service) savePartner(ctx context.Context, by account.Actor, p Partner, save func(context.Context, account.Actor, *Partner) error) error {
	tidy, problems := p.tidy()
	if len(problems) > 0 {
		return fault.Fieldwise(problems)
	}
	if err := save(ctx, by, tidy); err != nil {
		return fmt.Errorf("save partner: %w", err)
	}
	return s.refreshPartners(ctx)
}

// NewLogo reads a partner's logo from the bytes of a PNG or JPEG file; of one that
// has more than MaxLogo, its beginning will do. The error
// is fit for whoever chose it.
func NewLogo(data []byte) (*Picture, error) {
	p, err := newPicture(data)
	if err == nil {
		err = p.checkNotes()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// KeptLogo is NewLogo for a logo that is kept already: notes in it were let pass
// once.
func KeptLogo(data []byte) (*Picture, error) { return newPicture(data) }

// knownPartners are the partners as last read.
type knownPartners struct {
	version int64
	all     []*Partner
	bySlug  map[string]*Partner
}

// refreshPartners reads the partners again if they have changed.
func (s *Service) refreshPartners(ctx context.Context) error {
	version, err := s.store.PartnersVersion(ctx)
	if err != nil {
		return fmt.Errorf("refresh partners: %w", err)
	}
	if have := s.partners.Load(); have != nil && have.version == version {
		return nil
	}
	all, err := s.store.Partners(ctx)
	if err != nil {
		return fmt.Errorf("refresh partners: %w", err)
	}
	known := &knownPartners{version: version, all: all, bySlug: make(map[string]*Partner, len(all))}
	for _, p := range all {
		known.bySlug[p.Slug] = p
	}
	s.partners.Store(known)
	return nil
}

// Partners returns every partner by name, retired ones too.
func (s *Service) Partners() []*Partner { return s.partners.Load().all }

// AnyPartner returns a partner, be it retired; not_found.
func (s *Service) AnyPartner(slug string) (*Partner, error) {
	if p, ok := s.partners.Load().bySlug[slug]; ok {
		return p, nil
	}
	return nil, fault.New(fault.NotFound, "error.no_partner")
}

// Partner returns a partner whose embeds work; not_found.
func (s *Service) Partner(slug string) (*Partner, error) {
	p, err := s.AnyPartner(slug)
	if err == nil && p.Retired() {
		return nil, fault.New(fault.NotFound, "error.no_partner")
	}
	return p, err
}

// JSON is the partner as the audit log tells of it: nothing of what it looks
// like, and no person.
func (p *Partner) JSON() string {
	text, err := json.Marshal(map[string]any{"name": p.Name, "website": p.Website, "origins": p.Origins, "opt_in": p.OptIn, "retired": p.Retired()})
	if err != nil {
		return "" // strings alone can always be written
	}
	return string(text)
}

// CheckPartner returns what is wrong with a partner's fields, as saving it would;
// nil: nothing.
func (s *Service) CheckPartner(p Partner) error {
	if _, problems := p.tidy(); len(problems) > 0 {
		return fault.Fieldwise(problems)
	}
	return nil
}

// MaxLogo is the most bytes of a partner's logo.
const MaxLogo = maxPictureBytes
