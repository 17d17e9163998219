package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"postbag/internal/config"
	"postbag/internal/maildoctor"
	"postbag/internal/mailer"
)

type dkimCmd struct {
	Keygen dkimKeygenCmd `cmd:"" help:"Make a key to sign mail with, and print the DNS record that publishes it."`
}

type dkimKeygenCmd struct {
	Selector string `default:"postbag" placeholder:"NAME" help:"What the key is called in the DNS: ${default} unless given. A second key, or a new one in place of an old one, needs a name of its own."`
	Type     string `enum:"rsa,ed25519" default:"rsa" help:"rsa, which everybody understands, unless given; or ed25519, to stand beside it."`
	Out      string `placeholder:"FILE" help:"The file to write the key to: dkim-NAME.pem in this folder unless given. A file that is there is left alone."`
	Domain   string `help:"The domain of the address that mail comes from: that of POSTBAG_MAIL_FROM unless given."`
	jsonFlag
}

// newKey is what the command prints.
type newKey struct {
	Selector string            `json:"selector"`
	Type     string            `json:"type"`
	File     string            `json:"file"`
	Record   maildoctor.Record `json:"record"`
	Zone     string            `json:"zone"`    // the record as a zone file has it
	Setting  string            `json:"setting"` // the line to set
}

// Run makes the key and says what to do with it.
func (c *dkimKeygenCmd) Run(w *world) error {
	if c.Domain == "" {
		from, _ := w.env("POSTBAG_MAIL_FROM")
		c.Domain = config.Config{MailFrom: from}.MailDomain()
	}
	c.Domain = strings.ToLower(strings.Trim(c.Domain, "."))
	switch {
	case !config.Selector.MatchString(c.Domain) || !strings.Contains(c.Domain, "."):
		return usageError{errors.New("name the domain of the address that mail comes from, with --domain example.org or by setting POSTBAG_MAIL_FROM")}
	case !config.Selector.MatchString(c.Selector):
		return usageError{fmt.Errorf("the selector %q may have letters, digits, dots and, within, hyphens", c.Selector)}
	}
	if c.Out == "" {
		c.Out = "dkim-" + c.Selector + ".pem"
	}
	path, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	if err := c.fits(w, path); err != nil {
		return err
	}
	key, err := mailer.NewDKIMKey(c.Selector, mailer.DKIMType(c.Type))
	if err != nil {
		return err
	}
	if err := writeKey(path, key); err != nil {
		return err
	}
	value, err := key.Record()
	if err != nil {
		return err
	}
	record := maildoctor.Record{Name: key.Name(c.Domain), Type: "TXT", Value: value}
	made := newKey{c.Selector, c.Type, path, record, record.Zone(), setting(w, c.Selector, path)}
	if c.JSON {
		return w.json(made)
	}
	return made.print(w)
}

// maxName is how long a name in the DNS may be (RFC 1035, section 2.3.4).
const maxName = 253

// fits reports what keeps the key from being published or set.
func (c *dkimKeygenCmd) fits(w *world, path string) error {
	if n := len(mailer.DKIMKey{Selector: c.Selector}.Name(c.Domain)); n > maxName {
		return usageError{fmt.Errorf("the name of the record would have %d characters, and a name in the DNS may have %d: choose a shorter --selector", n, maxName)}
	}
	if strings.ContainsAny(path, ",\n") {
		return usageError{fmt.Errorf("POSTBAG_DKIM cannot list %q, as it has a comma or a line break in it: choose another --out", path)}
	}
	have, _ := w.env("POSTBAG_DKIM")
	for item := range strings.FieldsFuncSeq(have, func(r rune) bool { return r == ',' || r == '\n' }) {
		if selector, _, _ := strings.Cut(item, "="); strings.EqualFold(strings.TrimSpace(selector), c.Selector) {
			return usageError{fmt.Errorf("the selector %q is in POSTBAG_DKIM already: a second key, or a new one in place of an old one, needs a --selector of its own", c.Selector)}
		}
	}
	return nil
}

// setting is the line that has mail signed with the keys of the settings and
// the new one.
func setting(w *world, selector, path string) string {
	line := selector + "=" + path
	if have, _ := w.env("POSTBAG_DKIM"); strings.TrimSpace(have) != "" {
		line = strings.Trim(have, ", \n") + "," + line
	}
	return "POSTBAG_DKIM=" + line
}

// writeKey writes a file that its owner alone may read, and never over another.
func writeKey(path string, key mailer.DKIMKey) error {
	content, err := key.PEM()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Errorf("%s is there already, and a key is never written over: mail that was signed with it could not be checked any more. Choose another --selector or --out", path)}
	}
	if err != nil {
		return usageError{fmt.Errorf("write the key: %w", err)}
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write the key: %w", err), os.Remove(path))
	}
	return nil
}

func (k newKey) print(w *world) error {
	return w.say(`The key is in %s.
Nobody but Postbag needs it: keep it secret.

1. Add this record to the DNS:

%s

   or, in a zone file:

%s

2. Set this where the settings of Postbag are, and start it again:

   %s

3. "postbag doctor" says whether the record can be seen. That may take an hour.
`, k.File, showRecord(k.Record, "   "), indent(k.Zone, "   "), k.Setting)
}

// showRecord writes a record as panels of DNS services ask for it.
func showRecord(r maildoctor.Record, by string) string {
	name := r.Name
	if typed, domain := r.Within(); typed != r.Name {
		name = fmt.Sprintf("%s   (in a panel for %s type only: %s)", r.Name, domain, typed)
	}
	return indent(fmt.Sprintf("name   %s\ntype   %s\nvalue  %s", name, r.Type, r.Value), by)
}

func indent(text, by string) string { return by + strings.ReplaceAll(text, "\n", "\n"+by) }
