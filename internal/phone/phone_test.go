package phone_test

import (
	"testing"

	"postbag/internal/phone"
)

func TestNormalise(t *testing.T) {
	tests := []struct{ name, typed, want string }{
		{"landline with spaces", " 0113 496 0123 ", "0113 496 0123"},
		{"landline without spaces", "01134960123", "0113 496 0123"},
		{"country code", "+44 113 496 0123", "0113 496 0123"},
		{"country code and bracketed zero", "+44 (0)113 496 0123", "0113 496 0123"},
		{"mobile", "07400-123456", "07400 123456"},
		{"00 for plus", "0044 7400 123456", "07400 123456"},
		{"London", "020 7946 0958", "020 7946 0958"},
		{"Irish", "+353 1 234 5678", "+353 1 234 5678"},
		{"words", "ring me", ""},
		{"empty", "", ""},
		{"too short", "0113", ""},
		{"too long", "0113 496 0123 4567 8901", ""},
		{"header injection", "0113 496 0123\r\nBcc: x@example.org", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := phone.Normalise(tt.typed)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("Normalise(%q) = %q, %v; want %q", tt.typed, got, err, tt.want)
			}
		})
	}
}
