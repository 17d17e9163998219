package web

import (
	"encoding/base64"
	"encoding/csv"
	"io"
	"time"

	"github.com/labstack/echo/v4"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
	"postbag/internal/view"
)

// optInColumns are the columns of a file of opt-ins. Days are in London, times in
// UTC. One that has ended has no person any more; one that is sealed to an age key
// has an age file instead, in base64, and an unsubscribe_url whose token is in it.
var optInColumns = []string{
	"contact_id", "status", "campaign", "name", "email", "language", "wording", "given_at", "confirmed_on", "ended_on",
	"asked_on", "partner", "source", "via", "unsubscribe_url", "age",
}

// apiOptIns answers GET /api/v1/opt-ins.csv: what was given to the organisation
// whose key it is, all of it or what changed since a day.
func (s *Server) apiOptIns(c echo.Context) error {
	c.Response().Header()["Cache-Control"] = noStore
	key, ok := c.Get(keyAPIKey).(campaign.APIKey)
	if !ok {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="`+s.View.Site()+`"`)
		return fault.New(fault.Unauthorized, "error.no_key")
	}
	of := campaign.OptInsOf{Partner: key.Partner}
	var err error
	if of.Since, err = campaign.ReadSince(c.QueryParam("since")); err != nil {
		return err
	}
	by := account.Actor{Name: "key " + key.Name, Origin: origin(c.Request())}
	return s.exportOptIns(visit{Context: c}, by, of, "opt-ins.csv", false)
}

// exportOptIns sends a file of opt-ins.
func (s *Server) exportOptIns(v visit, by account.Actor, of campaign.OptInsOf, name string, bom bool) error {
	return s.stream(v, name, typeCSV, func(out io.Writer) error {
		if bom {
			if _, err := io.WriteString(out, byteOrderMark); err != nil {
				return err
			}
		}
		w := csv.NewWriter(out)
		w.UseCRLF = true // RFC 4180
		if err := w.Write(optInColumns); err != nil {
			return err
		}
		e := exporter{people: true}
		err := s.Service.ExportOptIns(v.Request().Context(), by, of, func(some []campaign.OptIn) error {
			for _, o := range some {
				if err := w.Write(s.optInRecord(o)); err != nil {
					return err
				}
			}
			e.collect(len(some))
			return nil
		})
		w.Flush()
		if err != nil {
			return err
		}
		return w.Error()
	})
}

// optInRecord is an opt-in as a file has it.
func (s *Server) optInRecord(o campaign.OptIn) []string {
	record := []string{
		campaign.ContactID(o.ID), "active", o.Campaign, "", "", o.Wording.Lang, o.Wording.Text, "", o.Confirmed, o.Ended, "", "", "", "", "", "",
	}
	if o.Ended != "" {
		record[1] = "ended"
	}
	if c := o.Contact; c != nil {
		record[3], record[4], record[7] = c.Name, c.Email, c.At.UTC().Format(time.RFC3339)
		record[10] = "page"
		if c.Embed {
			record[10] = "embed"
		}
		record[11], record[12], record[13] = c.Credit.Partner, c.Credit.Source, c.Credit.Via
		record[14] = s.View.Base() + view.At(o.Wording.Lang, "/u/"+c.Token)
	}
	if o.Age != nil {
		record[14], record[15] = s.View.Base()+view.At(o.Wording.Lang, "/u/"), base64.StdEncoding.EncodeToString(o.Age)
	}
	for i, field := range record {
		record[i] = campaign.Harmless(field)
	}
	return record
}
