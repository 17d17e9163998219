package view

import "testing"

func deskKeySamples(testing.TB) map[string]Page {
	const on = "2026-11-23"
	keys := []DeskKey{
		{ID: 3, Name: "CRM", Partner: "Friends of Leeds", CreatedOn: on, CreatedBy: "Noor Example", LastUsedOn: "2026-11-23"},
		{ID: 2, Name: "Map in the newsroom", CreatedOn: on, CreatedBy: "postbag keys add"},
		{ID: 1, Name: "Old CRM", CreatedOn: on, CreatedBy: "Noor Example", RevokedOn: on},
	}
	whose := []DeskChoice{{Words: "This site", Chosen: true}, {Value: "friends", Words: "Friends of Leeds"}}
	wrong := DeskForm{Values: map[string]string{"partner": "friends"}, Errors: map[string]string{"name": "Say what it is for.", "partner": "It has retired."}}
	return map[string]Page{
		"keys":       DeskKeys{Desk: ownerDesk("Keys"), Keys: keys, Partners: whose},
		"keys-none":  DeskKeys{Desk: ownerDesk("Keys"), Partners: whose},
		"keys-wrong": DeskKeys{Desk: ownerDesk("Keys"), Keys: keys, Partners: whose, Form: wrong},
		"key-made":   DeskKeyMade{Desk: ownerDesk("New key"), Name: "CRM", Partner: "Friends of Leeds", Key: "pbk_0123456789abcdefABCDEF", Curl: "curl https://letters.example.org/api/v1/campaigns"},
	}
}
