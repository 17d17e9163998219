-- +goose Up

-- Facts about this database: which secret seals it, where the members come from.
CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE constituencies (
    code    TEXT PRIMARY KEY, -- ONS code
    name    TEXT NOT NULL,
    name_cy TEXT NOT NULL,
    country TEXT NOT NULL,
    region  TEXT NOT NULL,
    lon     REAL NOT NULL,
    lat     REAL NOT NULL
);

-- Members who left stay, without a constituency: letters and pledges name them.
CREATE TABLE members (
    id           INTEGER PRIMARY KEY, -- Parliament's member id
    constituency TEXT UNIQUE REFERENCES constituencies (code),
    name         TEXT NOT NULL,
    full_title   TEXT NOT NULL,
    salutation   TEXT NOT NULL,
    party        TEXT NOT NULL,
    email        TEXT NOT NULL -- empty: none is published
);

CREATE TABLE campaigns (
    id         INTEGER PRIMARY KEY,
    slug       TEXT NOT NULL UNIQUE,
    source     TEXT NOT NULL, -- the campaign file
    created_at TEXT NOT NULL
);

CREATE TABLE pledges (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    member_id   INTEGER NOT NULL REFERENCES members (id),
    pledged_on  TEXT NOT NULL, -- a day
    PRIMARY KEY (campaign_id, member_id)
);

-- A letter without its person: nothing here identifies anyone.
CREATE TABLE letters (
    id           INTEGER PRIMARY KEY,
    campaign_id  INTEGER NOT NULL REFERENCES campaigns (id),
    constituency TEXT NOT NULL REFERENCES constituencies (code),
    member_id    INTEGER NOT NULL REFERENCES members (id),
    partner      TEXT NOT NULL,
    lang         TEXT NOT NULL,
    variant      TEXT NOT NULL,
    chosen       INTEGER NOT NULL, -- 1: the supporter chose the constituency
    state        TEXT NOT NULL,
    token_hash   BLOB NOT NULL UNIQUE, -- keyed hash of the private link's token
    repeat_hash  BLOB, -- keyed hash of person, MP and campaign; goes when the person goes
    created_at   TEXT NOT NULL,
    state_at     TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    remind_at    TEXT, -- when the one reminder is due; none: sent, or not needed
    confirmed_at TEXT,
    sent_at      TEXT,
    erase_at     TEXT -- when the sealed record is due to go
);
CREATE UNIQUE INDEX letters_repeat ON letters (repeat_hash) WHERE repeat_hash IS NOT NULL;
CREATE INDEX letters_expires ON letters (expires_at) WHERE state = 'awaiting';
CREATE INDEX letters_remind ON letters (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX letters_erase ON letters (erase_at) WHERE erase_at IS NOT NULL;

-- The person behind a letter, sealed. Deleting the row is erasing the person.
CREATE TABLE people (
    letter_id INTEGER PRIMARY KEY REFERENCES letters (id),
    sealed    BLOB NOT NULL
);

CREATE TABLE events (
    id         INTEGER PRIMARY KEY,
    letter_id  INTEGER NOT NULL REFERENCES letters (id),
    at         TEXT NOT NULL,
    from_state TEXT NOT NULL, -- empty: it was written
    to_state   TEXT NOT NULL,
    why        TEXT NOT NULL
);
CREATE INDEX events_letter ON events (letter_id);

-- Moves of letters, counted in the transaction that makes them.
CREATE TABLE counters (
    campaign_id  INTEGER NOT NULL REFERENCES campaigns (id),
    constituency TEXT NOT NULL,
    partner      TEXT NOT NULL,
    day          TEXT NOT NULL, -- in London
    state        TEXT NOT NULL, -- that letters came to; 'confirmed' besides
    letters      INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, constituency, partner, day, state)
) WITHOUT ROWID;

-- One row per message to send. What it says and to whom stands in people, or
-- is looked up when it is sent.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    letter_id   INTEGER NOT NULL REFERENCES letters (id),
    kind        TEXT NOT NULL,
    status      TEXT NOT NULL, -- ready, sending, sent, failed, uncertain, dropped
    attempts    INTEGER NOT NULL,
    message_id  TEXT NOT NULL UNIQUE,
    queued_at   TEXT NOT NULL,
    next_at     TEXT NOT NULL, -- not before
    lease_until TEXT, -- while sending
    finished_at TEXT,
    code        INTEGER NOT NULL, -- the server's last reply code, 0: none
    answer      TEXT NOT NULL -- the server's last answer, addresses removed
);
CREATE INDEX outbox_ready ON outbox (next_at, id) WHERE status = 'ready';
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE status = 'sending';
CREATE INDEX outbox_letter ON outbox (letter_id);

-- Development without a mail server: what would have been sent, sealed.
CREATE TABLE captured_mail (
    id         INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    at         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    sealed     BLOB NOT NULL
);
CREATE INDEX captured_mail_message ON captured_mail (message_id);

-- +goose Down
DROP TABLE captured_mail;
DROP TABLE outbox;
DROP TABLE counters;
DROP TABLE events;
DROP TABLE people;
DROP TABLE letters;
DROP TABLE pledges;
DROP TABLE campaigns;
DROP TABLE members;
DROP TABLE constituencies;
DROP TABLE settings;
