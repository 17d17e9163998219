package view

import (
	"strconv"

	"postbag/internal/maildoctor"
)

// MailCheckup is what the doctor of mail says, in words.
type MailCheckup struct {
	Verdict  maildoctor.Severity `json:"verdict"`
	Says     string              `json:"says"`
	Add      string              `json:"-"` // what stands before a record
	Findings []MailFinding       `json:"findings"`
}

// MailFinding is one thing about the mail set-up, in words.
type MailFinding struct {
	Severity maildoctor.Severity `json:"severity"`
	Code     string              `json:"code"`
	Says     string              `json:"says"`
	Record   *maildoctor.Record  `json:"record,omitempty"` // what to add to the DNS
}

// MailCheckup puts a report into words.
func (r *Renderer) MailCheckup(report maildoctor.Report) *MailCheckup {
	c := &MailCheckup{Verdict: report.Verdict(), Findings: []MailFinding{}}
	c.Says = r.Desk("desk.mail_doctor.verdict." + string(c.Verdict))
	c.Add = r.Desk("desk.mail_doctor.add")
	for _, f := range report.Findings {
		args := make([]any, len(f.Args))
		for i, a := range f.Args {
			args[i] = a
			if n, err := strconv.Atoi(a); err == nil && i > 0 && f.Args[i-1] == "n" {
				args[i] = n // chooses the plural form
			}
		}
		c.Findings = append(c.Findings, MailFinding{
			Severity: f.Severity, Code: f.Code, Record: f.Record, Says: r.Desk("desk.mail_doctor.says."+f.Code, args...),
		})
	}
	return c
}
