package postcode

// isCode tells whether a text has the shape of the ONS code of a constituency:
// the letter of a nation and eight digits.
func isCode(code string) bool {
	if len(code) != codeSize || new(Nations).of(code) == nil {
		return false
	}
	for _, c := range []byte(code[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// isPseudo tells a code such as E99999999, which stands for none. Channel
// Islands rows carry L99999999, Isle of Man rows M99999999.
func isPseudo(code string) bool {
	return len(code) == codeSize && code[1:] == "99999999"
}

// isOld tells the code of a constituency that ended with the boundaries of July
// 2024. Scotland kept its series of numbers, and with them the codes of the five
// seats that did not change. (ONS, Register of Geographic Codes.)
func isOld(code string) bool {
	if !isCode(code) {
		return false
	}
	switch code[:3] {
	case "E14":
		return code < "E14001063"
	case "W07":
		return code < "W07000081"
	case "N06":
		return true
	case "S14":
		switch code {
		case "S14000021", "S14000027", "S14000045", "S14000048", "S14000051":
			return false
		}
		return code < "S14000060"
	}
	return false
}
