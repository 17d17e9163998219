package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"postbag/internal/app"
	"postbag/internal/config"
	"postbag/internal/mailer"
)

type serveCmd struct {
	Reload bool `help:"Read templates and assets from this folder for every page, for work on them."`
}

// Help lists the settings.
func (serveCmd) Help() string {
	return `Settings, from the environment (those that hold secrets also from a file: POSTBAG_SECRET_FILE names one in place of POSTBAG_SECRET, and so for POSTBAG_SMTP_URL and POSTBAG_HOOK_…):

  POSTBAG_ENV             development (unless set) or production
  POSTBAG_ADDR            where to listen: 127.0.0.1:8080 unless set
  POSTBAG_BASE_URL        the site's address, such as https://letters.example.org
  POSTBAG_DATA_DIR        where the database stands: ./data unless set
  POSTBAG_SECRET          seals personal data; 32 characters or more, never to change
  POSTBAG_SMTP_URL        the mail server: smtp://user:password@host:587?tls=required
                          (tls: none, opportunistic or required) or smtps://…
  POSTBAG_MAIL_FROM       the address that letters are sent from
  POSTBAG_BOUNCE_ADDRESS  where what comes back goes, such as
                          bounces@letters.example.org; each message adds a token
  POSTBAG_BOUNCE_LISTEN   receives it: lmtp://127.0.0.1:2525, smtp://… or
                          lmtp:///run/postbag/bounce.sock
  POSTBAG_HOOK_POSTMARK, POSTBAG_HOOK_MAILGUN, POSTBAG_HOOK_SES
                          relays that tell by HTTP what became of mail
  POSTBAG_MP_PER_HOUR     letters to one MP in an hour (60), evenly spread
  POSTBAG_OFFICE_HOURS    when letters go, in London: Mon-Fri 09:00-17:30
  POSTBAG_DISSOLVED       days without a Parliament: 2029-03-30/2029-05-03
  POSTBAG_SMTP_PER_MINUTE, POSTBAG_SMTP_CONNECTIONS, POSTBAG_SMTP_PER_DOMAIN
                          how much the mail server is given at a time
  POSTBAG_DKIM            signs all mail: selector=file, with commas between
                          several; "postbag dkim keygen" makes the files
  POSTBAG_MEMBERS_API     where the organisers' pages find Parliament's list of MPs
                          (https://members-api.parliament.uk); outside
                          production only a server on this machine is asked
  POSTBAG_LIMITS          how much may come before letters wait or are held, such
                          as campaign_hour=20000,address_day=0; strict in
                          production
  POSTBAG_DISPOSABLE_DOMAINS
                          a file of mail domains whose addresses are refused
  POSTBAG_POSTCODES       a postcode index in place of the embedded one
  POSTBAG_TEST_RECIPIENT  gets every letter in place of the MPs, marked [TEST]

Production needs POSTBAG_SECRET, POSTBAG_BASE_URL (https), POSTBAG_SMTP_URL and POSTBAG_MAIL_FROM. Development needs nothing: without POSTBAG_SMTP_URL, mail is captured and shown at /dev/mail.`
}

// Run serves until it is interrupted.
func (s *serveCmd) Run(w *world) error {
	cfg, err := config.Load(w.env, func(raw string) error {
		_, err := mailer.ParseURL(raw)
		return err
	})
	if err != nil {
		return usageError{err}
	}
	log := app.NewLog(w.err, cfg.Production())
	defer log.Close()
	if names := config.Strangers(w.environ); len(names) > 0 {
		log.Warn("these are set and are no settings of Postbag, so they do nothing: are they mistyped?", "names", names)
	}
	o := app.Options{Config: cfg, Log: log.Logger}
	if s.Reload {
		for _, dir := range []string{"templates", "assets"} {
			if _, err := os.Stat(dir); err != nil {
				return usageError{fmt.Errorf("--reload: there is no folder %s here; run it in the project's folder", dir)}
			}
		}
		o.Templates, o.Assets = os.DirFS("templates"), os.DirFS(filepath.Clean("assets"))
	}
	a, err := app.New(w.ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprint(w.err, a.Banner())
	go debug.FreeOSMemory() // what starting took and nobody needs any more
	return a.Run(w.ctx)
}
