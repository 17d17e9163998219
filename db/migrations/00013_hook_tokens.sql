-- +goose Up

-- Tokens with which a relay provider posted something, so that one that somebody
-- overheard is good for nothing else.
CREATE TABLE hook_tokens (
    token_hash   BLOB PRIMARY KEY,
    content_hash BLOB NOT NULL, -- of what came with it
    at           TEXT NOT NULL,
    taken        INTEGER NOT NULL -- 1: it was acted on; 0: the same may come again
) WITHOUT ROWID;
CREATE INDEX hook_tokens_at ON hook_tokens (at);

-- +goose Down
DROP TABLE hook_tokens;
