package store

import (
	"testing"

	"postbag/internal/account"
	"postbag/internal/campaign"
	"postbag/internal/fault"
)

func friends() *campaign.Partner {
	return &campaign.Partner{Slug: "friends", Name: "Friends of Leeds", Website: "https://friends.example", Origins: []string{"https://friends.example"}}
}

func TestStore_EveryLetterKeepsItsCredit(t *testing.T) {
	b := newBed(t)
	l := newLetter(1)
	l.Credit = campaign.Credit{Partner: "friends", Source: "source=mail", Via: "https://friends.example"}
	if err := b.SubmitLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	var got campaign.Credit
	if err := b.raw.QueryRowContext(t.Context(), `SELECT partner, source, via FROM letters`).Scan(&got.Partner, &got.Source, &got.Via); err != nil {
		t.Fatal(err)
	}
	if got != l.Credit {
		t.Errorf("%+v, want %+v", got, l.Credit)
	}
}

// Two at once: the second is told, and changes nothing.
func TestStore_EditPartnerOverAnothersChange(t *testing.T) {
	b := newBed(t)
	by := account.Actor{Account: 1, Name: "Olwen"}
	if err := b.AddPartner(t.Context(), by, friends()); err != nil {
		t.Fatal(err)
	}
	first, second := friends(), friends()
	first.Version, first.Name, second.Version, second.Name = 1, "First", 1, "Second"
	if err := b.EditPartner(t.Context(), by, first); err != nil {
		t.Fatal(err)
	}
	if err := b.EditPartner(t.Context(), by, second); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("the second: %v", err)
	}
	all, err := b.Partners(t.Context())
	if err != nil || len(all) != 1 || all[0].Name != "First" {
		t.Errorf("%+v, %v", all, err)
	}
	lines, err := b.AuditLog(t.Context(), account.AuditFilter{}, 10)
	if err != nil || len(lines) != 2 || lines[0].Action != "partner.edit" || lines[0].Actor != by || lines[1].Action != "partner.add" {
		t.Errorf("the audit log has %+v, %v", lines, err)
	}
	if v, err := b.PartnersVersion(t.Context()); err != nil || v != 2 {
		t.Errorf("version %d, %v", v, err)
	}
}

// The key itself is kept nowhere.
func TestStore_APIKeysAreNotKept(t *testing.T) {
	b := newBed(t)
	by := account.Actor{Name: "Olwen"}
	hash := hashOf("key", 1)
	if err := b.AddAPIKey(t.Context(), by, campaign.APIKey{Name: "CRM", Partner: "friends"}, hash); err != nil {
		t.Fatal(err)
	}
	writes := func() (n int) {
		if err := b.raw.QueryRowContext(t.Context(), `SELECT count(*) FROM api_keys WHERE last_used_on <> ''`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if writes() != 0 {
		t.Error("it has been used")
	}
	for range 2 {
		if k, err := b.APIKeyByHash(t.Context(), hash); err != nil || k.Name != "CRM" || k.LastUsedOn != campaign.Day(b.clock.Now()) {
			t.Errorf("%+v, %v", k, err)
		}
	}
	if writes() != 1 {
		t.Error("its use is not noted")
	}
	if _, err := b.APIKeyByHash(t.Context(), hashOf("key", 2)); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another: %v", err)
	}
}
