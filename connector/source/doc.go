// Package source holds the text of a definition file: the tree that two
// parsers make of it, positions, edits and diagnostics. It knows nothing of
// OpenAPI.
//
// The text is the truth. [Parse] reads JSON or YAML, never fails, and gives
// every node the byte range it came from; everything else in the program is a
// view over that tree. A report is a [Diagnostic] (what, where), a change is a
// list of [Edit] values (which bytes become which).
package source
