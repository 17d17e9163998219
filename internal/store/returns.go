package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"postbag/internal/campaign"
)

// Posted implements campaign.Store.
func (s *Store) Posted(ctx context.Context, id int64, messageID string) (campaign.Posted, error) {
	// An erased message has a name that anybody can guess in place of its own.
	where, arg := `o.message_id = $1 AND o.message_id NOT LIKE 'erased-%'`, any(messageID)
	if id != 0 {
		where, arg = `o.id = $1`, id
	}
	var p campaign.Posted
	var kind string
	err := s.queryRow(ctx, `
		SELECT o.id, o.kind, o.mailbox, l.token_hash
		FROM outbox o
		JOIN letters l ON l.id = o.letter_id
		WHERE `+where, []any{&p.ID, &kind, &p.Mailbox, &p.TokenHash}, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return campaign.Posted{}, nil
	}
	if err != nil {
		return campaign.Posted{}, fmt.Errorf("select message: %w", err)
	}
	p.Mail = campaign.MailKind(kind)
	return p, nil
}

// TakeReturn implements campaign.Store.
func (s *Store) TakeReturn(ctx context.Context, r campaign.Return) (campaign.Taken, error) {
	var taken campaign.Taken
	err := s.writer.do(ctx, func(tx *tx) (err error) {
		taken, err = tx.takeReturn(r)
		return err
	})
	if err != nil {
		return "", err
	}
	return taken, nil
}

// maxReturns bounds what is written down of one message: whoever gets it knows
// its address.
const maxReturns = 200

func (t *tx) takeReturn(r campaign.Return) (campaign.Taken, error) {
	var before, ours, all int
	err := t.queryRow(`
		SELECT
			(SELECT count(*) FROM returns WHERE hash = $1),
			(SELECT count(*) FROM outbox WHERE message_id = $2),
			(SELECT count(*) FROM returns WHERE outbox_id = $3)`,
		[]any{&before, &ours, &all}, r.Hash, r.Own, r.ID)
	switch {
	case err != nil:
		return "", fmt.Errorf("look whether it came before: %w", err)
	case before > 0:
		return campaign.TakenBefore, nil
	case all >= maxReturns:
		return "", campaign.ErrReturnMany
	case r.Mail != campaign.MailLetter || ours > 0:
		// Nothing follows of what became of a mail to a supporter, and what we sent
		// ourselves is not passed on when it comes round to us: either would go on for
		// ever.
		return campaign.TakenNoted, t.noteReturn(r, campaign.TakenNoted, "", false)
	}
	return t.takeLetterBack(r)
}

// takeLetterBack does what follows for a letter of what came back to its address.
func (t *tx) takeLetterBack(r campaign.Return) (campaign.Taken, error) {
	found, err := t.letters(`WHERE id = (SELECT letter_id FROM outbox WHERE id = $1)`, r.ID)
	if err != nil || len(found) == 0 {
		return "", errors.Join(err, campaign.ErrReturnUnknown)
	}
	l := found[0]
	var mailbox string
	var kept, whole, past, answered bool
	var full int
	err = t.queryRow(`
		SELECT o.mailbox, p.letter_id IS NOT NULL, l.trimmed = 0, (SELECT count(*) FROM returns WHERE outbox_id = o.id AND taken = 'again'),
			EXISTS (SELECT 1 FROM outbox n WHERE n.letter_id = o.letter_id AND n.kind = 'letter' AND n.id > o.id),
			EXISTS (SELECT 1 FROM returns a WHERE a.outbox_id = o.id AND a.kind IN ('auto', 'reply'))
		FROM outbox o
		JOIN letters l ON l.id = o.letter_id
		LEFT JOIN people p ON p.letter_id = l.id
		WHERE o.id = $1`, []any{&mailbox, &kept, &whole, &full, &past, &answered}, r.ID)
	if err != nil {
		return "", fmt.Errorf("select the letter's message: %w", err)
	}
	if past && !r.Kind.Answers() {
		// The letter has gone anew since, perhaps to another MP: what became of the
		// message before says nothing about that one.
		return campaign.TakenNoted, t.noteReturn(r, campaign.TakenNoted, "", false)
	}
	taken, err := r.Kind.Judge(l.state, full, kept, whole, answered)
	if err != nil {
		return "", err
	}
	if past {
		return taken, errors.Join(t.forward(l, r), t.noteReturn(r, taken, mailbox, false))
	}
	if l, err = t.settled(l, r.ID); err != nil {
		return "", err
	}
	switch taken {
	case campaign.TakenAgain:
		err = t.sendOnceMore(l, r)
	case campaign.TakenBounced:
		err = t.bounce(l, r, kept)
	case campaign.TakenForwarded:
		err = t.forward(l, r)
	}
	if err != nil {
		return "", err
	}
	if r.Testing {
		mailbox = ""
	}
	hard := taken == campaign.TakenBounced && campaign.Hard(r.Kind, r.Enhanced)
	if err := t.noteReturn(r, taken, mailbox, hard); err != nil {
		return "", err
	}
	if hard && mailbox != "" {
		return taken, t.weighMailbox(l, mailbox, r)
	}
	return taken, nil
}

