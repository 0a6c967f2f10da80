# make test needs Go and nothing else; the other targets say what they need.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME   ?= 1m
FUZZERS     = connector/source:FuzzJSON connector/source:FuzzYAML connector/source:FuzzEdit connector/source:FuzzEditYAML \
              connector/source:FuzzApply connector/source:FuzzDiff connector/convert:FuzzOpenAPI3 connector/convert:FuzzPlan lint/report:FuzzReport

# What reads the corpus does nothing without it: CONNECTORCTL_CORPUS names its folder.
CONNECTORCTL_CORPUS ?= $(wildcard ../shared/corpus)
export CONNECTORCTL_CORPUS := $(if $(CONNECTORCTL_CORPUS),$(abspath $(CONNECTORCTL_CORPUS)))

.PHONY: build test check race fuzz bench corpus golden rule

build: ## the program, in bin/
	go build -trimpath -o bin/ ./cmd/connectorctl

test: ## all tests
	go test ./...

check: ## what CI checks: format, vet, staticcheck, tests with the race detector
	@unformatted=$$(gofmt -l cmd connector lint docs); test -z "$$unformatted" || { echo "not gofmt'ed:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	$(MAKE) race

race: ## all tests with the race detector
	go test -race ./...

fuzz: ## each fuzz target for FUZZTIME (1m)
	@for target in $(FUZZERS); do \
		echo "== $$target"; \
		go test ./$${target%%:*} -run '^$$' -fuzz "^$${target##*:}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s || exit 1; \
	done

bench: ## speed against encoding/json, in one process; needs the corpus
	go test ./cmd/connectorctl -run '^$$' -bench . -benchtime 5x
	go test ./connector/... ./lint/... -run '^$$' -bench .

corpus: ## what reads the corpus, with its tables; needs the corpus
	@test -n "$$CONNECTORCTL_CORPUS" || { echo "CONNECTORCTL_CORPUS names no folder"; exit 1; }
	go test ./connector/... ./lint/... ./cmd/... -run 'Real' -count 1 -v | grep -vE '^(=== |    --- PASS)'

golden: ## rewrite what tests expect, to be reviewed with git diff
	go test ./lint/... ./cmd/... ./connector/convert -update

rule: ## a new rule with its case and its section: make rule subject=callback id=callback-something
	go run ./cmd/newrule -subject '$(subject)' -id '$(id)'
