package auth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
)

// Session is one browser in which somebody is signed in.
type Session struct {
	ID    string // by which End knows it; nobody gets in by it
	Since time.Time
	Seen  time.Time // last used, to the minute
	This  bool      // it is the one that asks
}

// sessionID names a session without telling anything of its token.
func sessionID(tokenHash []byte) string {
	sum := sha256.Sum256(append([]byte("session "), tokenHash...))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Of lists where an account is signed in, the session used last first.
func (s *Sessions) Of(ctx context.Context, account int64) ([]Session, error) {
	hashes, data, err := s.store.SessionsOf(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now, this := s.now(), sessionID(hashToken(s.scs.Token(ctx)))
	var all []Session
	for i, hash := range hashes {
		_, values, err := s.scs.Codec.Decode(data[i])
		if err != nil {
			return nil, fmt.Errorf("read a session: %w", err)
		}
		of := func(key string) int64 { n, _ := values[key].(int64); return n }
		one := Session{ID: sessionID(hash), Since: time.Unix(of(keySince), 0), Seen: time.Unix(of(keySeen), 0)}
		one.This = one.ID == this
		if of(keyAccount) == account && now.Sub(one.Seen) < IdleFor && now.Sub(one.Since) < Lasts {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b Session) int { return cmp.Or(b.Seen.Compare(a.Seen), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// End ends one of an account's sessions. One that it has not, or has no more, is
// ended.
func (s *Sessions) End(ctx context.Context, account int64, id string) error {
	hashes, _, err := s.store.SessionsOf(ctx, account)
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	for _, hash := range hashes {
		if sessionID(hash) == id {
			if err := s.store.EndSession(ctx, hash); err != nil {
				return fmt.Errorf("end a session: %w", err)
			}
		}
	}
	return nil
}
