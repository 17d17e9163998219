// Package app builds, starts and stops the program as a value: the command and
// the browser tests run the same thing.
package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"postbag/assets"
	"postbag/db"
	"postbag/internal/account"
	"postbag/internal/auth"
	"postbag/internal/bounce"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/mailer"
	"postbag/internal/outbox"
	"postbag/internal/postcode"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/view"
	"postbag/internal/web"
	"postbag/templates"
)

// Options are what an App is made of. Config and Log are needed.
type Options struct {
	Config config.Config
	Log    *slog.Logger
	Clock  outbox.Clock   // nil: the real one
	Roots  *x509.CertPool // who signs the mail server's certificate; nil: the system's

	// Reload reads templates and assets from these directories for every page,
	// for work on them; nil: the embedded ones.
	Templates, Assets fs.FS

	// View is a renderer that has read the embedded templates and assets already,
	// for whoever starts many programs; nil: they are read.
	View *view.Renderer

	// MailTimeouts bound the steps of sending; zero: the mailer's own.
	MailTimeouts mailer.Timeouts
}

// Times and sizes of the running program.
const (
	shutdownGrace = 15 * time.Second // for requests, and then for mails, under way
	tickEvery     = time.Minute
	lookFor       = 3 * time.Second // through the database, before it is used
	dropEvery     = time.Hour       // backups from before an upgrade
	refreshEvery  = 5 * time.Second // another process may import MPs, or make a key
	stepsEvery    = 5 * time.Second // what a crash forgets of how far visitors came
	connections   = 4               // to the mail server, and so mails under way, where the settings do not say
)

// App is the whole program, ready to run.
type App struct {
	cfg      config.Config
	log      *slog.Logger
	clock    outbox.Clock
	store    *store.Store
	keys     *seal.Keys
	service  *campaign.Service
	accounts *account.Service
	sync     *campaign.RosterSync
	worker   *outbox.Worker
	notices  *outbox.Worker // mail to those who run campaigns
	sender   *mailer.Sender // nil when mail is captured
	server   *http.Server
	bounces  *bounce.Listener // for what comes back; nil: it comes another way
	database readiness
	listener net.Listener
	baseURL  string
	firstURL string // where the first account is made; empty: there is one
}

