module github.com/connectorctl/connectorctl

go 1.26
