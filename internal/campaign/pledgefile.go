package campaign

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"postbag/internal/account"
	"postbag/internal/fault"
	"postbag/internal/parliament"
)

// The columns of a file of pledges. Any of the first four says who pledged;
// where several are given they must agree.
const (
	columnMP                = "mp" // anything that parliament.Roster.Identify takes
	columnMember            = "member_id"
	columnCode              = "ons_code"
	columnConstituency      = "constituency"
	columnDate              = "date"
	columnEvidence          = "evidence"
	columnWithdrawn         = "withdrawn"
	columnWithdrawnEvidence = "withdrawn_evidence"
)

var whoColumns = []string{columnMP, columnMember, columnCode, columnConstituency}

// PledgeRow is one line of a file of pledges.
type PledgeRow struct {
	Line   int
	Pledge Pledge
}

// PledgeFile is a file of pledges that was read.
type PledgeFile struct {
	Rows        []PledgeRow // those that are right
	Ignored     []string    // columns that mean nothing here
	Withdrawals bool        // it has a column for them
}

// ReadPledges reads a CSV of pledges: columns by name in any order and case
// (mp, member_id, ons_code or constituency; date; and if wanted evidence,
// withdrawn and withdrawn_evidence), commas or semicolons between them. former
// names members who have left the House and may stand in the file by their
// number. today is the last day that a pledge can be of. Whatever is wrong goes
// into the error, a *parliament.FileError; the rows that are right are returned
// all the same.
func ReadPledges(in io.Reader, roster *parliament.Roster, former map[int]string, today string) (PledgeFile, error) {
	report := &parliament.FileError{}
	var file PledgeFile
	sheet, err := parliament.ReadSheet(in, report)
	if err != nil {
		report.Add(0, "%v", err)
		return file, report
	}
	if err := sheet.Need(columnDate); err != nil {
		report.Add(1, "%v", err)
	}
	if !slices.ContainsFunc(sheet.Columns, func(c string) bool { return slices.Contains(whoColumns, c) }) {
		report.Add(1, "the first line names no column mp (nor member_id, ons_code or constituency)")
	}
	if len(report.Problems) > 0 && report.Problems[0].Line <= 1 {
		return file, report.OrNil()
	}
	file.Withdrawals = slices.Contains(sheet.Columns, columnWithdrawn)
	for _, c := range sheet.Columns {
		switch c {
		case "", columnDate, columnEvidence, columnWithdrawn, columnWithdrawnEvidence:
		default:
			if !slices.Contains(whoColumns, c) {
				file.Ignored = append(file.Ignored, c)
			}
		}
	}
	if len(sheet.Rows) == 0 && len(report.Problems) == 0 {
		report.Add(0, "the file has no rows below its first line")
	}
	for _, row := range sheet.Rows {
		before := len(report.Problems)
		p := readPledge(row, roster, former, today, report)
		if len(report.Problems) == before {
			file.Rows = append(file.Rows, PledgeRow{row.Line, p})
		}
	}
	return file, report.OrNil()
}

func readPledge(row parliament.SheetRow, roster *parliament.Roster, former map[int]string, today string, report *parliament.FileError) Pledge {
	var p Pledge
	var err error
	if p.MemberID, err = whoPledged(row.Fields, roster, former); err != nil {
		report.Add(row.Line, "%v", err)
	}
	if p.On, err = parseDay(row.Fields[columnDate], today); err != nil {
		report.Add(row.Line, "date %v", err)
	}
	if p.Evidence, err = parseEvidence(row.Fields[columnEvidence]); err != nil {
		report.Add(row.Line, "evidence %v", err)
	}
	if typed := row.Fields[columnWithdrawn]; typed != "" {
		if p.WithdrawnOn, err = parseDay(typed, today); err != nil {
			report.Add(row.Line, "withdrawn %v", err)
		}
	} else if row.Fields[columnWithdrawnEvidence] != "" {
		report.Add(row.Line, "withdrawn is missing, and yet there is evidence for it")
	}
	if p.WithdrawnEvidence, err = parseEvidence(row.Fields[columnWithdrawnEvidence]); err != nil {
		report.Add(row.Line, "withdrawn_evidence %v", err)
	}
	return p
}

