package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// The forms that data for programs come in.
const (
	kindJSON = "json"
	kindCSV  = "csv"
)

var (
	// minuteCache lets everyone keep what is public for a minute; then they ask
	// whether it is still the same.
	minuteCache  = []string{"public, max-age=60, must-revalidate"}
	varyEncoding = []string{"Accept-Encoding"}
)

// apiFormat is the form that is asked for: by the end of the address, else by
// ?format=, else JSON. What a client accepts besides is not asked: an address
// always answers with the same.
func apiFormat(c echo.Context) (string, error) {
	kind, refuse := c.Param("format"), http.StatusNotFound
	if kind == "" {
		kind, refuse = c.QueryParam("format"), http.StatusNotAcceptable
	}
	switch kind {
	case "":
		return kindJSON, nil
	case kindJSON, kindCSV:
		return kind, nil
	}
	return "", echo.NewHTTPError(refuse)
}

// askedData gathers the facts of the campaign that an address names, and the form
// in which they are asked for.
func (s *Server) askedData(c echo.Context) (listFacts, string, error) {
	kind, err := apiFormat(c)
	if err != nil {
		return listFacts{}, "", err
	}
	f, err := s.askedFacts(c)
	return f, kind, err
}

// data is what an answer for programs depends on. It is made once for each
// version and then kept.
type data struct {
	slug, noun, kind string
	version          uint64
	cache            []string // Cache-Control
}

// sendData sends data in the form that is asked for, made by document or by
// records unless what is kept is of the same version.
func (s *Server) sendData(c echo.Context, d data, document func() any, records func() [][]string) error {
	bom := d.kind == kindCSV && c.QueryParam(askBOM) == "1"
	p, err := s.lists.get(listKey{slug: d.slug, kind: fmt.Sprint(d.noun, ".", d.kind, bom)}, d.version, s.Reload, func() (*cachedPage, error) {
		var body []byte
		var err error
		if d.kind == kindCSV {
			body, err = csvOf(records(), bom)
		} else {
			body, err = jsonLine(document())
		}
		if err != nil {
			return nil, fmt.Errorf("write %s as %s: %w", d.noun, d.kind, err)
		}
		p, err := newCachedPage(body)
		if err != nil {
			return nil, err
		}
		p.contentType, p.cache = typeJSON, d.cache
		if d.kind == kindCSV {
			p.contentType = typeCSV
		}
		return p, nil
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h["Vary"] = varyEncoding
	if d.kind == kindCSV {
		name := d.noun
		if d.slug != "" {
			name = d.slug + "-" + name
		}
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.csv"`, name))
	}
	return p.send(c)
}

// sendDocument sends JSON that is quickly made, or says that the client has it
// already.
func (s *Server) sendDocument(c echo.Context, v any) error {
	body, err := jsonLine(v)
	if err != nil {
		return err
	}
	c.Response().Header()["Vary"] = varyEncoding
	if has(c, tagOf(body), minuteCache) {
		return c.NoContent(http.StatusNotModified)
	}
	return send(c, http.StatusOK, typeJSON, body)
}

func jsonLine(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	return append(body, '\n'), err
}
