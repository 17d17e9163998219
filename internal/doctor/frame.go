package doctor

import (
	"strconv"
	"strings"
)

// The least that a form needs, in pixels.
const (
	minWidth  = 320
	minHeight = 480
)

// checkFrame looks at a frame that the page has itself.
func (x *exam) checkFrame(p placed) {
	e := p.e
	if e.has("srcdoc") {
		x.add(Broken, "srcdoc", e.tag("", "", "srcdoc"))
	}
	if e.attr["csp"] != "" {
		x.add(Broken, "frame_csp", e.tag("", "", "csp"))
	}
	x.checkFrameSandbox(e)
	x.checkLoading(p)
	x.checkSize(e)
	if policy := x.referrerPolicy(e); policy == "no-referrer" || policy == "same-origin" {
		x.add(WorksBut, "no_referrer", e.tag("referrerpolicy", "strict-origin"), "policy", policy)
	}
	if strings.TrimSpace(e.attr["title"]) == "" {
		x.add(WorksBut, "no_title", e.tag("title", "Write to your MP"))
	}
}

// checkFrameSandbox looks at the sandbox attribute. It needs no allow-same-origin:
// the form keeps nothing in the browser.
func (x *exam) checkFrameSandbox(e element) {
	if !e.has("sandbox") {
		return
	}
	have := strings.Fields(e.attr["sandbox"])
	missing := lacks(have, "allow-forms", "allow-scripts", "allow-popups", "allow-popups-to-escape-sandbox")
	line := e.tag("sandbox", strings.Join(append(have, missing...), " "))
	switch {
	case len(lacks(have, "allow-forms")) > 0:
		x.add(Broken, "sandbox_forms", line, "tokens", strings.Join(missing, " "))
	case len(missing) > 0:
		x.add(WorksBut, "sandbox_less", line, "tokens", strings.Join(missing, " "))
	}
}

// checkLoading looks at when the frame loads.
func (x *exam) checkLoading(p placed) {
	if p.lazy {
		name, address := "", ""
		for _, n := range lazyNames {
			if p.e.attr[n] != "" {
				name, address = n, p.e.attr[n]
				break
			}
		}
		line := p.e.tag("src", address, name)
		if len(x.in.scripts) == 0 { // nothing will ever put it in
			x.add(Broken, "lazy_dead", line, "attribute", name)
		} else {
			x.add(WorksBut, "lazy_script", line, "attribute", name)
		}
		return
	}
	if strings.EqualFold(p.e.attr["loading"], "lazy") {
		x.add(Works, "lazy_fine", "")
	}
}

// checkSize looks at the width and the height in attributes and in the style
// attribute; stylesheets are not read.
func (x *exam) checkSize(e element) {
	if width, ok := size(e, "width"); ok && width < minWidth {
		x.add(WorksBut, "narrow", e.tag("width", "100%"), "width", strconv.Itoa(width))
	}
	height, ok := size(e, "height")
	switch {
	case !ok && e.attr["height"] == "" && !strings.Contains(e.attr["style"], "height"):
		x.add(WorksBut, "low", e.tag("height", "640"), "height", "150") // what browsers give it
	case ok && height < minHeight:
		x.add(WorksBut, "low", e.tag("height", "640"), "height", strconv.Itoa(height))
	case ok:
		x.add(Works, "fixed", x.scriptTag(), "height", strconv.Itoa(height))
	}
}

// size is a width or a height in pixels.
func size(e element, name string) (int, bool) {
	for rule := range strings.SplitSeq(e.attr["style"], ";") {
		property, value, _ := strings.Cut(rule, ":")
		if strings.EqualFold(strings.TrimSpace(property), name) {
			px, found := strings.CutSuffix(strings.TrimSpace(strings.ToLower(value)), "px")
			n, err := strconv.ParseFloat(strings.TrimSpace(px), 64)
			return int(n), found && err == nil
		}
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(e.attr[name]), "px"))
	return n, err == nil
}
