package view

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QR is a QR code ready to be drawn: the path of its dark squares, each one
// unit wide, in a square of Size units with the light border that scanners need.
type QR struct {
	Size int
	Path string
}

// qrBorder is the width of the light border (ISO/IEC 18004, 6.3.8).
const qrBorder = 4

// NewQR returns the QR code of a text. A quarter of it may be smudged or folded
// (level Q).
func NewQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.Q)
	if err != nil {
		return QR{}, fmt.Errorf("make a QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			width := 0
			for code.Black(x+width, y) {
				width++
			}
			if width > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+qrBorder, y+qrBorder, width, width)
				x += width
			}
		}
	}
	return QR{Size: code.Size + 2*qrBorder, Path: path.String()}, nil
}
