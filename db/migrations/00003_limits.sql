-- +goose Up

-- Mails to one address are counted, whatever they are about and whoever asked for
-- them.
ALTER TABLE letters ADD COLUMN email_hash BLOB; -- keyed hash of the email address alone; goes when the person goes
CREATE INDEX letters_email ON letters (email_hash) WHERE email_hash IS NOT NULL;

-- Whoever confirmed a letter to an MP and was erased since, so that they are not
-- counted anew. Nothing leads from here to the letter: not a number, not the
-- order of the rows, not the hour.
CREATE TABLE past_letters (
    repeat_hash BLOB PRIMARY KEY, -- as the letter had it
    until       TEXT NOT NULL -- the last day, in London, on which it counts
) WITHOUT ROWID;
CREATE INDEX past_letters_until ON past_letters (until);

-- +goose Down
DROP TABLE past_letters;
DROP INDEX letters_email;
ALTER TABLE letters DROP COLUMN email_hash;
