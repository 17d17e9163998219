package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AuditFilter says which lines of the audit log are wanted. What is zero sifts
// nothing.
type AuditFilter struct {
	Account  int64     // whose; Server: of commands, and of Postbag itself
	Family   string    // what comes before the dot of the action, such as letter
	Campaign string    // slug
	From     time.Time // not before
	Until    time.Time // before
	Before   int64     // id of the last line of the page before
}

// Server stands in an AuditFilter for commands on the server.
const Server int64 = -1

// AuditPage is how many lines of the audit log are looked at at a time.
const AuditPage = 50

// AuditFamilies returns what the actions in the audit log begin with, sorted.
func (s *Service) AuditFamilies(ctx context.Context) ([]string, error) {
	actions, err := s.store.AuditActions(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	var families []string
	for _, action := range actions {
		family, _, _ := strings.Cut(action, ".")
		families = append(families, family)
	}
	slices.Sort(families)
	return slices.Compact(families), nil
}

// AuditLog returns lines of the audit log, the latest first, and whether there
// are more.
func (s *Service) AuditLog(ctx context.Context, f AuditFilter) ([]Entry, bool, error) {
	all, err := s.store.AuditLog(ctx, f, AuditPage+1)
	if err != nil {
		return nil, false, fmt.Errorf("audit log: %w", err)
	}
	if len(all) > AuditPage {
		return all[:AuditPage], true, nil
	}
	return all, false, nil
}

// auditSpan is how many lines an export reads at a time.
const auditSpan = 1000

// ExportAudit gives every line of the audit log that a filter lets through to
// write, the latest first, some at a time, and writes down that it did.
func (s *Service) ExportAudit(ctx context.Context, by Actor, f AuditFilter, write func([]Entry) error) error {
	if err := s.store.Record(ctx, Entry{Actor: by, Action: "audit.export", Object: "audit log"}); err != nil {
		return fmt.Errorf("export audit log: %w", err)
	}
	for {
		all, err := s.store.AuditLog(ctx, f, auditSpan)
		if err == nil && len(all) > 0 {
			err = write(all)
		}
		if err != nil {
			return fmt.Errorf("export audit log: %w", err)
		}
		if len(all) < auditSpan {
			return nil
		}
		f.Before = all[len(all)-1].ID
	}
}
