// Package db holds what ships inside the program: the database migrations, the
// embedded tables (constituencies, their neighbours and places on the hex map,
// members, postcodes) and the campaigns.
package db

import "embed"

// FS holds migrations/*.sql, campaigns/*.toml, the tables of constituencies,
// neighbours, hexagons and members, and postcodes.idx.
//
//go:embed migrations/*.sql campaigns/*.toml *.tsv postcodes.idx
var FS embed.FS
