package web

import (
	"sync"

	"postbag/assets"
	"postbag/internal/view"
	"postbag/templates"
)

// Renderer is what all tests of this package render with: reading and trying
// every template takes longer than most of them.
var Renderer = sync.OnceValue(func() *view.Renderer {
	r, err := view.New(templates.FS, assets.FS, view.Options{})
	if err != nil {
		panic(err)
	}
	return r
})
