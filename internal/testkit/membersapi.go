package testkit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"postbag/internal/parliament"
)

// SearchPath is where the Members API lists the members.
const SearchPath = "/api/Members/Search"

// ContactPath is where the Members API has a member's contacts.
func ContactPath(id int) string { return fmt.Sprintf("/api/Members/%d/Contact", id) }

// MembersAPI is a stand-in for the UK Parliament's Members API on a loopback
// port. It lists the members of a roster as the real one does; a test then edits
// what it lists, or makes single answers fail.
type MembersAPI struct {
	URL string // the base URL for parliament.NewClient

	mu       sync.Mutex
	listed   []APIMember
	faults   []*plannedFault
	requests []string // path and query, in order of arrival
	agent    string   // the last User-Agent
	busy     int      // contact requests being answered
	most     int      // the most at any time
	gather   *gathering
}

// APIMember is one member as the API lists them. Empty strings become null.
type APIMember struct {
	ID           int
	Name         string
	FullTitle    string
	Salutation   string
	Party        string
	Constituency string
	Email        string // of the Parliamentary office
	LocalEmail   string // of the constituency office
	Inactive     bool   // the membership has ended
}

// APIFault answers one request in place of the API; answer is what the API would
// have said.
type APIFault func(w http.ResponseWriter, r *http.Request, answer []byte)

type plannedFault struct {
	path  string
	times int
	serve APIFault
}

// NewMembersAPI starts the stand-in with the members of roster; it stops when
// the test ends.
func NewMembersAPI(t testing.TB, roster *parliament.Roster) *MembersAPI {
	t.Helper()
	api := &MembersAPI{}
	for _, s := range roster.Seats() {
		if s.Vacant() {
			continue
		}
		m := s.Member
		api.listed = append(api.listed, APIMember{
			ID: m.ID, Name: m.Name, FullTitle: m.FullTitle, Salutation: m.Salutation,
			Party: m.Party, Constituency: s.Constituency.Name, Email: m.Email,
		})
	}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	api.URL = server.URL
	return api
}

// Edit changes the member listed for the constituency of this name.
func (api *MembersAPI) Edit(t testing.TB, constituency string, edit func(*APIMember)) {
	t.Helper()
	api.mu.Lock()
	defer api.mu.Unlock()
	edit(&api.listed[api.find(t, constituency)])
}

// Vacate takes the member for the constituency of this name off the list.
func (api *MembersAPI) Vacate(t testing.TB, constituency string) {
	t.Helper()
	api.mu.Lock()
	defer api.mu.Unlock()
	i := api.find(t, constituency)
	api.listed = append(api.listed[:i], api.listed[i+1:]...)
}

// Keep takes everyone off the list but the members for these constituencies,
// where 650 requests would prove no more than a few.
func (api *MembersAPI) Keep(t testing.TB, constituencies ...string) {
	t.Helper()
	api.mu.Lock()
	defer api.mu.Unlock()
	var kept []APIMember
	for _, name := range constituencies {
		kept = append(kept, api.listed[api.find(t, name)])
	}
	api.listed = kept
}

// Add puts one more member on the list.
func (api *MembersAPI) Add(m APIMember) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.listed = append(api.listed, m)
}

// Fault makes the next few requests for path fail; times below 0 is for ever.
func (api *MembersAPI) Fault(path string, times int, serve APIFault) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.faults = append(api.faults, &plannedFault{path, times, serve})
}

// Gather keeps the first n contact requests waiting until all n are there, which
// shows without a clock that a client has n of them under way at once. A client
// that never has n waits until it gives up.
func (api *MembersAPI) Gather(n int) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.gather = &gathering{missing: n, complete: make(chan struct{})}
}

type gathering struct {
	missing  int
	complete chan struct{}
}

// MostContacts is the most contact requests that were under way at one time.
func (api *MembersAPI) MostContacts() int {
	api.mu.Lock()
	defer api.mu.Unlock()
	return api.most
}

// Requests returns what was asked for so far, path and query.
func (api *MembersAPI) Requests() []string {
	api.mu.Lock()
	defer api.mu.Unlock()
	return append([]string(nil), api.requests...)
}

// UserAgent returns how the last client named itself.
func (api *MembersAPI) UserAgent() string {
	api.mu.Lock()
	defer api.mu.Unlock()
	return api.agent
}

// find returns the index of a constituency's member. The caller holds the lock.
func (api *MembersAPI) find(t testing.TB, constituency string) int {
	t.Helper()
	for i, m := range api.listed {
		if m.Constituency == constituency {
			return i
		}
	}
	t.Fatalf("members API: nobody is listed for %q", constituency)
	return -1
}

