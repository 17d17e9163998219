-- +goose Up

-- How much has come lately from a network, an inbox, a postcode or to a campaign. A
-- row tells of nobody: its name is a keyed hash that changes every day. When the day is
-- over it goes.
CREATE TABLE limits (
    hash    BLOB PRIMARY KEY, -- the number of the day in two bytes, a keyed hash of what is counted on that day, h or d for how long
    full_at INTEGER NOT NULL -- when as many may come again as at first, in milliseconds since 1970
) WITHOUT ROWID;

-- How many letters share some of what their supporters wrote themselves. No text,
-- no letter and no person leads here or from here. It goes when the next week is over.
CREATE TABLE likenesses (
    hash    BLOB PRIMARY KEY, -- the number of the week in two bytes, then keyed of a band of the text (campaign.Guard)
    letters INTEGER NOT NULL -- of that week
) WITHOUT ROWID;

-- What organisers set of a campaign's checks, as JSON (campaign.Checks). None: as the
-- program has it.
CREATE TABLE checks (
    campaign_id INTEGER PRIMARY KEY REFERENCES campaigns (id),
    settings    TEXT NOT NULL
);

-- What came of the letters that each check held.
CREATE TABLE check_counts (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    name        TEXT NOT NULL,
    held        INTEGER NOT NULL,
    sent        INTEGER NOT NULL, -- organisers let them go
    declined    INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, name)
) WITHOUT ROWID;

ALTER TABLE letters ADD COLUMN holds TEXT NOT NULL DEFAULT ''; -- checks that hold it once it is confirmed, with commas between them
ALTER TABLE letters ADD COLUMN most_seats INTEGER NOT NULL DEFAULT 0; -- constituencies that its sender may write about; 0: any number

-- +goose Down
ALTER TABLE letters DROP COLUMN most_seats;
ALTER TABLE letters DROP COLUMN holds;
DROP TABLE check_counts;
DROP TABLE checks;
DROP TABLE likenesses;
DROP TABLE limits;
