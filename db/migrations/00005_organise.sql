-- +goose Up

-- The people who run campaigns. Nobody else has an account.
CREATE TABLE accounts (
    id           INTEGER PRIMARY KEY,
    email        TEXT NOT NULL UNIQUE, -- in lower case
    name         TEXT NOT NULL,
    role         TEXT NOT NULL, -- owner, organiser, viewer or partner
    partner      TEXT NOT NULL, -- whose counts a partner may see; empty: no partner
    password     TEXT NOT NULL, -- argon2id with its parameters; empty: not chosen yet
    totp         BLOB, -- the second factor's secret, sealed; none: there is none
    totp_step    INTEGER NOT NULL, -- time step of the last code: each is good once
    digest       INTEGER NOT NULL, -- 1: wants the weekly digest
    created_at   TEXT NOT NULL,
    signed_in_at TEXT, -- last time
    disabled_at  TEXT -- none: may sign in
);

-- What gets in when the telephone with the second factor is lost, each once.
CREATE TABLE recovery_codes (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    code_hash  BLOB NOT NULL, -- keyed hash
    used_at    TEXT,
    PRIMARY KEY (account_id, code_hash)
) WITHOUT ROWID;

-- Links by which somebody sets a password, each once.
CREATE TABLE account_links (
    token_hash BLOB PRIMARY KEY, -- keyed hash
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    kind       TEXT NOT NULL, -- setup or reset
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX account_links_account ON account_links (account_id);

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY, -- hash of the cookie's value
    account_id INTEGER NOT NULL, -- 0: nobody is signed in yet
    data       BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Attempts to sign in that failed, by keyed hash of what is limited.
CREATE TABLE sign_in_failures (
    bucket   BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    until    TEXT NOT NULL -- no attempt before
) WITHOUT ROWID;
CREATE INDEX sign_in_failures_until ON sign_in_failures (until);

-- Who did what, when and from where. Rows are added and never changed.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    account_id  INTEGER NOT NULL, -- 0: a command on the server, or Postbag itself
    actor       TEXT NOT NULL, -- name of the account, or of the command
    origin      TEXT NOT NULL, -- network address; empty: the server itself
    action      TEXT NOT NULL, -- such as pledge.add
    campaign_id INTEGER NOT NULL, -- 0: of no campaign
    object      TEXT NOT NULL, -- what it was done to, such as member 1234
    before      TEXT NOT NULL, -- JSON or empty; never a supporter's data
    after       TEXT NOT NULL
);
CREATE INDEX audit_account ON audit (account_id, id);
CREATE INDEX audit_campaign ON audit (campaign_id, id);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_action ON audit (action);
-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_adds BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only'); -- INSERT OR REPLACE asks no other trigger
END;
-- +goose StatementEnd

-- Mail to those who run campaigns: links to set a password, the weekly digest.
CREATE TABLE account_mail (
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL REFERENCES accounts (id),
    kind        TEXT NOT NULL,
    sealed      BLOB NOT NULL, -- what it says
    status      TEXT NOT NULL, -- as in outbox
    attempts    INTEGER NOT NULL,
    message_id  TEXT NOT NULL UNIQUE,
    queued_at   TEXT NOT NULL,
    next_at     TEXT NOT NULL,
    lease_until TEXT,
    finished_at TEXT,
    code        INTEGER NOT NULL,
    answer      TEXT NOT NULL
);
CREATE INDEX account_mail_ready ON account_mail (next_at, id) WHERE status = 'ready';
CREATE INDEX account_mail_sending ON account_mail (lease_until) WHERE status = 'sending';

-- Weeks whose digest has been queued.
CREATE TABLE digests (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    week       TEXT NOT NULL, -- the Monday it ends on, in London
    PRIMARY KEY (account_id, week)
) WITHOUT ROWID;

