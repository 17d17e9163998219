-- +goose Up

-- What a supporter is mailed about a letter that went: that it did, and twice
-- whether their MP answered. Letters that went before this are not asked about:
-- their supporters were told so.
ALTER TABLE letters ADD COLUMN follow_at TEXT; -- when the next of these mails is due; none: no more come
ALTER TABLE letters ADD COLUMN follow_step INTEGER NOT NULL DEFAULT 0; -- which: 0, 1 or 2
CREATE INDEX letters_follow ON letters (follow_at) WHERE follow_at IS NOT NULL;

-- +goose Down
DROP INDEX letters_follow;
ALTER TABLE letters DROP COLUMN follow_step;
ALTER TABLE letters DROP COLUMN follow_at;
