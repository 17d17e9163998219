package testkit_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/parliament"
	"postbag/internal/testkit"
)

// The stand-in is only worth what it shares with the real API: the names and
// nesting of what is read, pages of 20, and null where nothing is known.
func TestMembersAPI_AnswersLikeTheRealOne(t *testing.T) {
	roster, err := parliament.Load(os.DirFS("../../db"))
	if err != nil {
		t.Fatal(err)
	}
	api := testkit.NewMembersAPI(t, roster)
	api.Edit(t, "Bishop Auckland", func(m *testkit.APIMember) { m.Salutation = "Mr Rushworth" })

	var page struct {
		Items []struct {
			Value struct {
				ID            int
				NameDisplayAs string
				NameFullTitle string
				NameAddressAs *string
				LatestParty   struct{ Name string }
				Membership    struct {
					MembershipFrom   string
					House            int
					MembershipStatus struct{ StatusIsActive bool }
				} `json:"latestHouseMembership"`
			}
		}
		TotalResults, Skip, Take int
	}
	fetch(t, api.URL+testkit.SearchPath+"?House=1&IsCurrentMember=true&skip=0&take=1000", &page)
	if len(page.Items) != 20 || page.TotalResults != 650 || page.Take != 20 {
		t.Fatalf("%d items of %d, take %d", len(page.Items), page.TotalResults, page.Take)
	}
	first, second := page.Items[0].Value, page.Items[1].Value
	if first.ID != 5108 || first.NameDisplayAs != "Sam Rushworth" || first.NameFullTitle != "Sam Rushworth MP" ||
		first.LatestParty.Name != "Labour" || first.Membership.MembershipFrom != "Bishop Auckland" ||
		first.Membership.House != 1 || !first.Membership.MembershipStatus.StatusIsActive {
		t.Errorf("first item: %+v", first)
	}
	if first.NameAddressAs == nil || *first.NameAddressAs != "Mr Rushworth" || second.NameAddressAs != nil {
		t.Errorf("salutations %v, %v", first.NameAddressAs, second.NameAddressAs)
	}
	fetch(t, api.URL+testkit.SearchPath+"?House=1&IsCurrentMember=true&skip=640&take=20", &page)
	if len(page.Items) != 10 || page.Skip != 640 {
		t.Errorf("last page: %d items from %d on", len(page.Items), page.Skip)
	}

	var contacts struct {
		Value []struct {
			Type   string
			TypeID int
			Email  *string
		}
	}
	fetch(t, api.URL+testkit.ContactPath(5108), &contacts)
	var offices []string
	for _, c := range contacts.Value {
		if c.TypeID == 1 && c.Email != nil {
			offices = append(offices, c.Type+" "+*c.Email)
		}
	}
	if diff := cmp.Diff([]string{"Parliamentary office sam.rushworth.mp@parliament.uk"}, offices); diff != "" {
		t.Errorf("contacts (-want +got):\n%s", diff)
	}

	api.Vacate(t, "Bishop Auckland")
	fetch(t, api.URL+testkit.SearchPath+"?House=1&IsCurrentMember=true&skip=0&take=20", &page)
	if page.TotalResults != 649 {
		t.Errorf("%d members after one left", page.TotalResults)
	}
}

func fetch(t *testing.T, url string, into any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
