package campaign

import (
	"encoding/json"
	"fmt"

	"postbag/internal/seal"
)

// Person is everything about a letter that identifies someone. It exists only
// sealed, in one record, which is deleted when its time is over.
type Person struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Phone    string `json:"phone,omitempty"`
	Address1 string `json:"address1"`
	Address2 string `json:"address2,omitempty"`
	Town     string `json:"town"`
	Postcode string `json:"postcode"`
	Subject  string `json:"subject"`
	Lang     string `json:"lang,omitempty"` // that the letter is in; empty: English, from before there were others
	Letter   string `json:"letter"`         // the whole letter, as previewed, to the character
	Token    string `json:"token"`          // of the private link, so that it can be mailed again
}

// SealPerson seals p for the letter whose token hash is given.
func SealPerson(keys *seal.Keys, p *Person, tokenHash []byte) ([]byte, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("seal person: %w", err)
	}
	return keys.Seal(plain, tokenHash), nil
}

// OpenPerson opens what SealPerson sealed.
func OpenPerson(keys *seal.Keys, sealed, tokenHash []byte) (*Person, error) {
	plain, err := keys.Open(sealed, tokenHash)
	if err != nil {
		return nil, fmt.Errorf("open person: %w", err)
	}
	var p Person
	if err := json.Unmarshal(plain, &p); err != nil {
		return nil, fmt.Errorf("open person: %w", err)
	}
	return &p, nil
}

// hashToken is what the store keeps of a private link's token.
func hashToken(keys *seal.Keys, token string) []byte { return keys.Hash("token", token) }
