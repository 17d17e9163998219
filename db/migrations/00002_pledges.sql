-- +goose Up

-- Every pledge that was ever recorded, with who wrote it down. A pledge that was
-- taken back, or replaced by a correction, stays as it was.
CREATE TABLE pledges_2 (
    id                 INTEGER PRIMARY KEY,
    campaign_id        INTEGER NOT NULL REFERENCES campaigns (id),
    member_id          INTEGER NOT NULL REFERENCES members (id),
    pledged_on         TEXT NOT NULL, -- a day
    evidence           TEXT NOT NULL, -- a web address; empty: none is given
    recorded_by        TEXT NOT NULL, -- empty: before this was kept
    recorded_at        TEXT NOT NULL,
    withdrawn_on       TEXT, -- a day; none: it stands
    withdrawn_evidence TEXT,
    withdrawn_by       TEXT,
    withdrawn_at       TEXT,
    corrected_at       TEXT -- when another row took this one's place; none: it counts
);
INSERT INTO pledges_2 (campaign_id, member_id, pledged_on, evidence, recorded_by, recorded_at)
SELECT campaign_id, member_id, pledged_on, '', '', pledged_on || 'T00:00:00.000Z'
FROM pledges
ORDER BY campaign_id, member_id;
DROP TABLE pledges;
ALTER TABLE pledges_2 RENAME TO pledges;
CREATE UNIQUE INDEX pledges_standing ON pledges (campaign_id, member_id)
WHERE withdrawn_on IS NULL AND corrected_at IS NULL;
CREATE INDEX pledges_counting ON pledges (campaign_id) WHERE corrected_at IS NULL;

-- How much of a letter is the supporter's own, in percent of its words; none for
-- letters from before this was measured.
ALTER TABLE letters ADD COLUMN own INTEGER;

-- Anyone can write in anyone's name, so only a confirmed letter stands in the way
-- of another.
ALTER TABLE letters ADD COLUMN content_hash BLOB; -- keyed hash of everything they wrote; goes when the person goes
ALTER TABLE letters ADD COLUMN replace_hash BLOB; -- keyed hash of the token by which a corrected letter takes its place
DROP INDEX letters_repeat;
CREATE INDEX letters_repeat ON letters (repeat_hash) WHERE repeat_hash IS NOT NULL;
CREATE UNIQUE INDEX letters_confirmed ON letters (repeat_hash) WHERE repeat_hash IS NOT NULL AND confirmed_at IS NOT NULL;
CREATE INDEX letters_replace ON letters (replace_hash) WHERE replace_hash IS NOT NULL;

-- The server's whole answer, which may quote the message. From now on the column
-- answer has what happened last alone: reply code and status, nobody's words.
ALTER TABLE outbox ADD COLUMN sealed BLOB;

-- Letters that supporters say they sent themselves, for as long as the same one
-- might be reported again. Nothing here says who.
CREATE TABLE self_reports (
    id           INTEGER PRIMARY KEY,
    campaign_id  INTEGER NOT NULL REFERENCES campaigns (id),
    constituency TEXT NOT NULL REFERENCES constituencies (code),
    way          TEXT NOT NULL, -- post or email
    day          TEXT NOT NULL, -- in London
    token_hash   BLOB NOT NULL UNIQUE -- keyed hash of the page's token: each letter counts once
);
CREATE INDEX self_reports_day ON self_reports (day);

-- What supporters say their MP answered; nobody's words.
CREATE TABLE replies (
    letter_id INTEGER PRIMARY KEY REFERENCES letters (id),
    answer    TEXT NOT NULL,
    at        TEXT NOT NULL
);

-- +goose Down
DROP TABLE replies;
DROP TABLE self_reports;
DELETE FROM counters WHERE state = 'self_reported' OR state LIKE 'reply\_%' ESCAPE '\';
ALTER TABLE outbox DROP COLUMN sealed;
-- Room for one letter of a person to an MP: the confirmed one, else the latest.
UPDATE letters SET repeat_hash = NULL
WHERE confirmed_at IS NULL AND EXISTS (
    SELECT 1 FROM letters other
    WHERE other.repeat_hash = letters.repeat_hash
        AND (other.confirmed_at IS NOT NULL OR other.id > letters.id)
);
DROP INDEX letters_replace;
DROP INDEX letters_confirmed;
DROP INDEX letters_repeat;
CREATE UNIQUE INDEX letters_repeat ON letters (repeat_hash) WHERE repeat_hash IS NOT NULL;
ALTER TABLE letters DROP COLUMN replace_hash;
ALTER TABLE letters DROP COLUMN content_hash;
ALTER TABLE letters DROP COLUMN own;
CREATE TABLE pledges_1 (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    member_id   INTEGER NOT NULL REFERENCES members (id),
    pledged_on  TEXT NOT NULL, -- a day
    PRIMARY KEY (campaign_id, member_id)
);
INSERT INTO pledges_1 (campaign_id, member_id, pledged_on)
SELECT campaign_id, member_id, pledged_on
FROM pledges
WHERE withdrawn_on IS NULL AND corrected_at IS NULL;
DROP TABLE pledges;
ALTER TABLE pledges_1 RENAME TO pledges;
