package rules_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var _ = register(map[string]mutation{
	"package-no-properties": {old: "{", new: "«{", also: []mutation{{file: propertiesName, old: "*"}}},
	"package-no-definition": {file: propertiesName, old: "{", new: "«{", also: []mutation{{old: "*"}}},
}, nil)

// TestDefinitionNames shows which names are taken for a misspelt one.
func TestDefinitionNames(t *testing.T) {
	tests := []struct {
		name           string
		withProperties bool
		want           bool
	}{
		{"apiDefinition.swagger.json", true, false},
		{"apidefinition.Swagger.json", true, false},
		{"apiDefinition.swagger.yaml", true, false},
		{"apiDefination.swagger.json", false, true},
		{"CQC-Connector.swagger.json", true, true},
		{"petstore.swagger.json", false, false},
	}
	for _, test := range tests {
		definition := source.Parse("folder/"+test.name, []byte(`{"swagger": "2.0"}`))
		var properties *source.File
		if test.withProperties {
			properties = source.Parse("folder/"+propertiesName, []byte(`{"properties": {"iconBrandColor": "#da3b01"}}`))
		}
		found := check(connectorOf(definition, properties, true, nil), lint.Custom)
		if got := strings.Contains(idsOf(found), " package-definition-name "); got != test.want {
			t.Errorf("%s, properties %v: found is %v, want %v", test.name, test.withProperties, got, test.want)
		}
	}
}

// TestIcons shows what an icon may look like.
func TestIcons(t *testing.T) {
	brand := color.NRGBA{0xda, 0x3b, 0x01, 0xff}
	white, none := color.NRGBA{0xff, 0xff, 0xff, 0xff}, color.NRGBA{}
	good := picture(t, 230, 230, brand)
	tests := []struct {
		what, name, data string
		profile          lint.Profile
		want             []string
	}{
		{"good", "icon.png", good, lint.Certified, nil},
		{"good, in a custom connector", "icon.png", good, lint.Custom, nil},
		{"of an independent publisher", "icon.png", good, lint.Independent, []string{"icon-unwanted"}},
		{"another name", "Icon.png", good, lint.Certified, []string{"icon-format"}},
		{"no PNG", "icon.svg", "<svg/>", lint.Certified, []string{"icon-format"}},
		{"cut off", "icon.png", good[:60], lint.Certified, []string{"icon-format"}},
		{"empty", "icon.png", "", lint.Certified, []string{"icon-format"}},
		{"not square", "icon.png", picture(t, 230, 200, brand), lint.Certified, []string{"icon-size"}},
		{"small", "icon.png", picture(t, 99, 99, brand), lint.Certified, []string{"icon-size"}},
		{"the smallest", "icon.png", picture(t, 100, 100, brand), lint.Certified, nil},
		{"the largest", "icon.png", picture(t, 512, 512, brand), lint.Certified, nil},
		{"large", "icon.png", picture(t, 513, 513, brand), lint.Certified, []string{"icon-size"}},
		{"transparent", "icon.png", picture(t, 230, 230, none), lint.Certified, []string{"icon-background"}},
		{"white", "icon.png", picture(t, 230, 230, white), lint.Certified, []string{"icon-background"}},
		{"of another color", "icon.png", picture(t, 230, 230, color.NRGBA{1, 2, 3, 0xff}), lint.Custom, []string{"icon-background"}},
		{"of a bomb", "icon.png", bomb(t), lint.Custom, []string{"icon-format"}},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			c := wellMade(t, "well-made", mutation{}, nil)
			c.Package.Add(test.name, test.data)
			var got []string
			for _, f := range check(c, test.profile) {
				got = append(got, f.Rule)
				if f.File.Name != test.name {
					t.Errorf("%s is said of %s", f.Rule, f.File.Name)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
}

func picture(t *testing.T, width, height int, background color.Color) string {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		p.Set(i%width, i/width, background)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// bomb is a small file that says it is a picture of four billion pixels.
func bomb(t *testing.T) string {
	t.Helper()
	data := []byte(picture(t, 10, 10, color.Black))
	copy(data[16:], "\x00\x00\xff\xff\x00\x00\xff\xff")
	copy(data[29:], "\x5a\xba\xde\x2a") // any checksum: the header is refused or the size is
	return string(data)
}

func TestScriptSize(t *testing.T) {
	for size, want := range map[int]bool{1 << 20: false, 1<<20 + 1: true} {
		c := wellMade(t, "well-made", mutation{file: propertiesName, old: `"capabilities"`, new: `"scriptOperations": [], "capabilities"`}, nil)
		c.Package.Add("script.csx", goodScript+strings.Repeat("\n", size-len(goodScript)))
		found := check(c, lint.Custom)
		if got := len(found) == 1 && found[0].Rule == "script-size"; got != want || !want && len(found) > 0 {
			t.Errorf("%d bytes: %v", size, idsOf(found))
		}
	}
}

// TestFoldersAreRead shows which files become part of a connector, and that a
// file that is named stands alone.
func TestFoldersAreRead(t *testing.T) {
	units, err := connector.Find([]string{"../../testdata/connectors/well-made"})
	if err != nil || len(units) != 1 {
		t.Fatal(units, err)
	}
	c, err := connector.Load(units[0])
	if err != nil {
		t.Fatal(err)
	}
	if c.Package == nil || c.Package.Readme == nil || len(c.Files()) != 3 {
		t.Errorf("of the folder: %v", c.Files())
	}
	units, err = connector.Find([]string{"../../testdata/connectors/well-made/" + definitionName})
	if err != nil || len(units) != 1 {
		t.Fatal(units, err)
	}
	if c, err = connector.Load(units[0]); err != nil || c.Package != nil {
		t.Error("a file that is named has a folder", err)
	}
}