-- Where letters stand and what became of them, one row for each constituency, so
-- that nothing is added up when it is looked at. What the counters hold by day
-- and partner is here over all of time.
CREATE TABLE tallies (
    campaign_id      INTEGER NOT NULL REFERENCES campaigns (id),
    constituency     TEXT NOT NULL,
    written          INTEGER NOT NULL DEFAULT 0, -- letters that ever came to a state, as in counters
    confirmed        INTEGER NOT NULL DEFAULT 0,
    sent             INTEGER NOT NULL DEFAULT 0,
    failed           INTEGER NOT NULL DEFAULT 0,
    bounced          INTEGER NOT NULL DEFAULT 0,
    uncertain        INTEGER NOT NULL DEFAULT 0,
    withdrawn        INTEGER NOT NULL DEFAULT 0,
    expired          INTEGER NOT NULL DEFAULT 0,
    self_reported    INTEGER NOT NULL DEFAULT 0,
    replied_none     INTEGER NOT NULL DEFAULT 0,
    replied_standard INTEGER NOT NULL DEFAULT 0,
    replied_real     INTEGER NOT NULL DEFAULT 0,
    replied_pledged  INTEGER NOT NULL DEFAULT 0,
    replied_refused  INTEGER NOT NULL DEFAULT 0,
    now_awaiting     INTEGER NOT NULL DEFAULT 0, -- letters that are in a state now
    now_queued       INTEGER NOT NULL DEFAULT 0, -- or sending
    now_held         INTEGER NOT NULL DEFAULT 0,
    now_failed       INTEGER NOT NULL DEFAULT 0,
    now_bounced      INTEGER NOT NULL DEFAULT 0,
    now_uncertain    INTEGER NOT NULL DEFAULT 0,
    thanked          INTEGER NOT NULL DEFAULT 0, -- letters of thanks that were ever sent
    last_at          TEXT NOT NULL DEFAULT '', -- when a letter was last accepted; empty: never
    thanked_at       TEXT NOT NULL DEFAULT '', -- when a letter of thanks was; empty: never
    PRIMARY KEY (campaign_id, constituency)
) WITHOUT ROWID;

-- Moves of a campaign's letters by the hour, for charts.
CREATE TABLE hours (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    hour        TEXT NOT NULL, -- its beginning, UTC: 2026-11-23T10
    written     INTEGER NOT NULL DEFAULT 0,
    confirmed   INTEGER NOT NULL DEFAULT 0,
    sent        INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    bounced     INTEGER NOT NULL DEFAULT 0,
    uncertain   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, hour)
) WITHOUT ROWID;

-- How far people come who have not written yet; nothing says who.
CREATE TABLE steps (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    day         TEXT NOT NULL, -- in London
    step        TEXT NOT NULL, -- found (a postcode led to an MP) or previewed
    visits      INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, day, step)
) WITHOUT ROWID;

-- What became of the letters that started from each text of a campaign.
CREATE TABLE variants (
    campaign_id     INTEGER NOT NULL REFERENCES campaigns (id),
    variant         TEXT NOT NULL,
    written         INTEGER NOT NULL DEFAULT 0,
    confirmed       INTEGER NOT NULL DEFAULT 0,
    sent            INTEGER NOT NULL DEFAULT 0,
    replied_pledged INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, variant)
) WITHOUT ROWID;

-- How much of their letters people wrote themselves, of those that they confirmed.
CREATE TABLE own_words (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    percent     INTEGER NOT NULL, -- of the letter's words, 0 to 100
    letters     INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, percent)
) WITHOUT ROWID;

-- A number that grows with every commit that changes what organisers watch of a
-- campaign, so that a look at it tells whether to look at the rest.
CREATE TABLE changes (
    campaign_id INTEGER PRIMARY KEY REFERENCES campaigns (id),
    version     INTEGER NOT NULL
);

-- A campaign's file as it was, every time it was changed.
CREATE TABLE campaign_versions (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    version     INTEGER NOT NULL,
    source      TEXT NOT NULL,
    account_id  INTEGER NOT NULL, -- 0: it came with the program, or from a command
    author      TEXT NOT NULL,
    at          TEXT NOT NULL,
    note        TEXT NOT NULL, -- why, in the author's words; may be empty
    PRIMARY KEY (campaign_id, version)
) WITHOUT ROWID;
ALTER TABLE campaigns ADD COLUMN state TEXT NOT NULL DEFAULT 'live'; -- draft, live, paused or closed
ALTER TABLE campaigns ADD COLUMN starts_at TEXT; -- a draft goes live by itself then
ALTER TABLE campaigns ADD COLUMN ends_at TEXT; -- it closes by itself then
ALTER TABLE campaigns ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- the one in force
INSERT INTO campaign_versions (campaign_id, version, source, account_id, author, at, note)
SELECT id, 1, source, 0, '', created_at, '' FROM campaigns;
ALTER TABLE letters ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- of the campaign, that it was written from

