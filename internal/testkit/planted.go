package testkit

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Encodings returns every form in which a planted text might stand in a file.
func Encodings(text string) map[string][]byte {
	forms := map[string][]byte{}
	for name, s := range map[string]string{"": text, "lower case ": strings.ToLower(text), "upper case ": strings.ToUpper(text)} {
		forms[name+"plain"] = []byte(s)
		forms[name+"hex"] = []byte(hex.EncodeToString([]byte(s)))
		forms[name+"HEX"] = []byte(strings.ToUpper(hex.EncodeToString([]byte(s))))
		for _, u := range utf16.Encode([]rune(s)) {
			forms[name+"UTF-16LE"] = append(forms[name+"UTF-16LE"], byte(u), byte(u>>8))
			forms[name+"UTF-16BE"] = append(forms[name+"UTF-16BE"], byte(u>>8), byte(u))
		}
		for shift := range 3 { // where it may begin within three bytes
			for kind, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
				whole := enc.EncodeToString(append(make([]byte, shift), s...))
				forms[fmt.Sprint(name, kind, shift)] = []byte(whole[(shift*4+2)/3+1 : len(whole)-2])
			}
		}
		one, five, two := sha1.Sum([]byte(s)), md5.Sum([]byte(s)), sha256.Sum256([]byte(s))
		for kind, sum := range map[string][]byte{"SHA-1": one[:], "MD5": five[:], "SHA-256": two[:]} {
			forms[name+kind] = sum
			forms[name+kind+" in hex"] = []byte(hex.EncodeToString(sum))
		}
	}
	return forms
}
