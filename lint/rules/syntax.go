package rules

import "github.com/connectorctl/connectorctl/lint"

// The parser reports these; the rules say how much they matter. All are errors
// because a strict reader rejects the file, or, for duplicate keys, loses a
// part of it without a word.
var syntax = []*lint.Rule{
	parsed("syntax-empty", "the file is empty"),
	parsed("syntax-byte-order-mark", "the file starts with a byte order mark"),
	parsed("syntax-utf16", "the file is UTF-16"),
	parsed("syntax-invalid-utf8", "a byte is not UTF-8"),
	parsed("syntax-control-character", "a string holds a raw control character"),
	parsed("syntax-exotic-space", "a character between values only looks like a space"),
	parsed("syntax-comment", "a comment in JSON"),
	parsed("syntax-trailing-comma", "a comma with no value before or after it"),
	parsed("syntax-missing-comma", "a comma is missing between two values"),
	parsed("syntax-missing-colon", "a colon is missing after a key"),
	parsed("syntax-missing-value", "a key has no value"),
	parsed("syntax-missing-key", "a value stands in an object without a key"),
	parsed("syntax-duplicate-key", "a key stands twice in one object"),
	parsed("syntax-unquoted", "a key or text is not in double quotes"),
	parsed("syntax-invalid-number", "a number is not written as JSON writes it"),
	parsed("syntax-invalid-escape", "a string holds an escape that JSON does not have"),
	parsed("syntax-unterminated-string", "a string lacks one of its quotes"),
	parsed("syntax-unescaped-quote", "a string holds a quote without a backslash"),
	parsed("syntax-unclosed-bracket", "a bracket is not closed"),
	parsed("syntax-unopened-bracket", "a bracket is not opened"),
	parsed("syntax-wrong-bracket", "a closing bracket does not fit"),
	parsed("syntax-unexpected-text", "text that is no part of JSON"),
	parsed("syntax-trailing-text", "text after the end of the document"),
	parsed("syntax-limit", "the file is too large, too deep or too broken to read whole"),
	parsed("syntax-yaml", "the file is not YAML"),
	parsed("syntax-yaml-tab", "a tab indents YAML"),
	parsed("syntax-yaml-key", "a YAML key is not a plain name"),
	parsed("syntax-yaml-documents", "the file holds more than one YAML document"),
}

func parsed(id, summary string) *lint.Rule {
	return &lint.Rule{ID: id, Summary: summary, Levels: lint.Everywhere(failure), Foreign: true}
}
