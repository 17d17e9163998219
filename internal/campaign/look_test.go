package campaign_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "postbag/internal/campaign"
)

func TestParseAccent(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"a green":              {"#1f6f50", ""},
		"the design's red":     {"#b3202a", ""},
		"in capitals":          {"#1F6F50", ""},
		"black":                {"#000000", ""},
		"too light":            {"#ffcc00", "the nearest shade that will do is"},
		"white":                {"#ffffff", "the nearest shade that will do is"},
		"just too light":       {"#7a7a7a", "the nearest shade that will do is"},
		"a name":               {"green", "no colour"},
		"three digits":         {"#abc", "no colour"},
		"no digits":            {"#ggffee", "no colour"},
		"more than a colour":   {"#1f6f50; background: url(x)", "no colour"},
		"a sign in its digits": {"#+f6f50", "no colour"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseAccent(test.in)
			if test.want == "" {
				if err != nil || got.Hex != strings.ToLower(test.in) || got.Light["accent"] != got.Hex {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

// What an error proposes is taken, and looks like what was asked for: it is no
// darker than it must be.
func TestParseAccent_ProposesTheNearestShade(t *testing.T) {
	shade := regexp.MustCompile(`"(#[0-9a-f]{6})"$`)
	for _, light := range []string{"#ffcc00", "#ffffff", "#00ff00", "#ff9999", "#88ccff", "#7a7a7a", "#00ffff", "#ff00ff"} {
		_, err := ParseAccent(light)
		if err == nil {
			t.Errorf("%s is taken", light)
			continue
		}
		m := shade.FindStringSubmatch(err.Error())
		if m == nil {
			t.Errorf("%s: no shade is proposed: %v", light, err)
			continue
		}
		if _, err := ParseAccent(m[1]); err != nil {
			t.Errorf("%s: the proposed %s is refused: %v", light, m[1], err)
		}
		if got := Contrast(m[1], LightGrounds["paper"]); got > 4.8 {
			t.Errorf("%s: the proposed %s is darker than need be: contrast %.2f", light, m[1], got)
		}
	}
}

func TestContrast(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.478}, {"#ffffff", "#777777", 4.478}, {"red", "#ffffff", 0}} {
		if got := Contrast(test.a, test.b); got < test.want-0.001 || got > test.want+0.001 {
			t.Errorf("Contrast(%q, %q) = %.3f, want %.3f", test.a, test.b, got, test.want)
		}
	}
}

func data(kind string, content []byte) string {
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
}

func encoded(t *testing.T, img image.Image, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParseFile_Picture(t *testing.T) {
	asJPEG := func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) }
	plain := image.NewGray(image.Rect(0, 0, 300, 200))
	noise := image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range noise.Pix {
		noise.Pix[i] = color.Gray{uint8(rand.N(256))}.Y
	}
	photo := encoded(t, plain, asJPEG)
	withNotes := append(append(append([]byte{}, photo[:2]...), "\xff\xe1\x00\x10Exif\x00\x00position"...), photo[2:]...)
	segment := func(marker, text string) []byte { // of a JPEG
		head := []byte{0xff, marker[0], 0, byte(len(text) + 2)}
		return slices.Concat(photo[:2], head, []byte(text), photo[2:])
	}
	drawn := encoded(t, plain, png.Encode)
	chunk := func(kind, text string) []byte { // of a PNG, behind its header
		body := []byte(kind + text)
		sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body))
		return slices.Concat(drawn[:33], binary.BigEndian.AppendUint32(nil, uint32(len(text))), body, sum, drawn[33:])
	}
	for name, test := range map[string]struct {
		picture string
		alt     bool
		want    string // in the error; empty: it is taken
	}{
		"a PNG":                    {data("image/png", encoded(t, plain, png.Encode)), true, ""},
		"a JPEG":                   {data("image/jpeg", photo), true, ""},
		"without words for it":     {data("image/jpeg", photo), false, "texts.en.picture_alt: missing"},
		"too many bytes":           {data("image/png", encoded(t, noise, png.Encode)), true, "more than 40 kB"},
		"too wide":                 {data("image/png", encoded(t, image.NewGray(image.Rect(0, 0, 1601, 2)), png.Encode)), true, "1600 are the most"},
		"another kind than said":   {data("image/png", photo), true, "not a picture of the kind image/png"},
		"a kind we don't take":     {data("image/svg+xml", []byte("<svg/>")), true, "write it as"},
		"an address":               {"https://example.org/a.png", true, "write it as"},
		"no base64":                {"data:image/png;base64,***", true, "not base64"},
		"no picture":               {data("image/png", []byte("hello")), true, "not a picture in PNG or JPEG"},
		"with a camera's notes":    {data("image/jpeg", withNotes), true, "Exif"},
		"with a program's notes":   {data("image/jpeg", segment("\xe1", "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>")), true, "XMP"},
		"with more of them":        {data("image/jpeg", segment("\xe1", "http://ns.adobe.com/xmp/extension/\x00rest")), true, "XMP"},
		"with an agency's notes":   {data("image/jpeg", segment("\xed", "Photoshop 3.0\x008BIM\x04\x04")), true, "IPTC"},
		"a PNG with notes":         {data("image/png", chunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00x")), true, "XMP"},
		"a PNG with packed notes":  {data("image/png", chunk("zTXt", "Raw profile type exif\x00\x00x")), true, "Exif"},
		"a PNG with a camera's":    {data("image/png", chunk("eXIf", "MM\x00*")), true, "Exif"},
		"a PNG with a colour":      {data("image/png", chunk("gAMA", "\x00\x00\xb1\x8f")), true, ""},
		"a JPEG with its size":     {data("image/jpeg", segment("\xe0", "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")), true, ""},
		"something dressed as one": {data("image/png", []byte("\x89PNG\r\n\x1a\n<script>")), true, "not a picture"},
	} {
		t.Run(name, func(t *testing.T) {
			source := "picture = \"" + test.picture + "\"\n" + small
			if test.alt {
				source = strings.Replace(source, "title = \"T\"", "title = \"T\"\npicture_alt = \"A queue\"", 1)
			}
			c, err := ParseFile(source)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want one that says %q", err, test.want)
				}
				if _, err := ParseKept(source); strings.Contains(test.want, "XMP") && err != nil {
					t.Errorf("it was let pass once, and cannot be read any more: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p := c.Picture; p.Width != 300 || p.Height != 200 || len(p.Hash) != 12 || "data:"+p.Type+";base64,"+base64.StdEncoding.EncodeToString(p.Data) != test.picture {
				t.Errorf("%s %d×%d %s, %d bytes", p.Type, p.Width, p.Height, p.Hash, len(p.Data))
			}
		})
	}
}

func TestParseFile_LooksAreReportedWithTheRest(t *testing.T) {
	_, err := ParseFile("accent = \"#ffee00\"\npicture = \"x\"\ngoal = -1\n" + small)
	if err == nil {
		t.Fatal("it is taken")
	}
	for _, want := range []string{"accent: #ffee00 is too light", "picture: write it as", "goal: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing says %q:\n%v", want, err)
		}
	}
	c, err := ParseFile(small)
	if err != nil || c.Accent != nil || c.Picture != nil {
		t.Errorf("without either: %v, %v, %v", c.Accent, c.Picture, err)
	}
}
