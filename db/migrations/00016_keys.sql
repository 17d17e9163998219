-- +goose Up

-- The keys that records are sealed with and values are hashed with. Each is random,
-- or is what was derived from the secret before there were any here, and stands
-- wrapped: the secret opens it, and nothing else does. A sealed record begins with a
-- byte 1 and the id of its key.
CREATE TABLE data_keys (
    id         BLOB PRIMARY KEY, -- four bytes
    purpose    TEXT NOT NULL, -- seal or hash
    state      TEXT NOT NULL, -- current; retiring: what it sealed is sealed anew; closed: it seals no more; gone: it was destroyed
    wrapped    BLOB NOT NULL, -- empty once it was destroyed
    created_at TEXT NOT NULL,
    retired_at TEXT, -- another took its place
    gone_at    TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX data_keys_current ON data_keys (purpose) WHERE state = 'current';

-- A process that has not noticed a new key must not write what nobody could open
-- any more. What a mail server answered (outbox) may be lost so: to refuse it would
-- hold up what became of the message. Records of people are kept behind their
-- length, four bytes (internal/store/sealed.go).
-- +goose StatementBegin
CREATE TRIGGER people_key BEFORE INSERT ON people
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.sealed, 6, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER people_key_again BEFORE UPDATE OF sealed ON people
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.sealed, 6, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER opt_in_people_key BEFORE INSERT ON opt_in_people
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.sealed, 6, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER notes_key BEFORE INSERT ON notes
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.sealed, 6, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER originals_key BEFORE INSERT ON originals
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.sealed, 6, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER captured_mail_key BEFORE INSERT ON captured_mail
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.sealed, 2, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER account_mail_key BEFORE INSERT ON account_mail
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.sealed, 2, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER accounts_key BEFORE UPDATE OF totp ON accounts
WHEN EXISTS (SELECT 1 FROM data_keys WHERE id = substr(NEW.totp, 2, 4) AND state IN ('closed', 'gone')) BEGIN
    SELECT RAISE(ABORT, 'sealed with a key that is not in use any more');
END;
-- +goose StatementEnd

-- The age key (age-encryption.org) to which a campaign's organisers have what is
-- given out sealed. It is a public one: what is sealed to it opens elsewhere.
CREATE TABLE age_keys (
    campaign_id INTEGER PRIMARY KEY REFERENCES campaigns (id),
    recipient   TEXT NOT NULL, -- age1…
    added_by    TEXT NOT NULL,
    added_at    TEXT NOT NULL,
    swept       INTEGER NOT NULL -- 1: no contact is kept that it could be sealed to, and is not
);

-- +goose Down
-- With the keys goes whatever was sealed with them.
DROP TABLE age_keys;
DROP TRIGGER accounts_key;
DROP TRIGGER account_mail_key;
DROP TRIGGER captured_mail_key;
DROP TRIGGER originals_key;
DROP TRIGGER notes_key;
DROP TRIGGER opt_in_people_key;
DROP TRIGGER people_key_again;
DROP TRIGGER people_key;
DROP TABLE data_keys;
