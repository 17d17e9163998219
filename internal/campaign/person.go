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
	Address1 string `json:"address1,omitempty"`
	Address2 string `json:"address2,omitempty"`
	Town     string `json:"town,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Lang     string `json:"lang,omitempty"`         // that the letter is in; empty: English, from before there were others
	Letter   string `json:"letter,omitempty"`       // the whole letter, as previewed, to the character
	Token    string `json:"token,omitempty"`        // of the private link, so that it can be mailed again
	Trimmed  bool   `json:"text_deleted,omitempty"` // the text and the address were deleted when their time was over
}

// SealPerson seals p for the letter whose token hash is given.
func SealPerson(keys *seal.Keys, p *Person, tokenHash []byte) ([]byte, error) {
	sealed, err := sealRecord(keys, p, tokenHash)
	if err != nil {
		return nil, fmt.Errorf("seal person: %w", err)
	}
	return sealed, nil
}

// OpenPerson opens what SealPerson sealed.
func OpenPerson(keys *seal.Keys, sealed, tokenHash []byte) (*Person, error) {
	p, err := openRecord[Person](keys, sealed, tokenHash)
	if err != nil {
		return nil, fmt.Errorf("open person: %w", err)
	}
	return p, nil
}

// sealRecord seals a record for whatever has the token's hash.
func sealRecord(keys *seal.Keys, record any, tokenHash []byte) ([]byte, error) {
	plain, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	return keys.Seal(plain, tokenHash), nil
}

// openRecord opens what sealRecord sealed.
func openRecord[T any](keys *seal.Keys, sealed, tokenHash []byte) (*T, error) {
	plain, err := keys.Open(sealed, tokenHash)
	if err != nil {
		return nil, err
	}
	var record T
	if err := json.Unmarshal(plain, &record); err != nil {
		return nil, err
	}
	return &record, nil
}

// hashToken is what the store keeps of a private link's token.
func hashToken(keys *seal.Keys, token string) []byte { return keys.Hash("token", token) }
