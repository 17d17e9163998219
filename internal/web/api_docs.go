package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"postbag/internal/view"
)

// openAPI describes the API (OpenAPI 3.1, spec.openapis.org). It is written by
// hand; a test holds it against what the server does.
//
//go:embed openapi.json
var openAPI []byte

// exampleSite is the site of the examples in openAPI.
const exampleSite = "https://letters.example.org"

// ofThisSite has the addresses of examples lead to this site.
func (s *Server) ofThisSite(text string) string {
	here := s.View.Base()
	return strings.NewReplacer(exampleSite, here, url.QueryEscape(exampleSite), url.QueryEscape(here)).Replace(text)
}

// showOpenAPI answers GET /api/v1/openapi.json.
func (s *Server) showOpenAPI(c echo.Context) error {
	d := data{noun: "openapi", kind: kindJSON, cache: minuteCache}
	return s.sendData(c, d, func() any {
		here, _ := json.Marshal([]map[string]string{{"url": s.View.Base()}})
		body := bytes.Replace(openAPI, []byte(`[{ "url": "/" }]`), here, 1)
		return json.RawMessage(s.ofThisSite(string(body)))
	}, nil)
}

// apiDoc is what the page tells of openAPI.
type apiDoc struct {
	Info  struct{ Description string }
	Tags  []struct{ Name, Description string }
	Paths map[string]struct {
		Ref string `json:"$ref"` // the same, at another address
		Get apiDocOperation
	}
	Components struct {
		Parameters map[string]apiDocParameter
		Responses  map[string]apiDocResponse
	}
}

type apiDocOperation struct {
	OperationID, Summary, Description string
	Tags                              []string
	Parameters                        []apiDocParameter
	Responses                         map[string]apiDocResponse
	Security                          []map[string][]string
}

type apiDocParameter struct {
	Ref                            string `json:"$ref"`
	Name, In, Description, Example string
}

type apiDocResponse struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]struct{ Example json.RawMessage }
}

// readOpenAPI reads openAPI once. That it can be read, a test holds.
var readOpenAPI = sync.OnceValues(func() (apiDoc, error) {
	var d apiDoc
	if err := json.Unmarshal(openAPI, &d); err != nil {
		return d, fmt.Errorf("read openapi.json: %w", err)
	}
	return d, nil
})

// showAPI answers GET /api: how programs ask, as openAPI describes it. What that
// file says is in English; what stands around it is in the page's language.
func (s *Server) showAPI(c echo.Context) error {
	d, err := readOpenAPI()
	if err != nil {
		return err
	}
	lang := s.lang(c)
	page := view.API{Frame: s.plainFrame(lang), Words: foreign(lang, view.DefaultLang), File: "/api/v1/openapi.json"}
	if only := onlyOne(s.Service.Campaigns()); only != nil {
		page.Frame = s.campaignFrame(lang, only)
	}
	page.NoIndex, page.Path = false, "/api"
	page.Suggest = s.suggest(c, page.Path)
	page.Title = s.View.T(lang, "title.api")
	page.Summary = s.View.T(lang, "api.lead")
	intro, rest, _ := strings.Cut(d.Info.Description, "\n\n## ")
	page.Intro = view.CodeWords(intro)
	for section := range strings.SplitSeq(rest, "\n\n## ") {
		heading, text, _ := strings.Cut(section, "\n\n")
		page.Topics = append(page.Topics, view.APITopic{ID: slugOf(heading), Heading: heading, Text: view.CodeWords(text)})
	}
	for _, tag := range d.Tags {
		group := view.APIGroup{ID: slugOf(tag.Name), Name: tag.Name, Note: tag.Description}
		for _, path := range d.inOrder(tag.Name) {
			group.Operations = append(group.Operations, s.apiOperation(d, path))
		}
		page.Groups = append(page.Groups, group)
	}
	return s.sendAnew(c, page)
}

// inOrder lists the paths of a tag as the file has them.
func (d apiDoc) inOrder(tag string) []string {
	var paths []string
	for path, item := range d.Paths {
		if item.Ref == "" && slices.Contains(item.Get.Tags, tag) {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		at := func(path string) int { return bytes.Index(openAPI, []byte(`"`+path+`": {`)) }
		return at(a) - at(b)
	})
	return paths
}

// commonAnswers are explained above, once for all that can be asked.
var commonAnswers = []string{"304", "401", "429"}

// apiOperation is one way to ask, for the page.
func (s *Server) apiOperation(d apiDoc, path string) view.APIOperation {
	op := d.Paths[path].Get
	out := view.APIOperation{ID: op.OperationID, Summary: op.Summary, Path: path, Text: view.CodeWords(op.Description)}
	address := s.View.Base() + path
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p = d.Components.Parameters[last(p.Ref)]
		}
		if p.In == "path" {
			address = strings.ReplaceAll(address, "{"+p.Name+"}", url.PathEscape(p.Example))
		}
		out.Parameters = append(out.Parameters, view.APIRow{Name: p.Name, Query: p.In == "query", Text: view.CodeWords(p.Description)})
	}
	out.Curl = "curl " + address
	if len(op.Security) > 0 { // a key is a must
		out.Curl = `curl -H "Authorization: Bearer $KEY" ` + address
	}
	for _, code := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[code]
		text := r.Description
		if r.Ref != "" {
			r = d.Components.Responses[last(r.Ref)]
		}
		if text == "" {
			text = r.Description
		}
		if slices.Contains(commonAnswers, code) && len(op.Security) == 0 {
			out.Besides = append(out.Besides, code)
			continue
		}
		out.Answers = append(out.Answers, view.APIRow{Name: code, Text: view.CodeWords(text)})
		if code == "200" {
			out.Examples = s.apiExamples(r)
		}
	}
	return out
}

// apiExamples are the examples of an answer, as this site would give them.
func (s *Server) apiExamples(r apiDocResponse) []string {
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(r.Content)) {
		raw := r.Content[kind].Example
		if len(raw) == 0 {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) != nil { // no string: JSON
			var indented bytes.Buffer
			if json.Indent(&indented, raw, "", "  ") != nil {
				continue
			}
			text = indented.String()
		}
		all = append(all, strings.TrimSpace(strings.ReplaceAll(s.ofThisSite(text), "\r\n", "\n")))
	}
	return all
}

// last is the name at the end of a reference.
func last(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// slugOf is a heading as a fragment has it.
func slugOf(heading string) string {
	return strings.ReplaceAll(strings.ToLower(heading), " ", "-")
}
