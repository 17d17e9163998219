package e2e

import (
	"net/http"
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/testkit"
)

func tourDeskKeys(b *tab, _ *testkit.Clock, shot func(name string)) {
	service, by := b.program.app.Service(), account.Actor{Name: "postbag keys add"}
	if err := service.AddPartner(b.ctx, by, campaign.Partner{Slug: "friends", Name: "Friends of the Library", Website: "https://friends.example", Origins: []string{"https://friends.example"}}); err != nil {
		b.t.Fatal(err)
	}
	b.signIn(account.Owner)
	b.visit(atDesk + "/keys")
	shot("desk-keys-none")
	b.fill("#name", " ")
	b.followFor(422, "section form button")
	shot("desk-keys-wrong")
	for _, k := range [][2]string{{"", "Map in the newsroom of the longest of all names"}, {"friends", "Old CRM"}, {"friends", "CRM"}} {
		if _, err := service.NewAPIKey(b.ctx, by, k[0], k[1]); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := service.RevokeAPIKey(b.ctx, by, "friends", 2); err != nil {
		b.t.Fatal(err)
	}
	b.visit(atDesk + "/keys")
	b.press(".keys tbody tr:first-child summary")
	shot("desk-keys")
}

// Whoever makes a key copies it, sees it never again, and revokes it.
func TestDesk_Keys(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := p.open(phone)
	b.signIn(account.Owner)
	b.visit(atDesk + "/keys")
	b.fill("#name", "CRM")
	b.follow("section form button")
	key := b.value("#key")
	ask := func() int {
		r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, p.base+"/api/v1/campaigns", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if got := ask(); got != http.StatusOK {
		t.Errorf("with the key: %d", got)
	}
	b.follow("main a.btn")
	b.sees("CRM")
	if b.count("#key") > 0 {
		t.Error("the key is shown again")
	}
	b.press(".keys summary")
	b.follow(".keys form button")
	b.sees("The key is revoked.")
	if got := ask(); got != http.StatusUnauthorized {
		t.Errorf("with the revoked key: %d", got)
	}
}