// New opens the database, loads everything that ships with the program at the
// first start, and listens. Whoever calls it calls Run or Close.
func New(ctx context.Context, o Options) (*App, error) {
	a := &App{cfg: o.Config, log: o.Log, clock: o.Clock, baseURL: o.Config.BaseURL}
	if a.clock == nil {
		a.clock = RealClock{}
	}
	if err := a.build(ctx, o); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) build(ctx context.Context, o Options) error {
	var err error
	if a.listener, err = net.Listen("tcp", a.cfg.Addr); err != nil {
		return fmt.Errorf("listen on %s (is another Postbag running? set POSTBAG_ADDR to use another port): %w", a.cfg.Addr, err)
	}
	if a.baseURL == "" {
		a.baseURL = baseURLOf(a.listener.Addr())
	}
	index, err := OpenIndex(a.cfg)
	if err != nil {
		return err
	}
	if a.store, err = openStore(ctx, a.cfg, a.log, a.clock.Now, lookFor); err != nil {
		return err
	}
	if a.cfg.Connections == 0 {
		a.cfg.Connections = connections
	}
	a.database.ping, a.database.now = a.store.Ping, a.clock.Now
	keys, err := OpenKeys(ctx, a.cfg, a.store)
	if err != nil {
		return err
	}
	a.keys = keys
	renderer, err := newRenderer(o, a.baseURL)
	if err != nil {
		return err
	}
	domains, err := readDomains(a.cfg)
	if err != nil {
		return err
	}
	returns, err := campaign.NewReturnPath(keys, a.cfg.BounceAddress)
	if err != nil {
		return err
	}
	a.service, err = campaign.NewService(ctx, campaign.Options{
		Store: a.store, Keys: keys, Postcodes: index, Words: renderer, MailDomain: a.cfg.MailDomain(),
		Now: a.clock.Now, Log: a.log, Wake: func() { a.worker.Wake() }, Pace: a.cfg.Pace,
		Returns: returns, Testing: a.cfg.TestRecipient != "", Limits: a.cfg.Limits, Bounds: a.cfg.Bounds, Disposable: domains,
	})
	if err != nil {
		return err
	}
	if err := a.listenForBounces(); err != nil {
		return err
	}
	a.store.SetJudge(a.service.Judge)
	a.sync = campaign.NewRosterSync(a.service, a.membersAPI)
	archive := &archive{store: a.store, keys: keys}
	transport, err := a.transport(o, archive)
	if err != nil {
		return err
	}
	a.worker = outbox.New(a.store, &mailer.Post{
		Transport: transport, Keys: keys, Words: renderer, Campaigns: a.service, BaseURL: a.BaseURL, Returns: returns,
	}, a.clock, a.log, a.cfg.Connections, shutdownGrace)
	// Its own worker: a thousand letters that wait hold up no link to sign in by.
	a.notices = outbox.New(a.store.AccountMail(), &mailer.AccountPost{
		Transport: transport, Keys: keys, Words: renderer, BaseURL: a.BaseURL,
	}, a.clock, a.log, 1, shutdownGrace)
	hexes, err := EmbeddedMap()
	if err != nil {
		return fmt.Errorf("read the hex map: %w", err)
	}
	a.accounts = account.NewService(account.Options{
		Store: a.store, Passwords: auth.NewPasswords(), Codes: auth.Codes{}, Keys: keys, Now: a.clock.Now,
		Site: renderer.Site(), Words: a.campaignTitles, MailDomain: a.cfg.MailDomain(), Wake: a.notices.Wake,
	})
	if err := a.makeFirst(ctx); err != nil {
		return err
	}
	sessions := auth.NewSessions(a.store, strings.HasPrefix(a.baseURL, "https://"), a.clock.Now)
	wo := web.Options{
		Accounts: a.accounts, Sessions: sessions, Sync: a.sync,
		Hosts: hosts(a.cfg), Hooks: a.hooks(), Service: a.service, View: renderer, Map: hexes, Log: a.log, Ready: a.ready,
		Captured: a.cfg.Captured(), TestMode: a.cfg.TestRecipient != "", TestRecipient: a.cfg.TestRecipient, Notice: notice(a.cfg), Production: a.cfg.Production(),
		Reload: o.Templates != nil, Proxies: a.cfg.Proxies, SecurityContact: cmp.Or(a.cfg.SecurityContact, a.cfg.Contact, a.cfg.MailFrom), Now: a.clock.Now,
	}
	if a.cfg.Captured() {
		wo.Mail = archive
	}
	a.server = web.New(wo).HTTP()
	return nil
}

// notice is what the privacy notice says of the settings in force.
func notice(cfg config.Config) web.Notice {
	n := web.Notice{Contact: cfg.Contact, Apart: cfg.Secret != ""}
	if u, err := url.Parse(string(cfg.SMTPURL)); err == nil {
		n.Relay = u.Hostname()
	}
	for _, p := range []struct {
		name string
		used bool
	}{{"Postmark", cfg.HookPostmark != ""}, {"Mailgun", cfg.HookMailgun != ""}, {"Amazon SES", len(cfg.HookSES) > 0}} {
		if p.used {
			n.Providers = append(n.Providers, p.name)
		}
	}
	return n
}

// campaignTitles are what campaigns are called, in every language.
func (a *App) campaignTitles() (titles []string) {
	for _, c := range a.service.Campaigns() {
		titles = append(titles, c.Slug)
		for _, text := range c.Texts {
			titles = append(titles, text.Title)
		}
	}
	return titles
}

func newRenderer(o Options, base string) (*view.Renderer, error) {
	var from, styled fs.FS = templates.FS, assets.FS
	switch {
	case o.Templates != nil:
		from, styled = o.Templates, o.Assets
	case o.View != nil:
		return o.View.At(base), nil
	}
	return view.New(from, styled, view.Options{Base: base, Reload: o.Templates != nil})
}

