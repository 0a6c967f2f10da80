package scaffold

import (
	"go/version"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// requireAll gives a go.mod of the owner's what another one requires, where it
// has less, and leaves the rest of it as it is.
func requireAll(existing []byte, needed string) (string, error) {
	mod, err := modfile.Parse("go.mod", existing, nil)
	if err != nil {
		return "", err
	}
	ours, err := modfile.Parse("go.mod", []byte(needed), nil)
	if err != nil {
		return "", err
	}
	has := map[string]string{}
	for _, r := range mod.Require {
		has[r.Mod.Path] = r.Mod.Version
	}
	changed := false
	for _, r := range ours.Require {
		if semver.Compare(has[r.Mod.Path], r.Mod.Version) >= 0 {
			continue
		}
		if changed = true; has[r.Mod.Path] != "" {
			err = mod.AddRequire(r.Mod.Path, r.Mod.Version)
		} else {
			mod.AddNewRequire(r.Mod.Path, r.Mod.Version, r.Indirect)
		}
		if err != nil {
			return "", err
		}
	}
	if mod.Go == nil || version.Compare("go"+mod.Go.Version, "go"+ours.Go.Version) < 0 {
		if changed, err = true, mod.AddGoStmt(ours.Go.Version); err != nil {
			return "", err
		}
	}
	if !changed {
		return string(existing), nil
	}
	mod.SetRequireSeparateIndirect(mod.Require)
	mod.Cleanup()
	text, err := mod.Format()
	return string(text), err
}

// addLines adds the lines that a text lacks.
func addLines(text, lines string) string {
	has := map[string]bool{}
	for line := range strings.Lines(text) {
		has[strings.TrimSpace(line)] = true
	}
	missing := ""
	for line := range strings.Lines(lines) {
		if !has[strings.TrimSpace(line)] {
			missing += line
		}
	}
	if missing != "" && text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + missing
}
