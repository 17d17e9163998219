-- +goose Up

ALTER TABLE outbox ADD COLUMN mailbox TEXT NOT NULL DEFAULT ''; -- the MP's address that a letter went to last; empty: it is no letter, or has not gone

-- What came back to the envelope address of a message. What it said stands sealed
-- in outbox, of the last one alone.
CREATE TABLE returns (
    id        INTEGER PRIMARY KEY,
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    at        TEXT NOT NULL,
    kind      TEXT NOT NULL, -- failed, full, delayed, delivered, auto or reply
    taken     TEXT NOT NULL, -- what was made of it: noted, bounced, again or forwarded
    code      INTEGER NOT NULL, -- an SMTP reply code, 0: it told none
    enhanced  TEXT NOT NULL, -- an enhanced status code (RFC 3463), such as 5.1.1; empty: it told none
    hash      BLOB NOT NULL UNIQUE, -- keyed; the same for what comes twice
    mailbox   TEXT NOT NULL, -- the MP's address; empty: it says nothing about one
    hard      INTEGER NOT NULL -- 1: it says that the address fails
);
CREATE INDEX returns_outbox ON returns (outbox_id, taken);
CREATE INDEX returns_mailbox ON returns (mailbox, at) WHERE mailbox <> '';

-- A message that is passed on to a supporter, sealed, until it has gone.
CREATE TABLE originals (
    outbox_id INTEGER PRIMARY KEY REFERENCES outbox (id),
    sealed    BLOB NOT NULL
);

-- Addresses of MPs from which letters come back.
CREATE TABLE failing (
    id        INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    email     TEXT NOT NULL,
    since     TEXT NOT NULL,
    letters   INTEGER NOT NULL, -- that had come back then
    enhanced  TEXT NOT NULL, -- of the last of them; empty: none
    ended_at  TEXT, -- an organiser cleared it then
    ended_by  TEXT
);
CREATE UNIQUE INDEX failing_standing ON failing (member_id, email) WHERE ended_at IS NULL;

-- +goose Down
DROP TABLE failing;
DROP TABLE originals;
DROP TABLE returns;
ALTER TABLE outbox DROP COLUMN mailbox;
