package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/campaign"
	"postbag/internal/fault"
)

func TestStore_AddCampaign(t *testing.T) {
	b := newBed(t)
	b.clock.Advance(time.Hour)
	if err := b.AddCampaign(t.Context(), "second", "its file"); err != nil {
		t.Fatal(err)
	}
	if err := b.AddCampaign(t.Context(), "second", "another file"); err != nil {
		t.Fatal(err)
	}
	sources, err := b.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) != 2 || sources[0].Slug != slug {
		t.Fatalf("campaigns %v, want the shipped one first and one more", sources)
	}
	want := campaign.Source{Slug: "second", TOML: "its file", Stage: campaign.StageLive, Version: 1, CreatedAt: start.Add(time.Hour)}
	if diff := cmp.Diff(want, sources[1]); diff != "" {
		t.Error(diff)
	}
}

func TestStore_unknownCampaign(t *testing.T) {
	b := newBed(t)
	l := newLetter(1)
	l.Campaign = "nobody's"
	_, counts := b.Counts(t.Context(), l.Campaign)
	_, pledged := b.Pledged(t.Context(), l.Campaign, 1)
	for name, err := range map[string]error{"submit": b.SubmitLetter(t.Context(), l), "counts": counts, "pledged": pledged} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v, want not_found", name, err)
		}
	}
	if got := b.texts(t, `SELECT count(*) FROM letters`); got != "0" {
		t.Errorf("%s letters written", got)
	}
}

func TestStore_Setting(t *testing.T) {
	b := newBed(t)
	for _, value := range []string{"", "first", "second", "", "o'clock \x00 \u2028"} {
		if err := b.SetSetting(t.Context(), "key", value); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Setting(t.Context(), "key"); err != nil || got != value {
			t.Errorf("got %q, %v; want %q", got, err, value)
		}
	}
	if got, err := b.Setting(t.Context(), "never set"); err != nil || got != "" {
		t.Errorf("got %q, %v; want nothing", got, err)
	}
}

func TestStore_captured(t *testing.T) {
	b := newBed(t)
	for _, id := range []string{"1@x", "2@x", "3@x"} {
		err := b.SaveCaptured(t.Context(), Captured{MessageID: id, At: start, Kind: campaign.MailConfirm, Sealed: []byte("sealed " + id)})
		if err != nil {
			t.Fatal(err)
		}
	}
	mails, err := b.CapturedMails(t.Context(), 2)
	if err != nil || len(mails) != 2 || mails[0].MessageID != "3@x" || mails[1].MessageID != "2@x" {
		t.Fatalf("got %v, %v; want the latest two, the newest first", mails, err)
	}
	got, err := b.CapturedMail(t.Context(), mails[1].ID)
	want := Captured{ID: mails[1].ID, MessageID: "2@x", At: start, Kind: campaign.MailConfirm, Sealed: []byte("sealed 2@x")}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := b.CapturedMail(t.Context(), 99); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown mail: %v, want not_found", err)
	}
}