-- What to call a letter by when somebody asks about it; it says nothing.
ALTER TABLE letters ADD COLUMN reference TEXT;
CREATE UNIQUE INDEX letters_reference ON letters (reference) WHERE reference IS NOT NULL;
-- Why a letter came to its state, as its last event has it.
ALTER TABLE letters ADD COLUMN why TEXT NOT NULL DEFAULT '';
UPDATE letters SET why = COALESCE((SELECT why FROM events WHERE letter_id = letters.id ORDER BY id DESC LIMIT 1), '')
WHERE state IN ('held', 'uncertain', 'failed', 'bounced');
-- Letters that wait for somebody's decision, with what they are sifted by. Once
-- the person is erased there is nothing left to decide.
CREATE INDEX letters_open ON letters (campaign_id, id, state, why, constituency, member_id, variant)
WHERE state IN ('held', 'uncertain', 'failed', 'bounced') AND erase_at IS NOT NULL;

-- What an organiser told a supporter whose letter was declined.
CREATE TABLE notes (
    letter_id INTEGER PRIMARY KEY REFERENCES letters (id),
    sealed    BLOB NOT NULL
);

-- Where a pledge was taken back, why; and where evidence is no address, what it is.
ALTER TABLE pledges ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE pledges ADD COLUMN withdrawn_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX pledges_campaign ON pledges (campaign_id, member_id);

-- What was decided about a pledge that a supporter told of.
ALTER TABLE replies ADD COLUMN judged TEXT NOT NULL DEFAULT ''; -- confirmed or dismissed; empty: it waits
CREATE INDEX replies_pledged ON replies (at) WHERE answer = 'pledged' AND judged = '';

-- What organisers know better than Parliament's list: an address, or that a seat
-- is vacant. It holds until it is ended, whatever the list says meanwhile.
CREATE TABLE corrections (
    id           INTEGER PRIMARY KEY,
    constituency TEXT NOT NULL REFERENCES constituencies (code),
    member_id    INTEGER NOT NULL REFERENCES members (id),
    field        TEXT NOT NULL, -- email or vacant
    value        TEXT NOT NULL,
    listed       TEXT NOT NULL, -- what the list said instead
    source       TEXT NOT NULL, -- how it is known
    account_id   INTEGER NOT NULL,
    recorded_by  TEXT NOT NULL,
    at           TEXT NOT NULL,
    ended_at     TEXT,
    ended_by     TEXT
);
CREATE UNIQUE INDEX corrections_standing ON corrections (member_id, field) WHERE ended_at IS NULL;

INSERT INTO tallies (campaign_id, constituency, written, confirmed, sent, failed, bounced, uncertain, withdrawn, expired, self_reported,
    replied_none, replied_standard, replied_real, replied_pledged, replied_refused)
SELECT campaign_id, constituency,
    SUM(CASE WHEN state = 'awaiting' THEN letters ELSE 0 END), SUM(CASE WHEN state = 'confirmed' THEN letters ELSE 0 END),
    SUM(CASE WHEN state = 'sent' THEN letters ELSE 0 END), SUM(CASE WHEN state = 'failed' THEN letters ELSE 0 END),
    SUM(CASE WHEN state = 'bounced' THEN letters ELSE 0 END), SUM(CASE WHEN state = 'uncertain' THEN letters ELSE 0 END),
    SUM(CASE WHEN state = 'withdrawn' THEN letters ELSE 0 END), SUM(CASE WHEN state = 'expired' THEN letters ELSE 0 END),
    SUM(CASE WHEN state = 'self_reported' THEN letters ELSE 0 END),
    SUM(CASE WHEN state = 'reply_none' THEN letters ELSE 0 END), SUM(CASE WHEN state = 'reply_standard' THEN letters ELSE 0 END),
    SUM(CASE WHEN state = 'reply_real' THEN letters ELSE 0 END), SUM(CASE WHEN state = 'reply_pledged' THEN letters ELSE 0 END),
    SUM(CASE WHEN state = 'reply_refused' THEN letters ELSE 0 END)