// whoPledged returns the member whom a row names.
func whoPledged(fields map[string]string, roster *parliament.Roster, former map[int]string) (int, error) {
	member, first := 0, ""
	for _, column := range whoColumns {
		typed := fields[column]
		if typed == "" {
			continue
		}
		id, err := memberIn(column, typed, roster, former)
		switch {
		case err != nil:
			return 0, err
		case member == 0:
			member, first = id, column
		case member != id:
			return 0, fmt.Errorf("%s and %s name different MPs: %s and %s", first, column, memberName(member, roster, former), memberName(id, roster, former))
		}
	}
	if member == 0 {
		return 0, errors.New("no MP is named")
	}
	return member, nil
}

func memberIn(column, typed string, roster *parliament.Roster, former map[int]string) (int, error) {
	var seat parliament.Seat
	var ok bool
	switch column {
	case columnMP:
		return FindMember(typed, roster, former)
	case columnMember:
		id, err := strconv.Atoi(typed)
		if err != nil || id <= 0 {
			return 0, fmt.Errorf("member_id %q is not a number; it is the one in members.parliament.uk/member/1234", typed)
		}
		if _, sits := roster.ByMember(id); !sits && former[id] == "" {
			return 0, fmt.Errorf("member_id %d is not that of an MP", id)
		}
		return id, nil
	case columnCode:
		if seat, ok = roster.Seat(strings.ToUpper(typed)); !ok {
			return 0, fmt.Errorf("ons_code %q is not that of a constituency", typed)
		}
	default:
		if seat, ok = roster.ByName(typed); !ok {
			return 0, fmt.Errorf("constituency %q is not the name of one%s", typed, suggest(typed, roster))
		}
	}
	if seat.Vacant() {
		return 0, fmt.Errorf("%s %q: nobody sits for it just now", column, typed)
	}
	return seat.Member.ID, nil
}

// FindMember returns the member whom a text names: by Parliament's number, the
// constituency's code or name, or their own name. It does not guess: a text that
// fits several is refused with all of them in the error, in words for an
// organiser. former names members who have left the House, by number.
func FindMember(typed string, roster *parliament.Roster, former map[int]string) (int, error) {
	typed = strings.TrimSpace(typed)
	found := roster.Identify(typed)
	switch {
	case len(found) > 1:
		return 0, invalidPledge("%q is several: %s; give the number", typed, listSeats(found))
	case len(found) == 1 && found[0].Vacant():
		return 0, invalidPledge("nobody sits for %s just now", found[0].Constituency.Name)
	case len(found) == 1:
		return found[0].Member.ID, nil
	}
	if id, err := strconv.Atoi(typed); err == nil && former[id] != "" {
		return id, nil
	}
	return 0, invalidPledge("%q is neither an MP nor a constituency%s", typed, suggest(typed, roster))
}

// maxSuggested is how many are offered in place of a name that fits none.
const maxSuggested = 5

func suggest(typed string, roster *parliament.Roster) string {
	found := roster.Search(typed, maxSuggested)
	if len(found) == 0 {
		return ""
	}
	return "; did you mean " + listSeats(found) + "?"
}

func listSeats(seats []parliament.Seat) string {
	all := make([]string, len(seats))
	for i, s := range seats {
		all[i] = s.Constituency.Name
		if !s.Vacant() {
			all[i] = fmt.Sprintf("%s (%d, %s)", s.Member.Name, s.Member.ID, s.Constituency.Name)
		}
	}
	return strings.Join(all, ", ")
}

func memberName(id int, roster *parliament.Roster, former map[int]string) string {
	if seat, ok := roster.ByMember(id); ok {
		return seat.Member.Name
	}
	return former[id]
}

// FormerMembers returns the names of members in a history who do not sit any
// more, by number.
func FormerMembers(history []Pledge, roster *parliament.Roster) map[int]string {
	former := map[int]string{}
	for _, p := range history {
		if _, sits := roster.ByMember(p.MemberID); !sits {
			former[p.MemberID] = p.MemberName
		}
	}
	return former
}

// PledgeImport says what an import comes to.
type PledgeImport struct {
	Changes []PledgeChange // in the order of the file's lines
	Ignored []string       // columns that mean nothing here
	Applied bool

	// Something is in the way that Correction.Replace or Correction.Reinstate
	// would clear.
	Differs, Ended bool
}

