package web_test

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"postbag/internal/campaign"
	"postbag/internal/web"
)

// optInsPath is the one address that nobody reads without a key.
const optInsPath = "/api/v1/opt-ins.csv"

// contract is the description of the API, as the server gives it.
type contract struct {
	t   *testing.T
	doc map[string]any
	all *jsonschema.Compiler
}

const contractURL = "https://contract.example/openapi.json"

func (s *site) contract() *contract {
	s.t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(s.get("/api/v1/openapi.json").body))
	if err != nil {
		s.t.Fatal(err)
	}
	c := &contract{s.t, doc.(map[string]any), jsonschema.NewCompiler()}
	c.all.DefaultDraft(jsonschema.Draft2020)
	c.all.AssertFormat()
	if err := c.all.AddResource(contractURL, doc); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// node is an object of the description, with the place where it stands.
type node struct {
	at string
	is map[string]any
}

// at is the object below n with these names, wherever a reference has it.
func (c *contract) at(n node, names ...string) node {
	for _, name := range names {
		next, ok := n.is[name].(map[string]any)
		if !ok {
			return node{}
		}
		n = node{n.at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name), next}
		if ref, ok := next["$ref"].(string); ok {
			n = c.at(node{"#", c.doc}, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			if n.is == nil {
				c.t.Fatalf("%s leads nowhere", ref)
			}
		}
	}
	return n
}

// valid reports what is wrong with a value by the schema below n.
func (c *contract) valid(n node, value any) error {
	schema, err := c.all.Compile(contractURL + strings.ReplaceAll((&url.URL{Fragment: n.at[1:] + "/schema"}).String(), "+", "%2B"))
	if err != nil {
		c.t.Fatal(err)
	}
	return schema.Validate(value)
}

// operation is one way to ask, with its parameters.
type operation struct {
	node
	path, id   string
	parameters []node
}

func (c *contract) operations() []operation {
	var all []operation
	paths := c.at(node{"#", c.doc}, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths.is)) {
		op := operation{node: c.at(paths, path, "get"), path: path}
		op.id, _ = op.is["operationId"].(string)
		list, _ := op.is["parameters"].([]any)
		for _, each := range list {
			op.parameters = append(op.parameters, c.at(node{"#", map[string]any{"x": each}}, "x"))
		}
		all = append(all, op)
	}
	return all
}

// fill writes the address of an operation, with its examples but for what is said
// otherwise.
func (op operation) fill(otherwise map[string]string) string {
	path := op.path
	for _, p := range op.parameters {
		name, value := p.is["name"].(string), ""
		value, _ = p.is["example"].(string)
		if other, ok := otherwise[name]; ok {
			value = other
		}
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
	}
	return path
}

// Every documented answer of every operation is given, and is as documented.
func TestAPI_DoesWhatItsDescriptionSays(t *testing.T) {
	s := listed(t, map[string]int{leedsNW: 12, sobel: 4}, map[string]campaign.Pledge{
		sobel: {On: "2026-01-02", Evidence: "https://example.org/pledge"}, cardiff: {On: "2026-01-02", WithdrawnOn: "2026-02-03"},
	})
	c := s.contract()
	asked := 0
	for _, op := range c.operations() {
		responses := c.at(op.node, "responses")
		for _, code := range slices.Sorted(maps.Keys(responses.is)) {
			for _, a := range s.provoke(op, code) {
				asked++
				c.check(op, c.at(responses, code), code, a)
			}
		}
	}
	if asked < 50 {
		t.Errorf("only %d answers were looked at", asked)
	}
}

// provoke asks in such a way that the answer has the status.
func (s *site) provoke(op operation, code string) []answer {
	get := func(path string, headers ...string) answer { return s.do(http.MethodGet, path, nil, headers...) }
	plain := op.fill(nil)
	switch code {
	case "200":
		if op.path == optInsPath {
			return []answer{get(plain, "Authorization", "Bearer "+s.key(""))}
		}
		var all []answer
		for _, kind := range []string{"json", "csv"} {
			all = append(all, get(op.fill(map[string]string{"format": kind})))
			all = append(all, s.do(http.MethodHead, op.fill(map[string]string{"format": kind}), nil))
			for _, p := range op.parameters {
				if p.is["name"] == "format" && p.is["in"] == "query" {
					all = append(all, get(plain+"?format="+kind), get(plain+"?bom=1&format="+kind))
				}
			}
		}
		return all
	case "304":
		return []answer{get(plain, "If-None-Match", get(plain).Header.Get("ETag"))}
	case "400":
		return []answer{get(op.fill(map[string]string{"postcode": "LS6"}))}
	case "401":
		return []answer{get(plain, "Authorization", "Bearer pbk_wrong"), get(plain, "Authorization", "Bearer")}
	case "404":
		other := map[string]string{"campaign": "nothing", "code": "E99999999", "postcode": "LS6 9ZZ"}
		if op.path == "/api/v1/constituencies.{format}" {
			other["format"] = "xml"
		}
		return []answer{get(op.fill(other))}
	case "406":
		return []answer{get(plain + "?format=xml")}
	case "422":
		if op.path == optInsPath {
			return []answer{get(plain+"?since=yesterday", "Authorization", "Bearer "+s.key(""))}
		}
		return []answer{get(op.fill(map[string]string{"postcode": "BT1 1AA"})), get(op.fill(map[string]string{"postcode": "JE2 3AB"}))}
	case "429":
		for range web.LimitPerAddress + 200 {
			if a := get(plain, "X-Forwarded-For", "203.0.113.9"); a.StatusCode == http.StatusTooManyRequests {
				return []answer{a}
			}
		}
	}
	s.t.Fatalf("%s: nobody knows how to be answered with %s", op.id, code)
	return nil
}