// ServeHTTP answers like the Members API, unless a fault is planned.
func (api *MembersAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	api.mu.Lock()
	api.requests = append(api.requests, r.URL.RequestURI())
	api.agent = r.UserAgent()
	status, answer := api.answer(r)
	fault := api.nextFault(r.URL.Path)
	contact := strings.HasSuffix(r.URL.Path, "/Contact")
	var wait chan struct{}
	if contact {
		api.busy++
		api.most = max(api.most, api.busy)
		if g := api.gather; g != nil && g.missing > 0 {
			wait = g.complete
			if g.missing--; g.missing == 0 {
				close(g.complete)
			}
		}
	}
	api.mu.Unlock()
	if contact {
		// Counted as over before the answer leaves, because net/http keeps so
		// short a one until the handler returns: afterwards the client may
		// already have sent the next.
		defer api.contactDone()
	}
	if wait != nil {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
	}
	if fault != nil {
		fault(w, r, answer)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(answer)
}

func (api *MembersAPI) contactDone() {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.busy--
}

// nextFault takes the next planned fault for path. The caller holds the lock.
func (api *MembersAPI) nextFault(path string) APIFault {
	for _, f := range api.faults {
		if f.path == path && f.times != 0 {
			f.times--
			return f.serve
		}
	}
	return nil
}

// answer is what the API says. The caller holds the lock.
func (api *MembersAPI) answer(r *http.Request) (int, []byte) {
	if r.Method != http.MethodGet {
		return http.StatusMethodNotAllowed, nil
	}
	if r.URL.Path == SearchPath {
		return http.StatusOK, api.page(r)
	}
	var id int
	if _, err := fmt.Sscanf(r.URL.Path, "/api/Members/%d/Contact", &id); err == nil {
		for _, m := range api.listed {
			if m.ID == id {
				return http.StatusOK, m.contacts()
			}
		}
	}
	return http.StatusNotFound, []byte(`{"title":"Not Found","status":404}`)
}

// page is the answer of the search; more than 20 at a time it does not give.
func (api *MembersAPI) page(r *http.Request) []byte {
	query := r.URL.Query()
	skip, _ := strconv.Atoi(query.Get("skip"))
	take, _ := strconv.Atoi(query.Get("take"))
	take = min(take, 20)
	items := []any{}
	if query.Get("House") == "1" && query.Get("IsCurrentMember") == "true" {
		for _, m := range api.listed[min(skip, len(api.listed)):min(skip+take, len(api.listed))] {
			items = append(items, m.item())
		}
	}
	return encode(object{
		"items": items, "totalResults": len(api.listed), "resultContext": "", "skip": skip, "take": take,
		"links": []any{}, "resultType": "Member",
	})
}

type object map[string]any

func (m APIMember) item() object {
	status := object{"statusIsActive": !m.Inactive, "statusDescription": "Current Member", "statusNotes": nil, "statusId": 0}
	return object{
		"value": object{
			"id":            m.ID,
			"nameListAs":    m.Name,
			"nameDisplayAs": m.Name,
			"nameFullTitle": m.FullTitle,
			"nameAddressAs": orNull(m.Salutation),
			"latestParty": object{
				"id": 15, "name": m.Party, "abbreviation": m.Party, "backgroundColour": "d50000",
				"foregroundColour": "ffffff", "isLordsMainParty": true, "isIndependentParty": m.Party == "Independent",
			},
			"gender": "F",
			"latestHouseMembership": object{
				"membershipFrom": m.Constituency, "membershipFromId": 4000 + m.ID, "house": 1,
				"membershipStartDate": "2024-07-04T00:00:00", "membershipEndDate": nil,
				"membershipEndReason": nil, "membershipStatus": status,
			},
			"thumbnailUrl": fmt.Sprintf("https://members-api.parliament.uk/api/Members/%d/Thumbnail", m.ID),
		},
		"links": []any{object{"rel": "self", "href": fmt.Sprintf("/Members/%d", m.ID), "method": "GET"}},
	}
}

func (m APIMember) contacts() []byte {
	office := func(kind string, id int, email string) object {
		return object{
			"type": kind, "typeDescription": nil, "typeId": id, "isPreferred": false, "isWebAddress": false,
			"notes": nil, "line1": "House of Commons", "line2": "London", "postcode": "SW1A 0AA",
			"phone": "020 7219 0000", "fax": nil, "email": orNull(email),
		}
	}
	web := object{"type": "Website", "typeId": 6, "isPreferred": false, "isWebAddress": true, "line1": "https://example.org/"}
	list := []any{web, office("Parliamentary office", 1, m.Email)}
	if m.LocalEmail != "" {
		list = append(list, office("Constituency office", 4, m.LocalEmail))
	}
	return encode(object{"value": list, "links": []any{}})
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers only: cannot happen
	}
	return raw
}

// FaultStatus answers with an HTTP status, and with Retry-After if that is given.
func FaultStatus(status int, retryAfter string) APIFault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
	}
}

// FaultHang answers nothing until the client gives up.
func FaultHang(_ http.ResponseWriter, r *http.Request, _ []byte) { <-r.Context().Done() }

// FaultTruncated answers with the first half of the JSON, as if it were all.
func FaultTruncated(w http.ResponseWriter, _ *http.Request, answer []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(answer[:len(answer)/2])
}

// FaultReset closes the connection in the middle of the answer.
func FaultReset(w http.ResponseWriter, _ *http.Request, answer []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.Write(answer[:len(answer)/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// FaultHuge answers with JSON that does not end, until the client stops reading.
func FaultHuge(w http.ResponseWriter, r *http.Request, _ []byte) {
	w.Header().Set("Content-Type", "application/json")
	blanks := []byte(strings.Repeat(" ", 64<<10))
	for r.Context().Err() == nil {
		if _, err := w.Write(blanks); err != nil {
			return
		}
	}
}

// FaultHTML answers with a web page, as a maintenance notice or a hotel's wifi
// does.
func FaultHTML(w http.ResponseWriter, _ *http.Request, _ []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><title>Down for maintenance</title>")
}

// FaultRewrite answers with the real answer, each old replaced by new.
func FaultRewrite(old, new string) APIFault {
	return func(w http.ResponseWriter, _ *http.Request, answer []byte) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, strings.ReplaceAll(string(answer), old, new))
	}
}
