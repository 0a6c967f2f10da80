package rules

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// iconRules are the rules on the picture (Microsoft docs: "Prepare connector
// files for certification", paconn-cli).
var iconRules = []*lint.Rule{
	{
		ID:      "icon-format",
		Summary: "the icon is no PNG picture named icon.png",
		Levels:  lint.Everywhere(warning),
		Start:   onIcon(iconFormat),
	},
	{
		ID:      "icon-size",
		Summary: "the icon is not square, or of an unusual size",
		Levels:  lint.Levels{Custom: warning, Certified: warning},
		Start:   onIcon(iconSize),
	},
	{
		ID:      "icon-background",
		Summary: "the background of the icon is not the brand color",
		Levels:  lint.Levels{Custom: info, Certified: warning},
		Start:   onIcon(iconBackground),
	},
	{
		ID:      "icon-unwanted",
		Summary: "an independent publisher submits an icon",
		Levels:  lint.Levels{Independent: warning},
		Start: onIcon(func(p *lint.Pass, icon *connector.Icon) {
			p.ReportIn(icon.File, source.Range{}, "connectors of independent publishers all have the same icon").Hint = "remove the file"
		}),
	},
}

func onIcon(check func(*lint.Pass, *connector.Icon)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Package: func(k *connector.Package) {
			if k.Icon != nil {
				check(p, k.Icon)
			}
		}}
	}
}

func iconFormat(p *lint.Pass, icon *connector.Icon) {
	switch base := baseName(icon.File); {
	case icon.Err != nil:
		p.ReportIn(icon.File, source.Range{}, "the icon cannot be read as PNG: %v", icon.Err).Hint = "the platform takes PNG"
	case base != "icon.png":
		p.ReportIn(icon.File, source.Range{}, "the icon is named %q, expected \"icon.png\"", base)
	}
}

// An icon has a side of about 230 pixels. What is much smaller looks blurred,
// what is much larger is made smaller by the platform.
const minIcon, maxIcon = 100, 512

func iconSize(p *lint.Pass, icon *connector.Icon) {
	switch w, h := icon.Width, icon.Height; {
	case icon.Err != nil:
	case w != h:
		p.ReportIn(icon.File, source.Range{}, "the icon has %d × %d pixels, expected a square", w, h).Hint = "230 × 230 is usual"
	case w < minIcon || w > maxIcon:
		p.ReportIn(icon.File, source.Range{}, "the icon has a side of %d pixels, expected about 230", w)
	}
}

func iconBackground(p *lint.Pass, icon *connector.Icon) {
	color := icon.Corner.String()
	if icon.Err != nil {
		return
	}
	var brand source.Node
	if p.Connector.Properties != nil {
		brand = propertiesOf(p.Connector.Properties).Get("iconBrandColor")
	}
	switch said := text(brand); {
	case !icon.Corner.Opaque:
		p.ReportIn(icon.File, source.Range{}, "the background of the icon is transparent").Hint = "fill it with the brand color"
	case p.Profile == lint.Certified && noBrand[color] != "":
		p.ReportIn(icon.File, source.Range{}, "the background of the icon is %s", noBrand[color]).Hint = "fill it with the brand color"
	case hexColor.MatchString(said) && !strings.EqualFold(color, said):
		d := p.ReportIn(icon.File, source.Range{}, "the background of the icon is %s, the brand color is %s", color, strings.ToLower(said))
		d.Related = []source.Related{lint.Related(brand, "the brand color")}
	}
}
