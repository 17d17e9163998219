// Package assets holds the files that browsers fetch beside the pages. It is
// only their embedded files; internal/view gives them addresses.
package assets

import "embed"

// FS holds the stylesheet, the scripts and the icon.
//
//go:embed *.css *.js *.svg
var FS embed.FS
