-- +goose Up

-- The erasure ledger: how many sealed records were erased on each day, for which
-- campaign and why. It tells of nobody. When a day is over its rows are numbered and
-- chained (campaign.Erasure.Chain), and stay as they are.
CREATE TABLE erasures (
    day      TEXT NOT NULL, -- in London
    campaign TEXT NOT NULL, -- slug
    kind     TEXT NOT NULL, -- letter or opt_in
    why      TEXT NOT NULL, -- due, asked, replaced, ended or unconfirmed
    records  INTEGER NOT NULL,
    number   INTEGER UNIQUE, -- counted from 1; none: the day is not over
    hash     TEXT, -- in hexadecimal; none likewise
    PRIMARY KEY (day, campaign, kind, why)
) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER erasures_stay BEFORE UPDATE ON erasures WHEN OLD.number IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'a day of the erasure ledger that is over stays as it is');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER erasures_keep BEFORE DELETE ON erasures BEGIN
    SELECT RAISE(ABORT, 'the erasure ledger is append-only');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE erasures;
