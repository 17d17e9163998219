package app

import (
	"context"
	"fmt"

	"postbag/internal/campaign"
	"postbag/internal/seal"
	"postbag/internal/store"
	"postbag/internal/view"
)

// archive keeps captured mail, sealed, in the database: it names supporters
// like the letters do. It is the mailer's Archive and the web's DevMail.
type archive struct {
	store *store.Store
	keys  *seal.Keys
}

// maxListed is how many captured mails are listed.
const maxListed = 100

// SaveMail implements mailer.Archive.
func (a *archive) SaveMail(ctx context.Context, m campaign.CapturedMail) error {
	return a.store.SaveCaptured(ctx, store.Captured{
		MessageID: m.MessageID, At: m.At, Kind: m.Kind, Sealed: a.keys.Seal(m.Raw, []byte(m.MessageID)),
	})
}

// List implements web.DevMail.
func (a *archive) List(ctx context.Context) ([]view.DevMail, error) {
	captured, err := a.store.CapturedMails(ctx, maxListed)
	if err != nil {
		return nil, err
	}
	mails := make([]view.DevMail, 0, len(captured))
	for _, c := range captured {
		m, err := a.open(c)
		if err != nil {
			return nil, err
		}
		mails = append(mails, m)
	}
	return mails, nil
}

// Get implements web.DevMail.
func (a *archive) Get(ctx context.Context, id int64) (view.DevMail, error) {
	c, err := a.store.CapturedMail(ctx, id)
	if err != nil {
		return view.DevMail{}, err
	}
	return a.open(c)
}

func (a *archive) open(c store.Captured) (view.DevMail, error) {
	raw, err := a.keys.Open(c.Sealed, []byte(c.MessageID))
	if err != nil {
		return view.DevMail{}, fmt.Errorf("captured mail %d: %w", c.ID, err)
	}
	m, err := readMail(raw)
	if err != nil {
		return view.DevMail{}, fmt.Errorf("captured mail %d: %w", c.ID, err)
	}
	m.ID, m.At, m.Kind, m.MessageID = c.ID, c.At, string(c.Kind), c.MessageID
	return m, nil
}
