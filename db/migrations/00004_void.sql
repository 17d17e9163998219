-- +goose Up

-- Who voided a pledge that should never have been recorded, and why; none: it was
-- not. When is in corrected_at: a voided pledge counts as little as one that
-- another row took the place of, and has none.
ALTER TABLE pledges ADD COLUMN voided_by TEXT;
ALTER TABLE pledges ADD COLUMN voided_reason TEXT;
CREATE INDEX pledges_voided ON pledges (campaign_id) WHERE voided_by IS NOT NULL;

-- +goose Down
DROP INDEX pledges_voided;
ALTER TABLE pledges DROP COLUMN voided_reason;
ALTER TABLE pledges DROP COLUMN voided_by;
