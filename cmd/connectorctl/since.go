package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// since tells which lines were changed after a revision, as git sees it: from
// where HEAD left the revision's branch to the files as they are.
type since struct {
	ctx context.Context
	rev string

	roots map[string]string             // the repository of a folder
	lines map[string]map[string]changed // by repository and file
}

// changed are the lines of a file that are new or different, and those around
// which some were removed.
type changed struct {
	all   bool
	spans [][2]int // first and last line, from 1
}

func newSince(ctx context.Context, rev string) *since {
	return &since{ctx, rev, map[string]string{}, map[string]map[string]changed{}}
}

// only returns the findings on changed lines.
func (s *since) only(findings []source.Diagnostic) ([]source.Diagnostic, error) {
	var failed error
	left := slices.DeleteFunc(slices.Clone(findings), func(d source.Diagnostic) bool {
		if failed != nil {
			return false
		}
		lines, err := s.of(d.File.Name)
		failed = err
		at := d.File.Position(d.Range.Start).Line
		return !lines.all && !slices.ContainsFunc(lines.spans, func(span [2]int) bool { return span[0] <= at && at <= span[1] })
	})
	return left, failed
}

// of returns the changed lines of a file.
func (s *since) of(name string) (changed, error) {
	abs, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		return changed{}, err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return changed{}, err
	}
	root, known := s.roots[folder]
	if !known {
		out, err := s.git(folder, "rev-parse", "--show-toplevel")
		if err != nil {
			return changed{}, err
		}
		root = filepath.FromSlash(strings.TrimRight(out, "\r\n"))
		s.roots[folder] = root
	}
	if s.lines[root] == nil {
		if s.lines[root], err = s.diff(root); err != nil {
			return changed{}, err
		}
	}
	return s.lines[root][filepath.Join(folder, filepath.Base(abs))], nil
}

// git runs git without what a repository may have configured to run.
func (s *since) git(folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(s.ctx, "git", append([]string{"-C", folder, "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("--since: git is not installed")
	}
	if err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		return "", fmt.Errorf("--since %s: %s", s.rev, strings.TrimPrefix(said, "fatal: "))
	}
	return string(out), nil
}

// diff reads the changed lines of a repository.
func (s *since) diff(root string) (map[string]changed, error) {
	commit, err := s.git(root, "rev-parse", "--verify", "--end-of-options", s.rev+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("--since %s: there is no such revision in %s", s.rev, root)
	}
	commit = strings.TrimSpace(commit)
	if base, err := s.git(root, "merge-base", commit, "HEAD"); err == nil {
		commit = strings.TrimSpace(base) // else they have nothing in common, as in a shallow clone
	}
	text, err := s.git(root, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/", commit, "--")
	if err != nil {
		return nil, err
	}
	files := parseDiff(root, text)
	untracked, err := s.git(root, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(untracked, "\x00") {
		files[filepath.Join(root, filepath.FromSlash(name))] = changed{all: true}
	}
	return files, nil
}

var hunk = regexp.MustCompile(`^@@ -\S+ \+(\d+)(?:,(\d+))? @@`)

// parseDiff reads a unified diff without context. Binary files have no lines, so
// all of them is changed.
func parseDiff(root, text string) map[string]changed {
	files := map[string]changed{}
	path := ""
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, source.MaxSize+1)
	left := 0 // lines of the hunk, which may look like anything
	for lines.Scan() {
		line := lines.Text()
		if left > 0 && (strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-")) {
			left--
			continue
		}
		if name, ok := strings.CutPrefix(line, "+++ "); ok {
			path = pathOf(root, name)
		} else if _, name, ok := strings.Cut(line, " and "); ok && strings.HasPrefix(line, "Binary files ") {
			files[pathOf(root, strings.TrimSuffix(name, " differ"))] = changed{all: true}
		} else if m := hunk.FindStringSubmatch(line); m != nil {
			first, count := number(m[1], 0), number(m[2], 1)
			span := [2]int{first, first + count - 1}
			if count == 0 {
				span = [2]int{first, first + 1} // removed between these
			}
			file := files[path]
			file.spans = append(file.spans, span)
			files[path] = file
			left = count + removed(line)
		}
	}
	return files
}

// removed returns how many lines a hunk takes away.
func removed(header string) int {
	old, _, _ := strings.Cut(strings.TrimPrefix(header, "@@ -"), " ")
	_, count, _ := strings.Cut(old, ",")
	return number(count, 1)
}

// number reads a number of a diff, in which one is left out.
func number(s string, none int) int {
	if n, err := strconv.Atoi(s); err == nil && n <= source.MaxSize {
		return n
	}
	return none
}

// pathOf returns the file that a line of a diff names. Git quotes unusual names
// as C does.
func pathOf(root, name string) string {
	name = strings.TrimSuffix(name, "\t") // git's mark for names with blanks
	if unquoted, err := strconv.Unquote(name); err == nil {
		name = unquoted
	}
	return filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(name, "b/")))
}
