package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"

	"postbag/internal/app"
	"postbag/internal/config"
	"postbag/internal/maildoctor"
	"postbag/internal/mailer"
	"postbag/internal/store"
)

type doctorCmd struct {
	SendTest  string   `placeholder:"EMAIL" help:"Send a mail to this address as well, to see what arrives."`
	SendingIP []string `name:"sending-ip" placeholder:"ADDRESS" help:"An address that your mail leaves from for the world, if you know it. Can be given several times."`
	DNS       string   `name:"dns" placeholder:"HOST:PORT" help:"The name server to ask, in place of the system's."`
	jsonFlag
	dataFlag
}

// Help says what is looked at.
func (doctorCmd) Help() string {
	return `It speaks with the mail server of POSTBAG_SMTP_URL up to the password and sends nothing, unless --send-test is given; asks the DNS for SPF, DKIM and DMARC of the address that mail comes from, and for where bounces go; and looks for letters that are stuck. The settings are those of "postbag serve", from the environment: run it where the server runs.

Outside production it connects to this machine only, but for the DNS.`
}

// Run checks the set-up of the settings.
func (c *doctorCmd) Run(w *world) (err error) {
	m, err := c.settings(w)
	if err != nil {
		return err
	}
	if _, none := os.Stat(filepath.Join(c.DataDir, store.FileName)); none == nil {
		if m.Store, err = c.open(w, false); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.Store.Close()) }()
	}
	found, err := m.Check(w.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = w.json(found)
	} else {
		for _, f := range found.Findings {
			err = errors.Join(err, w.say("%-8s %s\n", f.Severity, f.Says))
			if f.Record != nil {
				err = errors.Join(err, w.say("         %s\n\n%s\n\n", found.Add, showRecord(*f.Record, "         ")))
			}
		}
		err = errors.Join(err, w.say("\n%s\n", found.Says))
	}
	if err == nil && found.Verdict == maildoctor.Problem {
		err = errBroken
	}
	return err
}

// settings reads the settings and the flags.
func (c *doctorCmd) settings(w *world) (m app.MailDoctor, err error) {
	m.Config, err = config.Load(w.env, func(raw string) error {
		_, err := mailer.ParseURL(raw)
		return err
	})
	if err != nil {
		return m, usageError{err}
	}
	m.Bounce = m.Config.BounceAddress
	m.DNS, m.SendTo = c.DNS, c.SendTest
	if c.DNS != "" {
		if _, port, err := net.SplitHostPort(c.DNS); err != nil || port == "" {
			m.DNS = net.JoinHostPort(c.DNS, "53")
		}
	}
	for _, text := range c.SendingIP {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return m, usageError{fmt.Errorf("--sending-ip: %q is no address, such as 203.0.113.7", text)}
		}
		m.SendingIPs = append(m.SendingIPs, ip.Unmap())
	}
	if a, err := mail.ParseAddress(c.SendTest); c.SendTest != "" && (err != nil || a.Address != c.SendTest) {
		return m, usageError{fmt.Errorf("--send-test: %q is no email address", c.SendTest)}
	}
	if c.SendTest != "" && m.Config.Captured() {
		return m, usageError{errors.New("--send-test: no mail server is set (POSTBAG_SMTP_URL)")}
	}
	return m, nil
}
