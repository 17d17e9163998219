// Package assets holds the files that browsers fetch beside the pages. It is
// only their embedded files; internal/view gives them addresses.
package assets

import "embed"

// FS holds the stylesheet and the icon.
//
//go:embed *.css *.svg
var FS embed.FS
