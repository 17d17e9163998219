-- +goose Up

-- What people asked to have deleted or taken back, so that it is done again in a
-- database that is brought back from a backup. Nothing here says who: a letter is
-- known by the keyed hash that stays in its row, an opt-in by its random number. The
-- same stands in a file beside the database.
CREATE TABLE asked (
    number INTEGER PRIMARY KEY, -- in the order in which it was asked
    day    TEXT NOT NULL, -- in London
    what   TEXT NOT NULL, -- erased, ended or withdrawn
    mark   TEXT NOT NULL, -- in hexadecimal
    UNIQUE (what, mark)
);

-- +goose Down
DROP TABLE asked;
