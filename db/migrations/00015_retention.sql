-- +goose Up

-- What is kept goes in two steps once a letter was sent: its text and the postal
-- address first, name and email address when nothing more is to be asked. Each letter
-- has the days that its writer was told.
ALTER TABLE letters ADD COLUMN keep_text INTEGER NOT NULL DEFAULT 7;
ALTER TABLE letters ADD COLUMN keep_email INTEGER NOT NULL DEFAULT 28; -- of letters from before: campaigns say 30
ALTER TABLE letters ADD COLUMN keep_unconfirmed INTEGER NOT NULL DEFAULT 7;
ALTER TABLE letters ADD COLUMN trim_at TEXT; -- when text and address are due to go
ALTER TABLE letters ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0; -- 1: they are gone
UPDATE letters SET trim_at = strftime('%Y-%m-%dT%H:%M:%fZ', sent_at, '+7 days')
WHERE state = 'sent' AND sent_at IS NOT NULL AND erase_at IS NOT NULL;
CREATE INDEX letters_trim ON letters (trim_at) WHERE trim_at IS NOT NULL;

-- A campaign that was changed to keep less: its letters are still to be shortened.
-- None: they are as it says.
ALTER TABLE campaigns ADD COLUMN keep_text INTEGER;
ALTER TABLE campaigns ADD COLUMN keep_email INTEGER;
ALTER TABLE campaigns ADD COLUMN keep_unconfirmed INTEGER;

-- +goose Down
ALTER TABLE campaigns DROP COLUMN keep_unconfirmed;
ALTER TABLE campaigns DROP COLUMN keep_email;
ALTER TABLE campaigns DROP COLUMN keep_text;
DROP INDEX letters_trim;
ALTER TABLE letters DROP COLUMN trimmed;
ALTER TABLE letters DROP COLUMN trim_at;
ALTER TABLE letters DROP COLUMN keep_unconfirmed;
ALTER TABLE letters DROP COLUMN keep_email;
ALTER TABLE letters DROP COLUMN keep_text;
