# Thin targets: what each one runs is in scripts/. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help bootstrap demo build test test-asan test-tsan fuzz lint format proto bench bench-quick release clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bootstrap: ## Install the Debian packages that are missing
	@scripts/bootstrap.sh

demo: bootstrap ## Run server and client, and show a secret arriving over both wires
	@scripts/demo.sh

build: bootstrap ## Build everything, for debugging
	@swift build

test: bootstrap ## Build and run every test, the Go peer's included
	@scripts/test.sh

test-asan: bootstrap ## Run the tests under AddressSanitizer
	@scripts/test-sanitized.sh address

test-tsan: bootstrap ## Run the tests under ThreadSanitizer
	@scripts/test-sanitized.sh thread

fuzz: bootstrap ## Fuzz every target, FUZZ_SECONDS (60) each; with 34 all of them take 30 minutes
	@scripts/fuzz.sh

lint: bootstrap ## Check format, imports, sources, generated code, links and scripts
	@scripts/lint.sh

format: ## Format the Swift and Go sources in place
	@scripts/format.sh

proto: bootstrap ## Generate the protobuf-c code from proto/
	@scripts/generate-proto.sh

bench: bootstrap ## Measure everything against the peers, hold it to its bounds, write bench/results (25 min)
	@scripts/bench.sh

bench-quick: bootstrap ## Measure the first four rows of the table (90 s)
	@scripts/bench-quick.sh

release: bootstrap ## Build the programs optimised, with the Swift runtime linked in
	@scripts/build-release.sh federation-server esi-cli ese-agent

clean: ## Remove what the build made
	@swift package clean
