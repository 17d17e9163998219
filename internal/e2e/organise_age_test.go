package e2e

import (
	"testing"

	"filippo.io/age"

	"postbag/internal/account"
	"postbag/internal/testkit"
)

// aPublicKey is nobody's.
const aPublicKey = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

func tourDeskAge(b *tab, _ *testkit.Clock, shot func(name string)) {
	b.signIn(account.Organiser)
	b.visit(atDesk + "/c/" + slug + "/age")
	shot("desk-age-none")
	b.fill("#age_key", "age1")
	b.followFor(422, "section form button")
	shot("desk-age-wrong")
	b.fill("#age_key", aPublicKey)
	b.follow("section form button")
	b.press("main details summary")
	shot("desk-age")
}

// An organiser comes to the key from where letters are exported, sets it, and
// removes it.
func TestDesk_Age(t *testing.T) {
	t.Parallel()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t)
	b := p.open(phone)
	b.signIn(account.Organiser)
	b.visit(atDesk + "/c/" + slug + "/letters")
	b.press(".exports summary")
	b.sees("Set a key to have such files sealed.")
	b.follow(".exports a")
	b.sees("This campaign has no key.")
	b.fill("#age_key", id.Recipient().String())
	b.follow("section form button")
	b.sees("The key is set.")
	b.sees(id.Recipient().String())
	b.visit(atDesk + "/c/" + slug + "/letters")
	b.press(".exports summary")
	b.sees("The file is sealed to the key with the fingerprint")
	b.follow(".exports a")
	b.press("main details summary")
	b.follow("main details form button")
	b.sees("The key is removed.")
}
