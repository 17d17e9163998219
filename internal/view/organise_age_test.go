package view

import (
	"testing"
	"time"
)

func deskAgeSamples(testing.TB) map[string]Page {
	const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
	none := DeskAge{Desk: ownerDesk("Key for exports"), At: "/organise/c/mps/age", Make: "age-keygen -o key.txt"}
	set := none
	set.Key, set.Fingerprint, set.AddedBy, set.AddedAt, set.Sealing = key, "0123 4567 89ab cdef", "Noor Example", time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC), true
	wrong := none
	wrong.Form = DeskForm{Values: map[string]string{"age_key": "age1"}, Errors: map[string]string{"age_key": "That is not a key that will do."}}
	return map[string]Page{"age": set, "age-none": none, "age-wrong": wrong}
}