// Plan stands for all that the import would change.
func (i PledgeImport) Plan() string {
	sum := sha256.New()
	for _, c := range slices.SortedFunc(slices.Values(i.Changes), func(a, b PledgeChange) int { return cmp.Compare(a.Line, b.Line) }) {
		fmt.Fprintf(sum, "%d %s %d %q %q %q\n", c.Line, c.Action, c.Pledge.MemberID, c.Pledge.Describe(), c.Before.Describe(), c.Before.Version())
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:9])
}

// ImportOptions say how to import.
type ImportOptions struct {
	By         string        // who records it
	Actor      account.Actor // the same for the audit log, of somebody who is signed in; else By is
	Correction               // what the file may take the place of
	DryRun     bool          // only say what would change
	Plan       string        // PledgeImport.Plan of what was agreed to: anything else is a conflict; empty: whatever it is
}

// ImportPledges records the pledges of a file, all or nothing. Whatever is wrong
// comes back at once, by line, as a *parliament.FileError. Other errors are a
// *PledgeError about who records, and not_found if there is no such campaign.
func (s *Service) ImportPledges(ctx context.Context, slug string, in io.Reader, o ImportOptions) (PledgeImport, error) {
	var done PledgeImport
	by, err := parseRecorder(o.By)
	if err != nil {
		return done, err
	}
	before, err := s.store.Pledges(ctx, slug)
	if err != nil {
		return done, fmt.Errorf("import pledges: %w", err)
	}
	voided, err := s.store.VoidedPledges(ctx, slug)
	if err != nil {
		return done, fmt.Errorf("import pledges: %w", err)
	}
	roster, _ := s.Roster()
	file, err := ReadPledges(in, roster, FormerMembers(before, roster), Day(s.now()))
	report, ok := errors.AsType[*parliament.FileError](err)
	if !ok {
		report = &parliament.FileError{}
	}
	done.Ignored = file.Ignored
	actor := o.Actor
	if actor == (account.Actor{}) {
		actor.Name = by
	}
	decide := func(history []Pledge, voided []VoidedPledge) ([]PledgeChange, error) {
		all := parliament.FileError{Problems: slices.Clone(report.Problems)}
		file.plan(newPledgeBook(history, voided, roster), by, o.Correction, &done, &all)
		if err := all.OrNil(); err != nil {
			return nil, err
		}
		if o.Plan != "" && o.Plan != done.Plan() {
			return nil, &PledgeError{Code: fault.Conflict, Stale: true, Text: "the record has changed since"}
		}
		for i := range done.Changes {
			done.Changes[i].By = actor
		}
		return done.Changes, nil
	}
	if o.DryRun {
		_, err = decide(before, voided)
	} else {
		err = s.store.ChangePledges(ctx, slug, decide)
	}
	if err != nil {
		done.Changes = nil
		return done, fmt.Errorf("import pledges: %w", err)
	}
	slices.SortFunc(done.Changes, func(a, b PledgeChange) int { return cmp.Compare(a.Line, b.Line) })
	if o.DryRun {
		return done, nil
	}
	done.Applied = true
	s.forgetPledges(slug)
	return done, nil
}

// plan notes in done what the rows come to, in the order in which it has to be done: a
// member's pledges in the order of their days, whatever the order of the lines,
// as one has to end before the next can stand.
func (f PledgeFile) plan(book *pledgeBook, by string, how Correction, done *PledgeImport, report *parliament.FileError) {
	how.noWithdrawals = !f.Withdrawals
	done.Changes, done.Differs, done.Ended = nil, false, false
	rows := slices.Clone(f.Rows)
	slices.SortStableFunc(rows, func(a, b PledgeRow) int { return cmp.Compare(a.Pledge.On, b.Pledge.On) })
	for _, row := range rows {
		p := row.Pledge
		p.RecordedBy = by
		if !p.Stands() {
			p.WithdrawnBy = by
		}
		change, err := book.add(p, how, row.Line)
		if err != nil {
			wrong, ok := errors.AsType[*PledgeError](err)
			done.Differs = done.Differs || ok && wrong.Differs
			done.Ended = done.Ended || ok && wrong.Ended
			report.Add(row.Line, "%v", err)
			continue
		}
		done.Changes = append(done.Changes, change)
	}
}