// transport is where mail goes: to the mail server, or into the database.
func (a *App) transport(o Options, archive *archive) (mailer.Transport, error) {
	keys, err := ReadDKIM(a.cfg)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.Exposed {
			a.log.Warn("others may read or change a DKIM key: chmod 600", "selector", k.Selector)
		}
	}
	if a.cfg.Captured() {
		return mailer.NewCapture(a.cfg.MailFrom, a.cfg.TestRecipient, archive, a.clock.Now)
	}
	server, err := mailer.ParseURL(string(a.cfg.SMTPURL))
	if err != nil {
		return nil, fmt.Errorf("POSTBAG_SMTP_URL %w", err)
	}
	a.sender, err = mailer.NewSender(mailer.Options{
		SMTP: server, From: a.cfg.MailFrom, TestRecipient: a.cfg.TestRecipient, Connections: a.cfg.Connections, PerDomain: a.cfg.PerDomain,
		Signer: mailer.NewSigner(a.cfg.MailDomain(), keys), TokenHeader: tokenHeader(a.cfg),
		// Real MPs' addresses are in the data: outside production no mail may
		// leave this machine.
		LoopbackOnly: !a.cfg.Production(),
		RootCAs:      o.Roots, Timeouts: o.MailTimeouts,
	})
	if err != nil {
		return nil, err
	}
	return a.sender, nil
}

// OpenIndex opens the postcode index that the settings name.
func OpenIndex(cfg config.Config) (*postcode.Index, error) {
	data, name, err := indexFile(cfg)
	if err != nil {
		return nil, err
	}
	index, err := postcode.Open(data)
	if err != nil {
		return nil, fmt.Errorf("postcode index %s: %w", name, err)
	}
	return index, nil
}

// OpenStore opens the database of the settings and, at the first start, fills
// it with what ships with the program.
func OpenStore(ctx context.Context, cfg config.Config, log *slog.Logger, now func() time.Time) (*store.Store, error) {
	return openStore(ctx, cfg, log, now, 0)
}

// openStore looks the database through first for as long as it may take.
func openStore(ctx context.Context, cfg config.Config, log *slog.Logger, now func() time.Time, look time.Duration) (*store.Store, error) {
	migrations, err := fs.Sub(db.FS, "migrations")
	if err != nil {
		return nil, err
	}
	delivery := store.Delivery{Pace: cfg.Pace, PerMinute: cfg.SMTPPerMinute}
	if cfg.MailFrom != "" { // some commands know no more than where the data is
		delivery.MessageID = func() string { return campaign.NewMessageID(cfg.MailDomain()) }
	}
	s, err := store.Open(ctx, store.Options{Dir: cfg.DataDir, Migrations: migrations, Now: now, Log: log, Delivery: delivery, Look: look})
	if errors.Is(err, store.ErrSetUp) {
		err = config.Wrong(err)
	}
	if err != nil {
		return nil, err
	}
	if err := seed(ctx, s); err != nil {
		return nil, errors.Join(fmt.Errorf("first start: %w", err), s.Close())
	}
	return s, nil
}

// BaseURL returns the site's address without a slash at the end.
func (a *App) BaseURL() string { return a.baseURL }

