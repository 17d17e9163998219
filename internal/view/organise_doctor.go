package view

import "postbag/internal/doctor"

// doctorPages are the pages of the doctor of embeds.
var doctorPages = []Page{DeskDoctor{}}

// DeskDoctor checks whether the form works in a page of a partner's.
type DeskDoctor struct {
	Desk
	Slug, Name string // of the partner
	Campaigns  []DeskChoice
	Form       DeskForm
	Checked    string   // address of the page that was read; empty: none was
	Checkup    *Checkup // nil: nothing was checked
}

func (DeskDoctor) template() string { return "organise/doctor" }
func (p DeskDoctor) failed() bool   { return len(p.Form.Errors) > 0 }

// Checkup is what the doctor says, in words.
type Checkup struct {
	Verdict  doctor.Severity  `json:"verdict"`
	Says     string           `json:"says"`
	Findings []CheckupFinding `json:"findings"`
}

// CheckupFinding is one thing about a page, in words.
type CheckupFinding struct {
	Severity doctor.Severity `json:"severity"`
	Code     string          `json:"code"`
	Word     string          `json:"-"`
	Says     string          `json:"says"`
	Line     string          `json:"line,omitempty"` // what to add or change, exactly
}

// Tag is the class of the severity's mark.
func (f CheckupFinding) Tag() string {
	return map[doctor.Severity]string{doctor.Works: "ok", doctor.WorksBut: "hold", doctor.Broken: "bad"}[f.Severity]
}

// Note is the class of the verdict's note.
func (c Checkup) Note() string { return CheckupFinding{Severity: c.Verdict}.Tag() }

// Checkup puts a report into words.
func (r *Renderer) Checkup(report doctor.Report) *Checkup {
	c := &Checkup{Verdict: report.Verdict(), Findings: []CheckupFinding{}}
	c.Says = r.Desk("desk.doctor.verdict." + string(c.Verdict))
	for _, f := range report.Findings {
		args := make([]any, len(f.Args))
		for i, a := range f.Args {
			args[i] = a
		}
		c.Findings = append(c.Findings, CheckupFinding{
			Severity: f.Severity, Code: f.Code, Line: f.Line,
			Word: r.Desk("desk.doctor.severity." + string(f.Severity)), Says: r.Desk("desk.doctor.says."+f.Code, args...),
		})
	}
	return c
}
