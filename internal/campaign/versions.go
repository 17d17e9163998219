package campaign

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"postbag/internal/account"
	"postbag/internal/fault"
)

// Limits on what organisers type, in characters.
const (
	MaxNote = 200     // why a version was made
	MaxFile = 200_000 // a campaign file, its picture included
)

// StaleError says that somebody saved meanwhile.
type StaleError struct {
	Base, Newest int
}

// Error names the versions.
func (e *StaleError) Error() string {
	return fmt.Sprintf("made from version %d, and there is version %d", e.Base, e.Newest)
}

// SaveCampaign keeps a file as the campaign's newest version and returns its
// number. A file that says what the newest does is no new version. The error is
// a *FileError when something is wrong with it (for a draft, texts may be
// missing), a *StaleError when somebody saved meanwhile, invalid when the slug is
// another or the note is too long; not_found.
func (s *Service) SaveCampaign(ctx context.Context, by account.Actor, slug, source string, base int, note string) (int, error) {
	now, err := s.Source(ctx, slug)
	if err != nil {
		return 0, err
	}
	source = strings.ReplaceAll(source, "\r\n", "\n")
	if note, err = fits(source, note); err != nil {
		return 0, err
	}
	c, problems := Read(source)
	draft := now.Stage == StageDraft && now.StartsAt.IsZero()
	if !draft && len(problems) > 0 || !Usable(problems) {
		return 0, &FileError{problems}
	}
	if c.Slug != slug {
		return 0, &FileError{[]Problem{{Key: "slug", Text: fmt.Sprintf("this campaign is %s; clone it to have one of another name", slug)}}}
	}
	if base != now.Version {
		return 0, &StaleError{base, now.Version}
	}
	if source == now.TOML {
		return now.Version, nil
	}
	version, err := s.store.SaveCampaign(ctx, by, CampaignChange{Slug: slug, Source: source, Base: base, Note: note, Draft: len(problems) > 0})
	if fault.CodeOf(err) == fault.Conflict {
		if now, again := s.Source(ctx, slug); again == nil && now.Version != base {
			return 0, &StaleError{base, now.Version}
		}
	}
	if err != nil {
		return 0, fmt.Errorf("save campaign: %w", err)
	}
	return version, s.loadCampaigns(ctx)
}

// fits returns the note tidied; invalid if it or the file is too long.
func fits(source, note string) (string, error) {
	if note = strings.TrimSpace(note); utf8.RuneCountInString(note) > MaxNote {
		return "", fault.Fieldwise(map[string]string{"note": "desk.error.note_long"})
	}
	if len(source) > MaxFile {
		return "", fault.Fieldwise(map[string]string{"source": "desk.error.file_long"})
	}
	return note, nil
}

// CreateCampaign keeps a file as a new draft and returns its slug. The error is a
// *FileError, or conflict if there is a campaign of that slug.
func (s *Service) CreateCampaign(ctx context.Context, by account.Actor, source, note string) (string, error) {
	source = strings.ReplaceAll(source, "\r\n", "\n")
	note, err := fits(source, note)
	if err != nil {
		return "", err
	}
	c, problems := Read(source)
	if !Usable(problems) {
		return "", &FileError{problems}
	}
	if _, err := s.AnyCampaign(c.Slug); err == nil {
		return "", fault.Fieldwise(map[string]string{"slug": "desk.error.slug_taken"})
	}
	err = s.store.CreateCampaign(ctx, by, c.Slug, source, note)
	if fault.CodeOf(err) == fault.Conflict {
		return "", fault.Fieldwise(map[string]string{"slug": "desk.error.slug_taken"})
	}
	if err != nil {
		return "", fmt.Errorf("create campaign: %w", err)
	}
	return c.Slug, s.loadCampaigns(ctx)
}

// Versions returns every version of a campaign's file, the newest first, without
// the files; not_found.
func (s *Service) Versions(ctx context.Context, slug string) ([]Version, error) {
	return s.store.CampaignVersions(ctx, slug)
}

// Version returns one version with its file; not_found.
func (s *Service) Version(ctx context.Context, slug string, number int) (Version, error) {
	return s.store.CampaignVersion(ctx, slug, number)
}

// Restore makes a version of before the newest again, as one more, and returns
// its number. Errors are those of SaveCampaign: what was complete once may not be
// any more.
func (s *Service) Restore(ctx context.Context, by account.Actor, slug string, number, base int, note string) (int, error) {
	old, err := s.Version(ctx, slug, number)
	if err != nil {
		return 0, err
	}
	source, _ := Modern(old.Source)
	return s.SaveCampaign(ctx, by, slug, source, base, note)
}
