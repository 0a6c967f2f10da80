# make test needs Go and nothing else; the other targets say what they need.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME   ?= 1m
FUZZERS     = connector/source:FuzzJSON connector/source:FuzzYAML connector/source:FuzzEdit connector/source:FuzzEditYAML \
              connector/source:FuzzApply connector/source:FuzzDiff connector/convert:FuzzOpenAPI3 connector/convert:FuzzPlan \
              lint/report:FuzzReport lint/rules:FuzzFix connector/sample:FuzzOf cmd/connectorctl:FuzzParseDiff scaffold:FuzzNames scaffold/publisher:FuzzDecode scaffold/publisher:FuzzRetryAfter

# What reads the corpus does nothing without it: CONNECTORCTL_CORPUS names its folder.
CONNECTORCTL_CORPUS ?= $(wildcard ../shared/corpus)
export CONNECTORCTL_CORPUS := $(if $(CONNECTORCTL_CORPUS),$(abspath $(CONNECTORCTL_CORPUS)))

.PHONY: build test check race fuzz bench bench-publisher soak corpus golden rule

build: ## the program, in bin/
	go build -trimpath -o bin/ ./cmd/connectorctl

test: ## all tests
	go test ./...

check: ## what CI checks: format, vet, staticcheck, tests with the race detector
	@unformatted=$$(gofmt -l cmd connector lint scaffold docs); test -z "$$unformatted" || { echo "not gofmt'ed:"; echo "$$unformatted"; exit 1; }
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

soak: ## the publisher's tests, whole and with their absolute times: a quarter of an hour; PostgreSQL at TEST_DATABASE_URL
	PUBLISHER_SOAK=1 TEST_NEEDS_POSTGRES=1 go test ./scaffold/publisher -count 1 -timeout 60m -v

bench-publisher: ## deliveries a second as a share of a plain http.Client loop: minutes; PostgreSQL at TEST_DATABASE_URL
	@PUBLISHER_BENCH=1 TEST_NEEDS_POSTGRES=1 go test ./scaffold/publisher -run '^TestThroughput$$' -count 1 -timeout 30m -v

corpus: ## what reads the corpus, with its tables; needs the corpus
	@test -n "$$CONNECTORCTL_CORPUS" || { echo "CONNECTORCTL_CORPUS names no folder"; exit 1; }
	CONNECTORCTL_BUILD_ALL=1 go test ./connector/... ./lint/... ./cmd/... ./scaffold -run 'Real' -count 1 -timeout 30m -v | grep -vE '^(=== |    --- PASS)'

golden: ## rewrite what tests expect, to be reviewed with git diff
	go test ./lint/rules ./lint/report ./cmd/connectorctl ./connector/convert -update
	go test ./scaffold -run 'Golden|Pins' -update

rule: ## a new rule with its case and its section: make rule subject=callback id=callback-something
	go run ./cmd/newrule -subject '$(subject)' -id '$(id)'