func baseURLOf(addr net.Addr) string {
	host, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Addr returns the address that the program listens on, host and port.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Handler gives benchmarks everything behind the listener.
func (a *App) Handler() http.Handler { return a.server.Handler }

// Service gives tests and commands the domain.
func (a *App) Service() *campaign.Service { return a.service }

// Accounts gives tests and commands who runs campaigns.
func (a *App) Accounts() *account.Service { return a.accounts }

// Store gives tests the database.
func (a *App) Store() *store.Store { return a.store }

func (a *App) ready(ctx context.Context) error {
	if !a.worker.Running() || !a.notices.Running() {
		return errors.New("the worker is not running")
	}
	return a.database.check(ctx)
}

// Run serves until ctx ends, then stops in this order: requests, mails, the
// database. It returns nil after an orderly stop.
func (a *App) Run(ctx context.Context) error {
	if os.Getenv("GOGC") == "" {
		// What lives is small, and what a request leaves behind is not: collecting
		// half as often saves a tenth of the work and costs a few megabytes.
		debug.SetGCPercent(200)
	}
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	var running sync.WaitGroup
	running.Go(func() { a.worker.Run(background) })
	running.Go(func() { a.notices.Run(background) })
	running.Go(func() { a.every(background, tickEvery, a.service.Tick) })
	running.Go(func() { a.every(background, tickEvery, a.accounts.Tick) })
	running.Go(func() { a.every(background, dropEvery, a.store.DropOldBackups) })
	running.Go(func() { a.every(background, refreshEvery, a.service.Refresh) })
	running.Go(func() { a.every(background, refreshEvery, a.keys.Refresh) })
	running.Go(func() { a.every(background, stepsEvery, a.service.KeepSteps) })
	running.Go(func() { a.every(background, stepsEvery, a.service.KeepLoads) })

	failed := make(chan error, 2)
	go func() { failed <- a.server.Serve(a.listener) }()
	if a.bounces != nil {
		go func() {
			if err := a.bounces.Serve(); err != nil {
				failed <- fmt.Errorf("receive bounces: %w", err)
			}
		}()
	}
	var err error
	select {
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		if err = a.server.Shutdown(grace); err != nil {
			err = errors.Join(fmt.Errorf("finish requests: %w", err), a.server.Close())
		}
		if a.bounces != nil {
			err = errors.Join(err, a.bounces.Shutdown(grace))
		}
	}
	stopBackground()
	running.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	return errors.Join(err, a.service.KeepSteps(last), a.service.KeepLoads(last), a.Close())
}

// every does something at once and then again and again until ctx ends.
func (a *App) every(ctx context.Context, period time.Duration, do func(context.Context) error) {
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("background", "err", err)
		}
		timer, stop := a.clock.NewTimer(period)
		select {
		case <-ctx.Done():
			stop()
			return
		case <-timer:
		}
	}
}

// Close gives up what New took, for an App that is not run. Run does it itself.
func (a *App) Close() error {
	var errs []error
	if a.listener != nil {
		if err := a.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if a.bounces != nil {
		errs = append(errs, a.bounces.Close())
	}
	if a.sync != nil {
		a.sync.Close()
	}
	if a.sender != nil {
		a.sender.Close()
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
		a.store = nil
	}
	return errors.Join(errs...)
}

// Banner returns what to tell the person who started the program.
func (a *App) Banner() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Postbag is running: %s\n", a.baseURL)
	switch {
	case a.cfg.Captured():
		fmt.Fprintf(&b, "Nothing is delivered: no mail server is set, mail is captured and shown at %s/dev/mail\n", a.baseURL)
	case !a.cfg.Production():
		b.WriteString("Development: mail goes to a server on this machine only; set POSTBAG_ENV=production for any other.\n")
	}
	if a.cfg.TestRecipient != "" {
		fmt.Fprintf(&b, "Test mode: every letter goes to %s, marked [TEST], and to no MP.\n", a.cfg.TestRecipient)
	}
	if a.firstURL != "" {
		fmt.Fprintf(&b, "Nobody has an account yet. Make the first, an owner's, here: %s\n", a.firstURL)
	}
	if !a.cfg.Production() {
		fmt.Fprintf(&b, "The data stands in %s. Stop with Ctrl-C.\n", strings.TrimSuffix(a.cfg.DataDir, "/"))
	}
	return b.String()
}

// RealClock is the machine's clock.
type RealClock struct{}

// Now returns the time.
func (RealClock) Now() time.Time { return time.Now() }

// NewTimer waits for d.
func (RealClock) NewTimer(d time.Duration) (<-chan time.Time, func() bool) {
	t := time.NewTimer(d)
	return t.C, t.Stop
}
