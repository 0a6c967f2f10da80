package report

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

// manyFindings returns a finding on each key of a file that looks like a
// definition.
func manyFindings(minified bool) []source.Diagnostic {
	newline := "\n      "
	if minified {
		newline = ""
	}
	var text bytes.Buffer
	text.WriteString(`{"paths":{`)
	for i := range 2000 {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `%s"/orders/{id}/items%d":{%s"get":{%s"operationId":"ListOrderItems%d",%s"responses":{%s"200":{%s"description":"the items"}}}}`,
			newline, i, newline, newline, i, newline, newline, newline)
	}
	text.WriteString("}}")
	f := source.Parse("connectors/orders/apiDefinition.json", text.Bytes())
	var findings []source.Diagnostic
	var visit func(source.Node)
	visit = func(n source.Node) {
		for key, value := range n.Members() {
			findings = append(findings, source.Diagnostic{
				Rule: "operation-summary-missing", Severity: source.Warning, File: f, Node: value, Range: key.Range(),
				Message: fmt.Sprintf("operation %q has no summary, which names the action in the designer", key.Text()),
				Hint:    "add a summary of at most 80 characters",
			})
			visit(value)
		}
	}
	visit(f.Root())
	return findings
}

func BenchmarkReport(b *testing.B) {
	for _, minified := range []bool{false, true} {
		findings := manyFindings(minified)
		for _, format := range Formats() {
			name := format
			if minified {
				name += "/minified"
			}
			b.Run(name, func(b *testing.B) {
				b.SetBytes(int64(len(render(b, format, Options{}, findings))))
				b.ReportAllocs()
				for b.Loop() {
					reporter, _ := New(format, io.Discard, Options{})
					reporter.Report(findings)
					reporter.Close(Summary{})
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(findings)), "ns/finding")
			})
		}
	}
}
