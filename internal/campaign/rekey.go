package campaign

import (
	"context"
	"fmt"
	"time"

	"postbag/internal/account"
	"postbag/internal/seal"
)

// Rekeying replaces the key that records are sealed with by a new one, while
// others read and write. Whatever it was at when it was stopped, it goes on from
// there.
type Rekeying struct {
	Store  KeyStore
	Secret *seal.Secret
	Keys   *seal.Keys
	By     account.Actor
	Now    func() time.Time

	// Wait is how long other processes have to notice a new key: after that, what
	// they seal with an old one is refused.
	Wait time.Duration

	Pause func(context.Context, time.Duration) error // lets time pass
	Told  func(Rekeyed)                              // of every batch; nil: nobody wants to know
}

// Rekeyed is how far it has come.
type Rekeyed struct {
	Old        seal.KeyID // whose records are sealed anew
	Resealed   int        // records, in all
	Unreadable int        // records that the old key does not open: they stay as they are
	Destroyed  int        // old keys
}

// How many records are sealed anew in one transaction: as many as take no longer than
// resealWithin on this machine, so that those who write beside it hardly notice.
const (
	resealFirst  = 32
	resealLeast  = 4
	resealMost   = 128
	resealWithin = 20 * time.Millisecond
)

// paced returns how many to seal anew in the next transaction.
func paced(together int, took time.Duration) int {
	switch {
	case took > resealWithin:
		return max(together/2, resealLeast)
	case took < resealWithin/2:
		return min(together*2, resealMost)
	}
	return together
}

// Rotate ends what an earlier call has begun; where there was nothing to end, it
// makes a new key and does all of it. An old key that some records do not open with
// is kept: they are damaged, and a copy of the database may have them whole.
func (r *Rekeying) Rotate(ctx context.Context) (Rekeyed, error) {
	var done Rekeyed
	if err := r.finish(ctx, &done); err != nil || done.Resealed > 0 || done.Destroyed > 0 {
		return done, err
	}
	old := r.Keys.Current()
	if _, err := r.Store.ReplaceKey(ctx, r.By, r.Secret.ID(), old, r.Secret.NewKey(seal.ForRecords)); err != nil {
		return done, fmt.Errorf("make a new key: %w", err)
	}
	done = Rekeyed{}
	return done, r.finish(ctx, &done)
}

// finish seals anew what old keys sealed, and destroys them.
func (r *Rekeying) finish(ctx context.Context, done *Rekeyed) error {
	if err := r.Keys.Refresh(ctx); err != nil {
		return fmt.Errorf("load the keys: %w", err)
	}
	all, err := r.Store.DataKeys(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Purpose != seal.ForRecords || d.State != seal.Retiring && d.State != seal.Closed {
			continue
		}
		done.Old = d.ID
		if err := r.retire(ctx, d, done); err != nil {
			return fmt.Errorf("take the key %s out of use: %w", d.ID, err)
		}
	}
	return nil
}

// retire seals anew what one key sealed, twice: what others wrote meanwhile, who
// had not noticed that it retired, is found the second time.
func (r *Rekeying) retire(ctx context.Context, d seal.DataKey, done *Rekeyed) error {
	if d.State == seal.Retiring {
		if _, err := r.resealAll(ctx, d.ID, done); err != nil {
			return err
		}
		if wait := d.RetiredAt.Add(r.Wait).Sub(r.Now()); wait > 0 {
			if err := r.Pause(ctx, wait); err != nil {
				return err
			}
		}
		if err := r.Store.CloseKey(ctx, d.ID); err != nil {
			return err
		}
	}
	unreadable, err := r.resealAll(ctx, d.ID, done)
	if err != nil || unreadable > 0 {
		done.Unreadable += unreadable
		return err
	}
	if err := r.Store.DestroyKey(ctx, r.By, d.ID); err != nil {
		return err
	}
	done.Destroyed++
	return nil
}

// resealAll seals anew whatever a key sealed, and returns how much it does not open.
func (r *Rekeying) resealAll(ctx context.Context, id seal.KeyID, done *Rekeyed) (unreadable int, err error) {
	together := resealFirst
	for _, in := range SealedPlaces {
		for after := int64(0); ; {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			found, err := r.Store.SealedBy(ctx, in, id, after, together)
			if err != nil {
				return 0, err
			}
			if len(found) == 0 {
				break
			}
			after = found[len(found)-1].ID
			began := r.Now()
			n, closed, err := r.reseal(ctx, in, found)
			if err != nil {
				return 0, err
			}
			unreadable += closed
			together = paced(together, r.Now().Sub(began))
			done.Resealed += n
			if r.Told != nil {
				r.Told(*done)
			}
		}
	}
	return unreadable, nil
}

// reseal seals some records anew, and returns how many it did and how many the old key
// does not open. Another process may be replacing keys at the same time: what this one
// takes for the current key may be refused.
func (r *Rekeying) reseal(ctx context.Context, in SealedIn, found []Sealed) (resealed, unreadable int, err error) {
	for {
		with := r.Keys.Current()
		was, now := r.anew(in, found)
		n, err := r.Store.Reseal(ctx, in, was, now)
		if err == nil {
			return n, len(found) - len(was), nil
		}
		if refreshed := r.Keys.Refresh(ctx); refreshed != nil || r.Keys.Current() == with {
			return 0, 0, err
		}
	}
}

// anew seals records with the current key: those that can be opened.
func (r *Rekeying) anew(in SealedIn, found []Sealed) (was, now []Sealed) {
	for _, s := range found {
		about := in.context(s.Of)
		plain, err := r.Keys.Open(s.Record, about)
		if err != nil {
			continue
		}
		was = append(was, s)
		s.Record = r.Keys.Seal(plain, about)
		now = append(now, s)
	}
	return was, now
}
