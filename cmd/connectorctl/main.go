// Command connectorctl checks custom connectors for Microsoft Power Platform
// and Azure Logic Apps.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