FROM counters
GROUP BY campaign_id, constituency;
INSERT INTO tallies (campaign_id, constituency, now_awaiting, now_queued, now_held, now_failed, now_bounced, now_uncertain, last_at)
SELECT campaign_id, constituency,
    SUM(state = 'awaiting'), SUM(state IN ('queued', 'sending')), SUM(state = 'held' AND erase_at IS NOT NULL),
    SUM(state = 'failed' AND erase_at IS NOT NULL), SUM(state = 'bounced' AND erase_at IS NOT NULL),
    SUM(state = 'uncertain' AND erase_at IS NOT NULL), COALESCE(MAX(sent_at), '')
FROM letters
WHERE true
GROUP BY campaign_id, constituency
ON CONFLICT (campaign_id, constituency) DO UPDATE SET
    now_awaiting = excluded.now_awaiting, now_queued = excluded.now_queued, now_held = excluded.now_held,
    now_failed = excluded.now_failed, now_bounced = excluded.now_bounced, now_uncertain = excluded.now_uncertain,
    last_at = excluded.last_at;
UPDATE tallies SET thanked = t.sent, thanked_at = t.at
FROM (
    SELECT l.campaign_id, l.constituency, COUNT(*) AS sent, MAX(l.sent_at) AS at
    FROM letters l
    JOIN events e ON e.letter_id = l.id
    WHERE e.to_state = 'sent' AND l.variant = 'thanks'
    GROUP BY l.campaign_id, l.constituency
) AS t
WHERE t.campaign_id = tallies.campaign_id AND t.constituency = tallies.constituency;
INSERT INTO hours (campaign_id, hour, written, confirmed, sent, failed, bounced, uncertain)
SELECT l.campaign_id, substr(e.at, 1, 13),
    SUM(e.to_state = 'awaiting'), SUM(e.from_state = 'awaiting' AND e.to_state IN ('queued', 'held')), SUM(e.to_state = 'sent'),
    SUM(e.to_state = 'failed'), SUM(e.to_state = 'bounced'), SUM(e.to_state = 'uncertain')
FROM events e
JOIN letters l ON l.id = e.letter_id
WHERE e.to_state IN ('awaiting', 'sent', 'failed', 'bounced', 'uncertain') OR e.from_state = 'awaiting' AND e.to_state IN ('queued', 'held')
GROUP BY 1, 2;
INSERT INTO variants (campaign_id, variant, written, confirmed, sent, replied_pledged)
SELECT l.campaign_id, l.variant, COUNT(*), SUM(l.confirmed_at IS NOT NULL), 0, SUM(COALESCE(r.answer, '') = 'pledged')
FROM letters l
LEFT JOIN replies r ON r.letter_id = l.id
GROUP BY l.campaign_id, l.variant;
UPDATE variants SET sent = (
    SELECT COUNT(*) FROM events e
    JOIN letters l ON l.id = e.letter_id
    WHERE e.to_state = 'sent' AND l.campaign_id = variants.campaign_id AND l.variant = variants.variant
);
INSERT INTO own_words (campaign_id, percent, letters)
SELECT campaign_id, own, COUNT(*)
FROM letters
WHERE own IS NOT NULL AND confirmed_at IS NOT NULL
GROUP BY campaign_id, own;

-- +goose Down
DROP TABLE corrections;
DROP INDEX replies_pledged;
ALTER TABLE replies DROP COLUMN judged;
DROP INDEX pledges_campaign;
ALTER TABLE pledges DROP COLUMN withdrawn_reason;
ALTER TABLE pledges DROP COLUMN note;
DROP TABLE notes;
DROP INDEX letters_open;
ALTER TABLE letters DROP COLUMN why;
DROP INDEX letters_reference;
ALTER TABLE letters DROP COLUMN reference;
ALTER TABLE letters DROP COLUMN version;
ALTER TABLE campaigns DROP COLUMN version;
ALTER TABLE campaigns DROP COLUMN ends_at;
ALTER TABLE campaigns DROP COLUMN starts_at;
ALTER TABLE campaigns DROP COLUMN state;
DROP TABLE campaign_versions;
DROP TABLE changes;
DROP TABLE own_words;
DROP TABLE variants;
DROP TABLE steps;
DROP TABLE hours;
DROP TABLE tallies;
DROP TABLE digests;
DROP TABLE account_mail;
DROP TABLE audit;
DROP TABLE sign_in_failures;
DROP TABLE sessions;
DROP TABLE account_links;
DROP TABLE recovery_codes;
DROP TABLE accounts;
