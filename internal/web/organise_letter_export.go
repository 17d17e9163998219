package web

import (
	"context"
	"encoding/csv"
	"io"
	"runtime"
	"strconv"
	"time"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

// exported is a letter as files have it. Days are in London.
type exported struct {
	Campaign     string `json:"campaign"`
	Code         string `json:"code"`
	Constituency string `json:"constituency"`
	MemberID     int    `json:"member_id"`
	MP           string `json:"mp"`
	Partner      string `json:"partner"`
	Language     string `json:"language"`
	State        string `json:"state"`
	WrittenOn    string `json:"written_on"`
	SentOn       string `json:"sent_on"`
	Variant      string `json:"variant"`
	OwnWords     *int   `json:"own_words_percent"`

	*exportedPerson
}

// exportedPerson is who wrote it; empty once erased.
type exportedPerson struct {
	Reference string `json:"reference"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Address1  string `json:"address1"`
	Address2  string `json:"address2"`
	Town      string `json:"town"`
	Postcode  string `json:"postcode"`
	Subject   string `json:"subject"`
	Letter    string `json:"letter"`
}

// The columns of the CSV file: those of every letter, and of its person.
var (
	exportColumns = []string{"campaign", "code", "constituency", "member_id", "mp", "partner", "language", "state", "written_on", "sent_on", "variant", "own_words_percent"}
	personColumns = []string{"reference", "name", "email", "phone", "address1", "address2", "town", "postcode", "subject", "letter"}
)

func (e *exported) record(record []string) []string {
	own := ""
	if e.OwnWords != nil {
		own = strconv.Itoa(*e.OwnWords)
	}
	record = append(record[:0], e.Campaign, e.Code, e.Constituency, strconv.Itoa(e.MemberID), e.MP, e.Partner, e.Language, e.State, e.WrittenOn, e.SentOn, e.Variant, own)
	if p := e.exportedPerson; p != nil {
		record = append(record, p.Reference, p.Name, p.Email, p.Phone, p.Address1, p.Address2, p.Town, p.Postcode, p.Subject, p.Letter)
	}
	for i, field := range record {
		record[i] = campaign.Harmless(field)
	}
	return record
}

// exportLettersCSV answers POST /organise/c/{campaign}/letters.csv: every letter
// without who wrote it. Exports are written down, so each is a POST: nothing
// fetches it ahead.
func (s *Server) exportLettersCSV(v visit) error {
	return s.exportLetters(v, false, "csv", v.FormValue(askBOM) == "1")
}

// exportLettersJSON answers POST /organise/c/{campaign}/letters.json.
func (s *Server) exportLettersJSON(v visit) error { return s.exportLetters(v, false, "json", false) }

// exportPeople answers POST /organise/c/{campaign}/letters/people: every letter
// with who wrote it, as far as that is still kept.
func (s *Server) exportPeople(v visit) error {
	format := "csv"
	if v.FormValue("json") == "1" {
		format = "json"
	}
	return s.exportLetters(v, true, format, v.FormValue(askBOM) == "1")
}

func (s *Server) exportLetters(v visit, people bool, format string, bom bool) error {
	found, err := s.Service.Campaign(v.Param("campaign"))
	if err != nil {
		return err
	}
	name, contentType := found.Slug+"-letters."+format, typeCSV
	if people {
		name = found.Slug + "-people." + format
	}
	if format == "json" {
		contentType = typeJSON
	}
	seal := asItIs
	if people {
		to, err := s.Service.SealedTo(v.Request().Context(), found.Slug)
		if err != nil {
			return err
		}
		if to != nil {
			seal, name, contentType = to, name+".age", typeAge
		}
	}
	return s.stream(v, name, contentType, func(out io.Writer) error {
		ctx := v.Request().Context()
		e, err := s.newExporter(ctx, found.Slug, people)
		if err != nil {
			return err
		}
		write := e.csv
		if format == "json" {
			write = e.json
		}
		file, err := seal(out)
		if err != nil {
			return err
		}
		err = write(file, bom, func(each func([]campaign.ExportLetter) error) error {
			return s.Service.ExportLetters(ctx, v.by(), found.Slug, people, each)
		})
		if err != nil {
			return err // and the file has no end: it does not open
		}
		return file.Close()
	})
}

// asItIs is what seals a file that is sealed to nobody.
func asItIs(out io.Writer) (io.WriteCloser, error) { return endless{out}, nil }

// endless is a file that needs no end.
type endless struct{ io.Writer }

// Close does nothing.
func (endless) Close() error { return nil }

// exporter writes letters into a file.
type exporter struct {
	slug    string
	roster  *parliament.Roster
	members map[int]string
	people  bool
	written int // bytes of letters since what they left behind was last collected
	row     exported
	person  exportedPerson
	days    map[int64]string // by the hour since 1970: letters come in the order of time
}

func (s *Server) newExporter(ctx context.Context, slug string, people bool) (*exporter, error) {
	members, err := s.Service.MemberNames(ctx)
	if err != nil {
		return nil, err
	}
	roster, _ := s.Service.Roster()
	return &exporter{slug: slug, roster: roster, members: members, people: people, days: map[int64]string{}}, nil
}

// fill makes the row that a letter has in the file. It is the same one each time.
func (e *exporter) fill(l *campaign.ExportLetter) *exported {
	e.row = exported{
		Campaign: e.slug, Code: l.Constituency, Constituency: seatName(e.roster, l.Constituency), MemberID: l.MemberID, MP: e.members[l.MemberID],
		Partner: l.Partner, Language: l.Lang, State: l.Stands(), WrittenOn: e.day(l.CreatedAt), SentOn: e.day(l.SentAt), Variant: string(l.Variant),
	}
	if l.Own >= 0 {
		e.row.OwnWords = &l.Own
	}
	if e.people {
		e.person = exportedPerson{Reference: campaign.ShowReference(l.Reference)}
		if p := l.Person; p != nil {
			e.person = exportedPerson{e.person.Reference, p.Name, p.Email, p.Phone, p.Address1, p.Address2, p.Town, p.Postcode, p.Subject, p.Letter}
		}
		e.row.exportedPerson = &e.person
	}
	return &e.row
}

// day returns the day in London of a time; "" of none. London's days begin on
// the hour, so each hour is worked out once.
func (e *exporter) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	hour := t.Unix() / 3600
	day, ok := e.days[hour]
	if !ok {
		day = campaign.Day(t)
		if len(e.days) > 10_000 {
			clear(e.days)
		}
		e.days[hour] = day
	}
	return day
}

// What letters leave behind in memory once they are written, about, and how much
// of it may lie about. Left to itself the collector waits until there is twice as
// much as the whole program needs.
const (
	leftByLetter = 500
	leftByPerson = 16 << 10
	mayLie       = 24 << 20
)

// collect frees what letters left behind, every now and then.
func (e *exporter) collect(letters int) {
	each := leftByLetter
	if e.people {
		each = leftByPerson
	}
	if e.written += letters * each; e.written > mayLie {
		e.written = 0
		runtime.GC()
	}
}

type letterSource func(each func([]campaign.ExportLetter) error) error

func (e *exporter) csv(out io.Writer, bom bool, letters letterSource) error {
	if bom {
		if _, err := io.WriteString(out, byteOrderMark); err != nil {
			return err
		}
	}
	w := csv.NewWriter(out)
	w.UseCRLF = true // RFC 4180
	columns := exportColumns
	if e.people {
		columns = append(columns[:len(columns):len(columns)], personColumns...)
	}
	if err := w.Write(columns); err != nil {
		return err
	}
	var record []string
	err := letters(func(some []campaign.ExportLetter) error {
		for i := range some {
			record = e.fill(&some[i]).record(record)
			if err := w.Write(record); err != nil {
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
}

func (e *exporter) json(out io.Writer, _ bool, letters letterSource) error {
	list := newJSONList(out)
	err := letters(func(some []campaign.ExportLetter) error {
		for i := range some {
			if err := list.add(e.fill(&some[i])); err != nil {
				return err
			}
		}
		e.collect(len(some))
		return nil
	})
	if err != nil {
		return err
	}
	return list.end()
}
