package view

import "html/template"

// MapPage is the hex map with a table that says the same.
type MapPage struct {
	Frame
	By     string        // what the colours tell: "letters" or "pledge"
	Ways   []MapWay      // what else they can tell
	Map    template.HTML // as SVG
	Key    []MapKey
	Groups []MPGroup // the table's rows, by nation and region
}

// MapWay is one thing that the colours can tell.
type MapWay struct {
	Name, URL string
	Current   bool
}

// MapKey is one line of the legend.
type MapKey struct {
	Swatch template.HTML
	Words  string
}

func (MapPage) template() string { return "map" }
