package main

import (
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"postbag/internal/campaign"
)

type optInsCmd struct {
	Open optInsOpenCmd `cmd:"" help:"Make an ordinary CSV file of a download whose contacts are sealed to an age key. It needs the key's secret half, and no server."`
}

type optInsOpenCmd struct {
	File     string `arg:"" help:"The file that was downloaded; - for standard input."`
	Identity string `required:"" placeholder:"FILE" help:"The file of the secret half, as age-keygen wrote it."`
}

// sealedContact is the column of what is sealed.
const sealedContact = "age"

// Run opens the contacts and prints the file without its sealed column.
func (c *optInsOpenCmd) Run(w *world) error {
	keyFile, err := os.Open(c.Identity)
	if err != nil {
		return usageError{fmt.Errorf("read the key: %w", err)}
	}
	defer keyFile.Close()
	keys, err := campaign.ReadIdentities(keyFile)
	if err != nil {
		return usageError{fmt.Errorf("--identity %s: %w", c.Identity, err)}
	}
	in := w.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return usageError{err}
		}
		defer f.Close()
		in = f
	}
	rows := csv.NewReader(in)
	header, err := rows.Read()
	switch {
	case errors.Is(err, io.EOF):
		return usageError{fmt.Errorf("%s is empty", c.File)}
	case err != nil:
		return fmt.Errorf("%s: %w", c.File, err)
	case strings.HasPrefix(header[0], "age-encryption.org/"):
		return usageError{fmt.Errorf("%s is no download of opt-ins, but sealed as a whole: age -d -i %s %s opens it", c.File, c.Identity, c.File)}
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	sealed := slices.Index(header, sealedContact)
	if sealed < 0 || !slices.Contains(header, "email") {
		return usageError{fmt.Errorf("%s is no download of opt-ins: it has no column %q", c.File, sealedContact)}
	}
	out := csv.NewWriter(w.out)
	closed := 0
	if err := out.Write(slices.Delete(slices.Clone(header), sealed, sealed+1)); err != nil {
		return err
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s was cut off or changed, download it again: %w", c.File, err)
		}
		if row[sealed] != "" && !openRow(keys, header, row, row[sealed]) {
			closed++
		}
		for i, field := range row {
			row[i] = campaign.Harmless(field)
		}
		if err := out.Write(slices.Delete(row, sealed, sealed+1)); err != nil {
			return err
		}
	}
	if out.Flush(); out.Error() != nil {
		return out.Error()
	}
	switch {
	case closed == 1:
		return fmt.Errorf("%s: 1 contact does not open with this key, so its line has no name: it is sealed to another key, or damaged", c.File)
	case closed > 1:
		return fmt.Errorf("%s: %s contacts do not open with this key, so their lines have no name: they are sealed to another key, or damaged", c.File, count(closed))
	}
	return nil
}

// openRow puts who opted in into their line.
func openRow(keys campaign.Identities, header, row []string, sealed string) bool {
	file, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return false
	}
	who, err := campaign.OpenContactWith(keys, file)
	if err != nil {
		return false
	}
	asked := "page"
	if who.Embed {
		asked = "embed"
	}
	for name, value := range map[string]string{
		"name": who.Name, "email": who.Email, "given_at": who.At.UTC().Format(time.RFC3339), "asked_on": asked,
		"partner": who.Credit.Partner, "source": who.Credit.Source, "via": who.Credit.Via,
	} {
		if at := slices.Index(header, name); at >= 0 {
			row[at] = value
		}
	}
	if at := slices.Index(header, "unsubscribe_url"); at >= 0 {
		row[at] += who.Token
	}
	return true
}
