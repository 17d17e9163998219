package campaign

import (
	"context"

	"postbag/internal/account"
	"postbag/internal/seal"
)

// SealedIn is a place in the database where sealed records stand: a table of it.
type SealedIn string

// The places. Whatever is sealed stands in one of them, or is not found when keys
// are changed (a test of the store holds them against the schema).
const (
	SealedPeople      SealedIn = "people"
	SealedOptIns      SealedIn = "opt_in_people"
	SealedNotes       SealedIn = "notes"
	SealedAnswers     SealedIn = "outbox"
	SealedOriginals   SealedIn = "originals"
	SealedCaptured    SealedIn = "captured_mail"
	SealedAccountMail SealedIn = "account_mail"
	SealedCodes       SealedIn = "accounts"
)

// SealedPlaces lists them, what matters most first.
var SealedPlaces = []SealedIn{
	SealedPeople, SealedOptIns, SealedNotes, SealedAnswers, SealedOriginals, SealedCaptured, SealedAccountMail, SealedCodes,
}

// context is what a record is sealed for, made of what Sealed has as Of.
func (in SealedIn) context(of []byte) []byte {
	switch in {
	case SealedNotes:
		return noteContext(of)
	case SealedOriginals:
		return originalContext(of)
	case SealedCodes:
		return account.SecondFactorContext(string(of))
	}
	return of
}

// Sealed is one sealed record, wherever it stands.
type Sealed struct {
	ID     int64
	Of     []byte // token hash of the letter or opt-in, Message-ID, or number of the account
	Record []byte
}

// SealedCount is how many records of a place one key sealed.
type SealedCount struct {
	In      SealedIn
	Key     seal.KeyID // zero: none, they are damaged, or Age
	Age     bool       // they are sealed to an age key instead, which is not here
	Records int
}

// KeyStore keeps data keys, and finds what is sealed with them. New keys, and those
// that are destroyed, stand in the audit log.
type KeyStore interface {
	// DataKeys returns every key, the oldest first, those that are gone too.
	DataKeys(ctx context.Context) ([]seal.DataKey, error)

	// ReplaceKey makes a key the current one for records in place of another, which
	// retires. It does nothing and returns false if that other is not current any
	// more. It is an error if the secret that wrapped it is not the database's.
	ReplaceKey(ctx context.Context, by account.Actor, secret string, old seal.KeyID, with seal.DataKey) (bool, error)

	// CloseKey lets nothing be written any more that a retired key sealed.
	CloseKey(ctx context.Context, id seal.KeyID) error

	// DestroyKey destroys a key that is closed.
	DestroyKey(ctx context.Context, by account.Actor, id seal.KeyID) error

	// SealedBy returns records of a place that a key sealed, by number behind one, at
	// most so many.
	SealedBy(ctx context.Context, in SealedIn, id seal.KeyID, after int64, limit int) ([]Sealed, error)

	// Reseal writes other records in place of some, by number, where they still are as
	// they were, and returns how many were.
	Reseal(ctx context.Context, in SealedIn, was, now []Sealed) (int, error)

	// CountSealed counts the records of every place.
	CountSealed(ctx context.Context) ([]SealedCount, error)
}
