-- +goose Up

-- What letters came of each link of a partner's, or of a campaign's own that names
-- a source. Letters of which nothing is known are not here.
CREATE TABLE credits (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
    partner     TEXT NOT NULL, -- slug; empty: none
    source      TEXT NOT NULL, -- as letters have it; 'other': of any that came when there were too many
    via         TEXT NOT NULL,
    written     INTEGER NOT NULL DEFAULT 0, -- letters that ever came to a state, as in counters
    confirmed   INTEGER NOT NULL DEFAULT 0,
    sent        INTEGER NOT NULL DEFAULT 0,
    bounced     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, partner, source, via)
) WITHOUT ROWID;

-- What partners may know is worked out day by day.
CREATE INDEX counters_day ON counters (campaign_id, day) WHERE state IN ('sent', 'bounced');

-- Addresses at which a partner's page can be read without an account.
CREATE TABLE partner_links (
    id         INTEGER PRIMARY KEY,
    partner    TEXT NOT NULL, -- slug
    name       TEXT NOT NULL, -- for whom it is
    token_hash BLOB NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at TEXT
);
CREATE INDEX partner_links_partner ON partner_links (partner);

-- How often a partner's pages showed the form; nothing says to whom.
CREATE TABLE partner_loads (
    partner TEXT NOT NULL, -- slug
    origin  TEXT NOT NULL, -- of the page; empty: it was not told
    day     TEXT NOT NULL, -- in London
    loads   INTEGER NOT NULL,
    PRIMARY KEY (partner, origin, day)
) WITHOUT ROWID;

-- Pages that tried to show it and may not: a few of each partner.
CREATE TABLE partner_refusals (
    partner TEXT NOT NULL,
    origin  TEXT NOT NULL,
    times   INTEGER NOT NULL,
    last_on TEXT NOT NULL, -- a day in London
    PRIMARY KEY (partner, origin)
) WITHOUT ROWID;

-- As they would have been counted: of each partner, what came first has rows of
-- its own, and what came when there were 200 counts together.
INSERT INTO credits (campaign_id, partner, source, via, written, confirmed, sent, bounced)
WITH each AS (
    SELECT l.campaign_id, l.partner, l.source, l.via, MIN(l.id) AS first,
        SUM(e.to_state = 'awaiting') AS written, SUM(e.from_state = 'awaiting' AND e.to_state IN ('queued', 'held')) AS confirmed,
        SUM(e.to_state = 'sent') AS sent, SUM(e.to_state = 'bounced') AS bounced
    FROM letters l
    JOIN events e ON e.letter_id = l.id
    WHERE l.partner <> '' OR l.source <> ''
    GROUP BY l.campaign_id, l.partner, l.source, l.via
),
placed AS (SELECT *, row_number() OVER (PARTITION BY campaign_id, partner ORDER BY first) <= 200 AS apart FROM each)
SELECT campaign_id, partner, CASE WHEN apart THEN source ELSE 'other' END, CASE WHEN apart THEN via ELSE '' END,
    SUM(written), SUM(confirmed), SUM(sent), SUM(bounced)
FROM placed
GROUP BY 1, 2, 3, 4;

-- +goose Down
DROP TABLE partner_refusals;
DROP TABLE partner_loads;
DROP TABLE partner_links;
DROP INDEX counters_day;
DROP TABLE credits;
