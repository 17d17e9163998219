package postcode

// Place is somewhere with postcodes that a GB index does not hold. Each has its
// own sentence on the pages, because what to do next differs.
type Place uint8

// The places, with their codes as the Royal Mail and the territories' own post
// offices publish them. Bermuda is missing: its codes ("DD 02") cannot be told
// from the first half of a British postcode.
const (
	NoPlace              Place = iota
	NorthernIreland            // BT: in the data only where it was loaded with NI
	Jersey                     // JE
	Guernsey                   // GY
	IsleOfMan                  // IM
	ForcesMail                 // BFPO 57, and BF1 … postcodes
	Gibraltar                  // GX11 1AA
	Ascension                  // ASCN 1ZZ
	IndianOceanTerritory       // BBND 1ZZ
	AntarcticTerritory         // BIQQ 1ZZ
	FalklandIslands            // FIQQ 1ZZ
	PitcairnIslands            // PCRN 1ZZ
	SouthGeorgia               // SIQQ 1ZZ
	SaintHelena                // STHL 1ZZ
	TristanDaCunha             // TDCU 1ZZ
	TurksAndCaicos             // TKCA 1ZZ
	Anguilla                   // AI-2640
	VirginIslands              // VG1110 to VG1160
	CaymanIslands              // KY1-1001
	Montserrat                 // MSR 1110

	placeCount
)

var placeNames = [placeCount]string{
	NoPlace:              "",
	NorthernIreland:      "northern_ireland",
	Jersey:               "jersey",
	Guernsey:             "guernsey",
	IsleOfMan:            "isle_of_man",
	ForcesMail:           "forces_mail",
	Gibraltar:            "gibraltar",
	Ascension:            "ascension",
	IndianOceanTerritory: "indian_ocean_territory",
	AntarcticTerritory:   "antarctic_territory",
	FalklandIslands:      "falkland_islands",
	PitcairnIslands:      "pitcairn_islands",
	SouthGeorgia:         "south_georgia",
	SaintHelena:          "saint_helena",
	TristanDaCunha:       "tristan_da_cunha",
	TurksAndCaicos:       "turks_and_caicos",
	Anguilla:             "anguilla",
	VirginIslands:        "virgin_islands",
	CaymanIslands:        "cayman_islands",
	Montserrat:           "montserrat",
}

// String gives a stable name in lower case ("isle_of_man"), fit for a message
// key, and "" for NoPlace.
func (p Place) String() string { return placeNames[p] }

// Places lists every place but NoPlace, so that a catalogue of messages can be
// checked for a sentence about each.
func Places() []Place {
	places := make([]Place, 0, placeCount-1)
	for p := NoPlace + 1; p < placeCount; p++ {
		places = append(places, p)
	}
	return places
}

// areaPlaces finds the place by the area's two letters. These areas have
// postcodes of the ordinary shape.
var areaPlaces = func() (places [1 << (2 * letterBits)]Place) {
	for area, place := range map[string]Place{
		"BT": NorthernIreland, "JE": Jersey, "GY": Guernsey, "IM": IsleOfMan,
		"BF": ForcesMail, "GX": Gibraltar,
	} {
		places[areaIndex(area)] = place
	}
	return places
}()

// special is a postcode, or a family of them, of a shape of its own. In its
// form a 9 stands for any digit; there are at most four.
type special struct {
	form  string
	place Place
}

var specials = [...]special{
	{"GIR 0AA", NoPlace},
	{"BFPO 9", ForcesMail},
	{"BFPO 99", ForcesMail},
	{"BFPO 999", ForcesMail},
	{"BFPO 9999", ForcesMail},
	{"ASCN 1ZZ", Ascension},
	{"BBND 1ZZ", IndianOceanTerritory},
	{"BIQQ 1ZZ", AntarcticTerritory},
	{"FIQQ 1ZZ", FalklandIslands},
	{"PCRN 1ZZ", PitcairnIslands},
	{"SIQQ 1ZZ", SouthGeorgia},
	{"STHL 1ZZ", SaintHelena},
	{"TDCU 1ZZ", TristanDaCunha},
	{"TKCA 1ZZ", TurksAndCaicos},
	{"AI-2640", Anguilla},
	{"VG1199", VirginIslands},
	{"KY1-9999", CaymanIslands},
	{"KY2-9999", CaymanIslands},
	{"KY3-9999", CaymanIslands},
	{"MSR 1999", Montserrat},
}

// match compares typed text with the form, the form's punctuation aside. It
// gives the number that the nines stand for, and whether a character was taken
// for its twin.
func (s special) match(typed []byte) (number uint16, mended, ok bool) {
	i := 0
	for _, want := range []byte(s.form) {
		if want == ' ' || want == '-' {
			continue
		}
		if i == len(typed) {
			return 0, false, false
		}
		got := letters[typed[i]]
		if want <= '9' {
			got = digits[typed[i]]
		}
		i++
		value := got &^ mistyped
		switch {
		case got == invalid:
			return 0, false, false
		case want == '9':
			number = number*10 + uint16(value)
		case want < '9' && value != want-'0', want > '9' && value != want-'A'+1:
			return 0, false, false
		}
		mended = mended || got&mistyped != 0
	}
	return number, mended, i == len(typed)
}

func (s special) format(number uint16) string {
	text := []byte(s.form)
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == '9' {
			text[i] = '0' + byte(number%10)
			number /= 10
		}
	}
	return string(text)
}