// settled moves a letter on of which nobody knew whether it had been accepted:
// something came back, so it had.
func (t *tx) settled(l row, outbox int64) (row, error) {
	if l.state != campaign.StateUncertain {
		return l, nil
	}
	if err := t.move(l, campaign.StateSent, campaign.WhyReported); err != nil {
		return l, err
	}
	l.state = campaign.StateSent
	if _, err := t.exec(`UPDATE outbox SET status = 'sent' WHERE id = $1 AND status = 'uncertain'`, outbox); err != nil {
		return l, fmt.Errorf("mark as sent: %w", err)
	}
	return l, nil
}

// bounce notes that a letter came back and tells its supporter, if it is still
// kept who that is.
func (t *tx) bounce(l row, r campaign.Return, kept bool) error {
	if err := t.move(l, campaign.StateBounced, campaign.WhyReturned(r.Kind, r.Enhanced)); err != nil {
		return err
	}
	if err := t.dropHopes(l.id); err != nil {
		return err
	}
	if !kept {
		return nil // what a server said may name them
	}
	if err := t.noteAnswer(r); err != nil {
		return err
	}
	return t.enqueue(l.id, campaign.MailBounced, r.NewID)
}

// dropHopes drops the mails that wait and take it that a letter arrived.
func (t *tx) dropHopes(letter int64) error {
	_, err := t.exec(`
		UPDATE outbox SET status = 'dropped', finished_at = $1
		WHERE letter_id = $2 AND status = 'ready' AND kind IN ('sent', 'followup', 'last')`, formatTime(t.now), letter)
	if err != nil {
		return fmt.Errorf("drop mail: %w", err)
	}
	return nil
}

// sendOnceMore queues a letter whose mailbox was full: the same message with the
// same Message-ID, some hours later. That it was sent is taken back, to be counted
// when it is.
func (t *tx) sendOnceMore(l row, r campaign.Return) error {
	var sent sql.NullString
	if err := t.queryRow(`SELECT sent_at FROM letters WHERE id = $1`, []any{&sent}, l.id); err != nil {
		return fmt.Errorf("select when it was sent: %w", err)
	}
	at, err := parseTime(sent)
	if err != nil {
		return err
	}
	t.countAt(l, at, string(campaign.StateSent), -1)
	if err := t.countCreditBy(l, string(campaign.StateSent), -1); err != nil {
		return err
	}
	if err := t.move(l, campaign.StateQueued, campaign.WhyFull); err != nil {
		return err
	}
	if err := t.dropHopes(l.id); err != nil {
		return err
	}
	if err := t.noteAnswer(r); err != nil {
		return err
	}
	_, err = t.exec(`
		UPDATE outbox SET status = 'ready', due_at = $1, next_at = $1, first_at = NULL, finished_at = NULL
		WHERE id = $2`, formatTime(t.now.Add(campaign.FullWait)), r.ID)
	if err != nil {
		return fmt.Errorf("queue it once more: %w", err)
	}
	return nil
}

// noteAnswer puts what a server said later in the place of what one said when it
// took the letter.
func (t *tx) noteAnswer(r campaign.Return) error {
	_, err := t.exec(`UPDATE outbox SET code = $1, answer = $2, sealed = $3 WHERE id = $4`, r.Code, answerCodes(r), r.Sealed, r.ID)
	if err != nil {
		return fmt.Errorf("note what the server said: %w", err)
	}
	return nil
}

// answerCodes is what of an answer can name nobody.
func answerCodes(r campaign.Return) string {
	if r.Code == 0 {
		return r.Enhanced
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Enhanced))
}

func (t *tx) noteReturn(r campaign.Return, taken campaign.Taken, mailbox string, hard bool) error {
	_, err := t.exec(`
		INSERT INTO returns (outbox_id, at, kind, taken, code, enhanced, hash, mailbox, hard)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.ID, formatTime(t.now), string(r.Kind), string(taken), r.Code, r.Enhanced, r.Hash, mailbox, hard)
	if err != nil {
		return fmt.Errorf("note what came back: %w", err)
	}
	return nil
}
