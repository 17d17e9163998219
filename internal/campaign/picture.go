package campaign

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // formats that DecodeConfig knows
	_ "image/png"
	"strings"
)

// Picture is a campaign's own picture, shown on its page.
type Picture struct {
	Type          string // "image/png" or "image/jpeg"
	Ext           string // "png" or "jpg"
	Data          []byte
	Hash          string // of Data, for an address that changes with it
	Width, Height int    // pixels
}

// Limits on a picture: everyone who opens the page pays for it.
const (
	maxPictureBytes = 40 << 10
	maxPictureSide  = 1600
)

// extensions are the endings of files by kind of picture: the kinds that there are.
var extensions = map[string]string{"image/png": "png", "image/jpeg": "jpg"}

// noteMarks are what the notes in a file begin with: they tell more than the picture
// shows, such as where a photograph was taken, and who took it or worked on it.
var noteMarks = []struct{ mark, name string }{
	{"Exif\x00\x00", "Exif"},          // JPEG
	{"eXIf", "Exif"},                  // PNG
	{"Raw profile type exif", "Exif"}, // PNG as older programs write it; so below
	{"Raw profile type APP1", "Exif"},
	{"http://ns.adobe.com/x", "XMP"}, // JPEG: xap/1.0 and, for the rest of it, xmp/extension
	{"XML:com.adobe.xmp", "XMP"},     // PNG
	{"Raw profile type xmp", "XMP"},
	{"Photoshop 3.0\x00", "IPTC"}, // JPEG
	{"Raw profile type iptc", "IPTC"},
}

// checkNotes refuses a picture that carries notes.
func (p *Picture) checkNotes() error {
	for _, n := range noteMarks {
		if bytes.Contains(p.Data, []byte(n.mark)) {
			return fmt.Errorf("it carries notes of a camera or a program (%s), which can tell where it was taken and whose it is; save it without them", n.name)
		}
	}
	return nil
}

// parsePicture reads the picture of a campaign file, which is written as a data
// address: data:image/png;base64,…
func parsePicture(source string) (*Picture, error) {
	kind, encoded, ok := strings.Cut(strings.TrimPrefix(source, "data:"), ";base64,")
	if !ok || !strings.HasPrefix(source, "data:") || extensions[kind] == "" {
		return nil, errors.New("write it as data:image/png;base64,… or data:image/jpeg;base64,…")
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return nil, errors.New("what follows base64, is not base64; copy the whole of it once more")
	}
	p, err := newPicture(data)
	if err == nil && p.Type != kind {
		return nil, fmt.Errorf("it is not a picture of the kind %s", kind)
	}
	return p, err
}

// newPicture reads a picture from a file of one of the kinds that pages show.
func newPicture(data []byte) (*Picture, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if len(data) > maxPictureBytes && !errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("it has more than %d kB; make it smaller, or save it as JPEG with less quality", maxPictureBytes>>10)
	}
	p := &Picture{Type: "image/" + format, Ext: extensions["image/"+format], Data: data}
	if err != nil || p.Ext == "" {
		return nil, errors.New("it is not a picture in PNG or JPEG")
	}
	if config.Width > maxPictureSide || config.Height > maxPictureSide || config.Width < 1 || config.Height < 1 {
		return nil, fmt.Errorf("it is %d by %d pixels, and %d are the most on either side; make it smaller", config.Width, config.Height, maxPictureSide)
	}
	sum := sha256.Sum256(data)
	p.Hash, p.Width, p.Height = hex.EncodeToString(sum[:6]), config.Width, config.Height
	return p, nil
}

// look is what a campaign file says of how its pages look.
type look struct {
	accent  *Accent
	picture *Picture
}

// parseLook reads it and returns its problems.
func parseLook(f File) (look, []Problem) {
	var l look
	var problems []Problem
	var err error
	if f.Accent != "" {
		if l.accent, err = ParseAccent(f.Accent); err != nil {
			problems = append(problems, Problem{Key: "accent", Text: err.Error()})
		}
	}
	if f.Picture == "" {
		return l, problems
	}
	if l.picture, err = parsePicture(f.Picture); err != nil {
		problems = append(problems, Problem{Key: "picture", Text: err.Error()})
	} else if err := l.picture.checkNotes(); err != nil { // not all of them were always looked for
		problems = append(problems, Problem{Key: "picture", Text: err.Error(), Later: true})
	}
	for _, lang := range sortedKeys(f.Texts) {
		if strings.TrimSpace(f.Texts[lang].PictureAlt) == "" {
			problems = append(problems, Problem{Key: "texts." + lang + ".picture_alt", Text: "missing; say what the picture shows, for those who don’t see it", Missing: true})
		}
	}
	return l, problems
}
