package connector_test

import (
	"path/filepath"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// TestRoleOf holds the role that a place has against the one that the walk comes
// with.
func TestRoleOf(t *testing.T) {
	units, err := connector.Find([]string{filepath.Join("..", "testdata", "connectors")})
	if err != nil {
		t.Fatal(err)
	}
	roles := map[connector.Role]bool{}
	for _, u := range units {
		c, err := connector.Load(u)
		if err != nil {
			t.Fatal(err)
		}
		d := c.Definition
		d.Walk(connector.Walker{Enter: func(role connector.Role, n source.Node) {
			roles[role] = true
			if got := d.RoleOf(n); got != role {
				t.Errorf("%s%s is %q, want %q", u.Name(), n.Pointer(), got, role)
			}
		}})
	}
	if len(roles) < 15 {
		t.Errorf("%d roles: nothing was tested", len(roles))
	}
	d := connector.Read(source.ParseString("x.json", `{"definitions": {"A": {"example": {"properties": {"a": {}}}, "x-ms-summary": {"a": {}}}}}`))
	for _, pointer := range []string{"/definitions/A/example/properties/a", "/definitions/A/x-ms-summary/a"} {
		if got := d.RoleOf(d.At(pointer)); got != connector.RoleNone {
			t.Errorf("%s is %q", pointer, got)
		}
	}
}
