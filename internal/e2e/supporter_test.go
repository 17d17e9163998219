package e2e

// supporter is who writes, and what they type.
type supporter struct {
	typed    string // the postcode, as typed
	postcode string // as it stands in the letter
	opening  string // what they write before the campaign's words
	name     string
	email    string
	address1 string
	address2 string
	town     string
	phone    string
	number   string // the telephone number as it stands in the letter
}

// zofia writes with whatever a mail program could stumble over: accents, an
// emoji, right-to-left letters, a line that is only a dot, one that begins with
// "From", and one that is longer than a mail's line may be.
var zofia = supporter{
	typed:    " ls6,3hn ",
	postcode: "LS6 3HN",
	opening: "My neighbour’s name is بهار; she is a nurse 💙 and she is afraid to ask you for help, “just in case”.\n" +
		"From what I know of Hyde Park she is not the only one.\n.\n" + long,
	name:     "Zofia Łukasik-O’Brien",
	email:    "zofia.lukasik@supporter.example",
	address1: "14b Brudenell Grove",
	address2: "Hyde Park",
	town:     "Leeds",
	phone:    "+44 (0)1134960999", // of those that Ofcom keeps for drama
	number:   "0113 496 0999",
}

// personal is whatever must never stand in an address, a log or, unsealed, in
// a file, in any test.
var personal = []string{
	zofia.name, zofia.email, zofia.postcode, "ls63hn", zofia.address1, "lukasik", "496 0999", "4960999", "My neighbour",
}

const long = "An MP’s surgery is a room with a door, and for someone without secure status the question is only what lies behind that door: " +
	"a person who listens, writes it down and asks the Home Office why a file has not moved for four years, or a person who hands the same file over with an address on it; " +
	"nobody can tell from the outside, which is why a promise that is made in public, before anyone has to knock, is worth more than any number of kind words that are said afterwards, " +
	"and why I would like to read yours on your website, where my neighbour, her sister, the two families above the launderette and everyone who teaches their children can find it without having to ask, " +
	"in a line that is short enough to be remembered and plain enough to be translated, because a promise that cannot be repeated at a kitchen table in Kurdish, Tigrinya or Polish is not of much use to the people it was made for, however well it reads in English, and because it costs you nothing but the courage to say it first."
