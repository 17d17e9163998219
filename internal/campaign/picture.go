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

// parsePicture reads the picture of a campaign file, which is written as a data
// address: data:image/png;base64,…
func parsePicture(source string) (*Picture, error) {
	kind, encoded, ok := strings.Cut(strings.TrimPrefix(source, "data:"), ";base64,")
	p := &Picture{Type: kind, Ext: map[string]string{"image/png": "png", "image/jpeg": "jpg"}[kind]}
	if !ok || !strings.HasPrefix(source, "data:") || p.Ext == "" {
		return nil, errors.New("write it as data:image/png;base64,… or data:image/jpeg;base64,…")
	}
	var err error
	if p.Data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), "")); err != nil {
		return nil, errors.New("what follows base64, is not base64; copy the whole of it once more")
	}
	if len(p.Data) > maxPictureBytes {
		return nil, fmt.Errorf("it has %d bytes, and %d are the most; make it smaller, or save it as JPEG with less quality", len(p.Data), maxPictureBytes)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(p.Data))
	if err != nil || "image/"+format != kind {
		return nil, fmt.Errorf("it is not a picture of the kind %s", kind)
	}
	if config.Width > maxPictureSide || config.Height > maxPictureSide || config.Width < 1 || config.Height < 1 {
		return nil, fmt.Errorf("it is %d by %d pixels, and %d are the most on either side; make it smaller", config.Width, config.Height, maxPictureSide)
	}
	// A photograph can tell where it was taken, and of whom.
	if bytes.Contains(p.Data, []byte("Exif\x00\x00")) || bytes.Contains(p.Data, []byte("eXIf")) {
		return nil, errors.New("it carries a camera’s notes (Exif), which can tell where it was taken; save it without them")
	}
	sum := sha256.Sum256(p.Data)
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
	}
	for _, lang := range sortedKeys(f.Texts) {
		if strings.TrimSpace(f.Texts[lang].PictureAlt) == "" {
			problems = append(problems, Problem{Key: "texts." + lang + ".picture_alt", Text: "missing; say what the picture shows, for those who don’t see it", Missing: true})
		}
	}
	return l, problems
}
