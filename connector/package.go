package connector

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Package is what stands in a connector's folder beside the definition and
// apiProperties.json (Microsoft docs: "Submit your connector for Microsoft
// certification", paconn-cli). What is not there is nil.
type Package struct {
	Settings *source.File // settings.json, which paconn reads
	Readme   *source.File // readme.md, in any letter case
	Intro    *source.File // intro.md
	Script   *source.File // script.csx, or another .csx file if that is missing
	Icon     *Icon        // icon.png, or another image named icon
}

// Icon is the picture of a connector.
type Icon struct {
	File   *source.File // its text is empty: a picture has no lines
	Err    error        // it is no PNG, or too large to look at
	Width  int          // in pixels
	Height int
	Corner Color // of the upper left pixel
}

// Color is a pixel, without its transparency; Opaque tells of that.
type Color struct {
	R, G, B uint8
	Opaque  bool
}

// String returns the color as apiProperties.json writes it, "#rrggbb".
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// isPackageName reports whether a file may belong to a connector: it does if a
// definition or properties are beside it.
func isPackageName(name string) bool {
	switch name = strings.ToLower(name); filepath.Ext(name) {
	case ".csx":
		return true
	case ".png", ".jpg", ".jpeg", ".svg", ".gif", ".ico":
		return strings.HasPrefix(name, "icon.")
	}
	return name == "settings.json" || name == "readme.md" || name == "intro.md"
}

func (p *Package) files() []*source.File {
	files := []*source.File{p.Settings, p.Readme, p.Intro, p.Script}
	if p.Icon != nil {
		files = append(files, p.Icon.File)
	}
	return files
}

// IsBare reports whether the folder has none of these files: what it lacks may
// be kept elsewhere.
func (p *Package) IsBare() bool {
	return !slices.ContainsFunc(p.files(), func(f *source.File) bool { return f != nil })
}

func loadPackage(names []string) (*Package, error) {
	p := &Package{}
	for _, name := range names {
		text, err := readFile(name)
		if err != nil {
			return nil, err
		}
		p.Add(filepath.ToSlash(name), text)
	}
	return p, nil
}

// Add puts a file into the package, if it is one that a connector has.
func (p *Package) Add(name, text string) {
	base := strings.ToLower(filepath.Base(name))
	switch ext := filepath.Ext(base); {
	case base == "settings.json":
		p.Settings = source.ParseString(name, text)
	case base == "readme.md":
		p.Readme = source.Plain(name, text)
	case base == "intro.md":
		p.Intro = source.Plain(name, text)
	case ext == ".csx":
		if p.Script == nil || base == "script.csx" {
			p.Script = source.Plain(name, text)
		}
	case strings.HasPrefix(base, "icon."):
		if p.Icon == nil || base == "icon.png" {
			p.Icon = readIcon(name, text)
		}
	}
}

// maxPixels bounds what is decoded of a picture; an icon has some 50,000.
const maxPixels = 16 << 20

func readIcon(name, data string) *Icon {
	icon := &Icon{File: source.Plain(name, "")}
	dimensions, err := png.DecodeConfig(strings.NewReader(data))
	if err != nil {
		icon.Err = err
		return icon
	}
	icon.Width, icon.Height = dimensions.Width, dimensions.Height
	if icon.Width*icon.Height > maxPixels {
		icon.Err = errors.New("it has too many pixels")
		return icon
	}
	picture, err := png.Decode(bytes.NewReader([]byte(data)))
	if err != nil {
		icon.Err = err
		return icon
	}
	icon.Corner = colorAt(picture, picture.Bounds().Min)
	return icon
}

func colorAt(picture image.Image, at image.Point) Color {
	r, g, b, a := picture.At(at.X, at.Y).RGBA()
	return Color{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), a == 0xffff}
}
