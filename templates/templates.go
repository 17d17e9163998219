// Package templates holds the pages, the mails and the message catalogues that
// internal/view renders. It is only their embedded files.
package templates

import "embed"

// FS holds layout.html and parts.html, pages/*.html, mail/* and
// messages/{language}.toml, and those of the organisers' workspace in folders of
// their own.
//
//go:embed *.html pages/*.html pages/organise/*.html mail/*.html mail/*.txt mail/organise/*.txt messages/*.toml messages/organise/*.toml
var FS embed.FS
