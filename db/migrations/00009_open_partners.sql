-- +goose Up

-- Letters that wait are sifted by their partner as well, and counted out of the index
-- alone: what it asks for has to be in it too.
DROP INDEX letters_open;
CREATE INDEX letters_open ON letters (campaign_id, id, state, why, constituency, member_id, variant, partner, erase_at)
WHERE state IN ('held', 'uncertain', 'failed', 'bounced') AND erase_at IS NOT NULL;

-- +goose Down
DROP INDEX letters_open;
CREATE INDEX letters_open ON letters (campaign_id, id, state, why, constituency, member_id, variant)
WHERE state IN ('held', 'uncertain', 'failed', 'bounced') AND erase_at IS NOT NULL;
