// Package assets holds the files that browsers fetch beside the pages. It is
// only their embedded files; internal/view gives them addresses.
package assets

import "embed"

// FS holds the stylesheet, the icon and the scripts.
//
//go:embed *.css *.svg *.js
var FS embed.FS