// check compares an answer with what is documented.
func (c *contract) check(op operation, want node, code string, a answer) {
	name := op.id + " " + a.Request.Method + " " + a.Request.URL.RequestURI()
	if a.Status[:3] != code {
		c.t.Errorf("%s: %s, want %s: %s", name, a.Status, code, a.body)
		return
	}
	headers := c.at(want, "headers")
	for field := range headers.is {
		header := c.at(headers, field)
		value := a.Header.Get(field)
		if value == "" && header.is["required"] != true {
			continue
		}
		if err := c.valid(header, value); err != nil {
			c.t.Errorf("%s: %s %q: %v", name, field, value, err)
		}
	}
	content := c.at(want, "content")
	if content.is == nil {
		if a.body != "" {
			c.t.Errorf("%s: %s has content", name, a.Status)
		}
		return
	}
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	media := c.at(content, kind)
	if media.is == nil {
		c.t.Errorf("%s answers %q", name, kind)
		return
	}
	if a.Request.Method == http.MethodHead {
		return
	}
	var body any = a.body
	if kind == "application/json" {
		var err error
		if body, err = jsonschema.UnmarshalJSON(strings.NewReader(a.body)); err != nil {
			c.t.Errorf("%s: %v", name, err)
			return
		}
	}
	if err := c.valid(media, body); err != nil {
		c.t.Errorf("%s: %v", name, err)
	}
}

// Every route is described, and every route that is described is there.
func TestAPI_EveryRouteIsDescribed(t *testing.T) {
	s := start(t, nil)
	described := map[string]bool{}
	for _, op := range s.contract().operations() {
		described[op.path] = true
	}
	routed := map[string]bool{}
	for _, route := range s.Handler().(*web.Server).Routes() {
		method, path, _ := strings.Cut(route, " ")
		if !strings.HasPrefix(path, "/api/") {
			continue
		}
		path = regexp.MustCompile(`:(\w+)`).ReplaceAllString(path, "{$1}")
		routed[path] = true
		if !described[path] {
			t.Errorf("%s %s is not described", method, path)
		}
		if method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions {
			t.Errorf("%s %s: the description says that nothing can be written", method, path)
		}
	}
	for path := range described {
		if !routed[path] {
			t.Errorf("%s is described and not there", path)
		}
	}
}

// The description is sound OpenAPI, and its examples are true.
func TestAPI_DescriptionIsSound(t *testing.T) {
	s := start(t, nil)
	c := s.contract()
	rules, err := os.Open("testdata/openapi-3.1.json")
	if err != nil {
		t.Fatal(err)
	}
	defer rules.Close()
	document, err := jsonschema.UnmarshalJSON(rules)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.all.AddResource("https://contract.example/rules.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.all.Compile("https://contract.example/rules.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(c.doc); err != nil {
		t.Errorf("%v", err)
	}
	if got := c.doc["servers"].([]any)[0].(map[string]any)["url"]; got != s.BaseURL() {
		t.Errorf("it is said to be at %v", got)
	}
	tags := map[string]bool{}
	for _, tag := range c.doc["tags"].([]any) {
		tags[tag.(map[string]any)["name"].(string)] = true
	}
	ids := map[string]bool{}
	for _, op := range c.operations() {
		if ids[op.id] {
			t.Errorf("the operation %s is there twice", op.id)
		}
		ids[op.id] = true
		for _, tag := range op.is["tags"].([]any) {
			if !tags[tag.(string)] {
				t.Errorf("%s: no tag %v", op.id, tag)
			}
		}
		inPath := 0
		for _, p := range op.parameters {
			if p.is["in"] == "path" {
				inPath++
				if !strings.Contains(op.path, "{"+p.is["name"].(string)+"}") {
					t.Errorf("%s has no %v", op.path, p.is["name"])
				}
			}
			if example, ok := p.is["example"]; ok && !strings.HasPrefix(p.at, "#/x") {
				if err := c.valid(p, example); err != nil {
					t.Errorf("%s: the example of %v: %v", op.id, p.is["name"], err)
				}
			}
		}
		if n := strings.Count(op.path, "{"); n != inPath {
			t.Errorf("%s: %d parameters are described", op.path, inPath)
		}
		responses := c.at(op.node, "responses")
		for code := range responses.is {
			content := c.at(responses, code, "content")
			for kind := range content.is {
				media := c.at(content, kind)
				if example, ok := media.is["example"]; ok {
					if err := c.valid(media, example); err != nil {
						t.Errorf("%s %s: the example: %v", op.id, code, err)
					}
				}
			}
		}
	}
	everyReference(t, c, c.doc)
}

// everyReference holds that references lead somewhere.
func everyReference(t *testing.T, c *contract, v any) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			if c.at(node{"#", c.doc}, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).is == nil {
				t.Errorf("%s leads nowhere", ref)
			}
		}
		for _, each := range v {
			everyReference(t, c, each)
		}
	case []any:
		for _, each := range v {
			everyReference(t, c, each)
		}
	}
}

// The numbers that the description tells are those that hold.
func TestAPI_DescriptionTellsTheLimits(t *testing.T) {
	raw, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Info struct{ Description string } }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if web.LimitPerAddress != 600 || web.LimitPerKey != 6000 || campaign.SuppressBelow != 5 {
		t.Error("the description tells other numbers")
	}
	for _, told := range []string{"600 times a minute", "6,000 times", "fewer than 5 letters"} {
		if !strings.Contains(doc.Info.Description, told) {
			t.Errorf("%q is not told", told)
		}
	}
}
