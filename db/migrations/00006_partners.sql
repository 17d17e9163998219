-- +goose Up

-- Organisations that put the form on their own sites.
CREATE TABLE partners (
    id         INTEGER PRIMARY KEY,
    slug       TEXT NOT NULL UNIQUE, -- in addresses and on letters; never changes
    name       TEXT NOT NULL,
    website    TEXT NOT NULL,
    origins    TEXT NOT NULL, -- a JSON list: of the sites that may show the form
    contact    TEXT NOT NULL, -- whom to ask there, an email address; may be empty
    logo_type  TEXT NOT NULL, -- image/png or image/jpeg; empty: there is none
    logo       BLOB,
    opt_in     TEXT NOT NULL, -- JSON by language: what people agree to who want to hear from it; empty: they are not asked
    version    INTEGER NOT NULL, -- counts its changes
    created_at TEXT NOT NULL,
    retired_at TEXT -- none: its embeds work
);

-- Where a letter came from besides its partner.
ALTER TABLE letters ADD COLUMN source TEXT NOT NULL DEFAULT ''; -- utm parameters: campaign=…&medium=…&source=…
ALTER TABLE letters ADD COLUMN via TEXT NOT NULL DEFAULT ''; -- origin of the page that brought the supporter, one of the partner's

-- What programs show to be let in.
CREATE TABLE api_keys (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL, -- what it is for
    partner      TEXT NOT NULL, -- slug: whose it is; empty: of who runs the site
    key_hash     BLOB NOT NULL UNIQUE, -- keyed hash
    created_at   TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    last_used_on TEXT NOT NULL, -- a day; empty: never
    revoked_at   TEXT
);
CREATE INDEX api_keys_partner ON api_keys (partner);

-- +goose Down
DROP TABLE api_keys;
ALTER TABLE letters DROP COLUMN via;
ALTER TABLE letters DROP COLUMN source;
DROP TABLE partners;
