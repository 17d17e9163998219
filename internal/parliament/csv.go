package parliament

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ReadCSV reads members from a CSV for the constituencies of current and returns
// the roster that the file describes. The file's first line names its columns,
// in any order: constituency_code (or constituency, a name), member_id, name,
// full_title, party, email and, if wanted, salutation. A row whose member
// fields are all empty, or whose name is "Vacant", is a vacant seat; a
// constituency without a row is Unlisted, which Compare reports, so that the
// caller may refuse it.
//
// Whatever is wrong with the rows comes back at once, as a *FileError.
func ReadCSV(in io.Reader, current *Roster, source Source) (*Roster, error) {
	report := &FileError{}
	s, err := ReadSheet(in, report)
	if err != nil {
		return nil, err
	}
	if err := s.Need("member_id", "name", "full_title", "party", "email"); err != nil {
		return nil, err
	}
	if !slices.Contains(s.Columns, "constituency_code") && !slices.Contains(s.Columns, "constituency") {
		return nil, fmt.Errorf("read CSV: the first line names no column constituency_code (nor constituency)")
	}

	held := make(map[string]Member)
	vacant := make(map[string]bool)
	seatLine := make(map[string]int) // code to the line that filled it
	memberLine := make(map[int]int)  // member id likewise
	for _, row := range s.Rows {
		seat, seatErr := findSeat(row, current)
		if seatErr != nil {
			report.Add(row.Line, "%v", seatErr)
		} else if first, twice := seatLine[seat.Code]; twice {
			report.Add(row.Line, "%s (%s) already stands on line %d", seat.Code, seat.Name, first)
		} else {
			seatLine[seat.Code] = row.Line
		}
		member, problems := readMember(row)
		for _, problem := range problems {
			report.Add(row.Line, "%s", problem)
		}
		if member == (Member{}) {
			vacant[seat.Code] = true
			continue
		}
		if first, twice := memberLine[member.ID]; twice && member.ID > 0 {
			report.Add(row.Line, "member_id %d already stands on line %d", member.ID, first)
		} else {
			memberLine[member.ID] = row.Line
		}
		held[seat.Code] = member
	}
	if err := report.OrNil(); err != nil {
		return nil, err
	}
	if len(s.Rows) == 0 {
		return nil, fmt.Errorf("read CSV: the file has no rows below its first line")
	}
	next, err := current.withMembers(held, vacant, source)
	if err != nil {
		return nil, fmt.Errorf("read CSV: %w", err)
	}
	return next, nil
}

// findSeat returns the constituency that a row is about.
func findSeat(row SheetRow, current *Roster) (Constituency, error) {
	code, name := strings.ToUpper(row.Fields["constituency_code"]), row.Fields["constituency"]
	if code == "" && name == "" {
		return Constituency{}, fmt.Errorf("constituency_code is missing")
	}
	if code == "" {
		seat, ok := current.ByName(name)
		if !ok {
			return Constituency{}, fmt.Errorf("constituency %q is not the name of one on the July 2024 boundaries", name)
		}
		return seat.Constituency, nil
	}
	seat, ok := current.Seat(code)
	switch {
	case !ok && isOldCode(code):
		return Constituency{}, fmt.Errorf("constituency_code %s is from before the July 2024 boundaries", code)
	case !ok:
		return Constituency{}, fmt.Errorf("constituency_code %q is not that of a constituency", code)
	}
	if name != "" {
		if named, ok := current.ByName(name); !ok || named.Constituency.Code != code {
			return Constituency{}, fmt.Errorf("constituency_code %s is %s, but the row says %q", code, seat.Constituency.Name, name)
		}
	}
	return seat.Constituency, nil
}

// isOldCode reports whether an unknown code was in use up to 2024. The
// boundaries of that July start at E14001063, S14000060, W07000081 and, for the
// north of Ireland, with the prefix N05; the few older Scottish codes that were
// kept (S14000027, for one) are known and never asked about.
func isOldCode(code string) bool {
	if !isCode(code) {
		return false
	}
	prefix, number := code[:3], code[3:]
	switch prefix {
	case "E14":
		return number < "001063"
	case "S14":
		return number < "000060"
	case "W07":
		return number < "000081"
	}
	return prefix == "N06"
}

const memberIDHint = "it is the one in members.parliament.uk/member/1234"

// readMember returns a row's member, the zero Member for a vacant seat, and
// what is wrong with it.
func readMember(row SheetRow) (Member, []string) {
	f := row.Fields
	if f["member_id"]+f["full_title"]+f["salutation"]+f["email"] == "" &&
		(f["name"] == "" && f["party"] == "" || strings.EqualFold(f["name"], "vacant")) {
		return Member{}, nil
	}
	m := Member{
		Name:       f["name"],
		FullTitle:  f["full_title"],
		Salutation: f["salutation"],
		Party:      f["party"],
		Email:      f["email"],
	}
	if m.FullTitle == "" {
		m.FullTitle = m.Name
	}
	var problems []string
	if f["member_id"] == "" {
		problems = append(problems, "member_id is missing; "+memberIDHint)
	} else if id, err := strconv.Atoi(f["member_id"]); err != nil || id <= 0 {
		problems = append(problems, fmt.Sprintf("member_id %q is not a number; %s", f["member_id"], memberIDHint))
	} else {
		m.ID = id
	}
	for _, err := range m.check() {
		problems = append(problems, err.Error())
	}
	if m.Party == "" {
		problems = append(problems, `party is missing; write "Independent" for a member without one`)
	}
	return m, problems
}
