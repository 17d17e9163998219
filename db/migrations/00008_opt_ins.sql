-- +goose Up

-- What people were asked who may want to hear from an organisation, word for
-- word. Each answer refers to what was asked.
CREATE TABLE opt_in_wordings (
    id   INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE, -- of language and text
    lang TEXT NOT NULL,
    text TEXT NOT NULL
);

-- Those who said yes; nothing is kept of those who did not. The row itself names
-- nobody, and leads to no letter: not by its number, which is random, nor by the
-- hour.
CREATE TABLE opt_ins (
    id           INTEGER PRIMARY KEY, -- random: what programs know the contact by
    campaign_id  INTEGER NOT NULL REFERENCES campaigns (id),
    partner      TEXT NOT NULL, -- slug: whom it was given to; empty: who runs the campaign
    wording_id   INTEGER NOT NULL REFERENCES opt_in_wordings (id),
    token_hash   BLOB UNIQUE, -- keyed hash of the token that ends it; goes when it ends
    email_hash   BLOB, -- keyed hash of person, organisation and campaign; goes when it ends
    confirmed_on TEXT, -- a day in London; none: the letter waits to be confirmed, and it does not count
    changed_on   TEXT, -- day on which it was confirmed or ended; none likewise
    ended_on     TEXT -- none: it stands
);
CREATE UNIQUE INDEX opt_ins_person ON opt_ins (email_hash) WHERE email_hash IS NOT NULL AND confirmed_on IS NOT NULL;
CREATE INDEX opt_ins_export ON opt_ins (partner, changed_on, id) WHERE changed_on IS NOT NULL;

-- Who said so, sealed. Deleting the row is erasing the person.
CREATE TABLE opt_in_people (
    opt_in_id INTEGER PRIMARY KEY REFERENCES opt_ins (id),
    sealed    BLOB NOT NULL
);

-- The letters they were given with, for as long as who wrote them is kept.
CREATE TABLE opt_in_letters (
    letter_id INTEGER NOT NULL REFERENCES letters (id),
    opt_in_id INTEGER NOT NULL REFERENCES opt_ins (id),
    PRIMARY KEY (letter_id, opt_in_id)
) WITHOUT ROWID;
CREATE INDEX opt_in_letters_opt_in ON opt_in_letters (opt_in_id);

-- How many were ever confirmed and how many of them have ended.
CREATE TABLE opt_in_sums (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    partner     TEXT NOT NULL,
    confirmed   INTEGER NOT NULL,
    ended       INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, partner)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE opt_in_sums;
DROP TABLE opt_in_letters;
DROP TABLE opt_in_people;
DROP TABLE opt_ins;
DROP TABLE opt_in_wordings;
