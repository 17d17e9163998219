-- +goose Up

-- What a message waits for. next_at, which was there, is its place in time.
ALTER TABLE outbox ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0; -- 0: somebody waits for it; 1: a letter; 2: what has time
ALTER TABLE outbox ADD COLUMN seat TEXT NOT NULL DEFAULT ''; -- constituency whose MP it goes to; empty: it is no letter
ALTER TABLE outbox ADD COLUMN due_at TEXT NOT NULL DEFAULT ''; -- it could go from then on, if nobody else stood in line
ALTER TABLE outbox ADD COLUMN first_at TEXT; -- end of the first attempt; none: it was never tried
UPDATE outbox SET due_at = next_at WHERE status = 'ready';
UPDATE outbox SET urgency = 1, seat = (SELECT constituency FROM letters WHERE id = outbox.letter_id) WHERE kind = 'letter';
DROP INDEX outbox_ready;
CREATE INDEX outbox_ready ON outbox (urgency, next_at, id) WHERE status = 'ready';
CREATE INDEX outbox_line ON outbox (seat, due_at, id) WHERE status = 'ready' AND seat <> '';

-- What came of each attempt to send a message. What the server said word for
-- word stands sealed in outbox, for the last one alone.
CREATE TABLE attempts (
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    attempt   INTEGER NOT NULL, -- counted from 1
    at        TEXT NOT NULL, -- its end
    verdict   TEXT NOT NULL, -- sent, failed, uncertain or retry
    code      INTEGER NOT NULL, -- the server's reply code, 0: it gave none
    enhanced  TEXT NOT NULL, -- its enhanced status code (RFC 3463), such as 4.7.1; empty: it gave none
    PRIMARY KEY (outbox_id, attempt)
) WITHOUT ROWID;

-- When the next letter may go to whoever sits for a constituency. The row of no
-- constituency is that of the mail server: when the next message of any kind may.
CREATE TABLE paces (
    seat    TEXT PRIMARY KEY,
    free_at TEXT NOT NULL
) WITHOUT ROWID;

-- A mail server that refuses everything. No row: it does not.
CREATE TABLE relay (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    since    TEXT NOT NULL,
    next_at  TEXT NOT NULL, -- it is tried again then, with one message
    trying   INTEGER NOT NULL, -- 1: that message is under way
    failures INTEGER NOT NULL, -- in a row
    code     INTEGER NOT NULL, -- the server's last reply code, 0: it gave none
    answer   TEXT NOT NULL -- what was being done, or codes; never who wrote
);

-- +goose Down
DROP TABLE relay;
DROP TABLE paces;
DROP TABLE attempts;
DROP INDEX outbox_line;
DROP INDEX outbox_ready;
CREATE INDEX outbox_ready ON outbox (next_at, id) WHERE status = 'ready';
ALTER TABLE outbox DROP COLUMN first_at;
ALTER TABLE outbox DROP COLUMN due_at;
ALTER TABLE outbox DROP COLUMN seat;
ALTER TABLE outbox DROP COLUMN urgency;
