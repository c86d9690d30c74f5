# Thin targets: what each one runs is in scripts/. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help bootstrap demo build test lint format proto bench release clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bootstrap: ## Install the Debian packages that are missing
	@scripts/bootstrap.sh

demo: bootstrap ## Run server and client, and show a secret arriving over both wires
	@scripts/demo.sh

build: bootstrap ## Build everything, for debugging
	@swift build

test: bootstrap ## Build and run every test, the Go peer's included
	@scripts/test.sh

lint: bootstrap ## Check format, imports, sources, generated code, links and scripts
	@scripts/lint.sh

format: ## Format the Swift and Go sources in place
	@scripts/format.sh

proto: bootstrap ## Generate the protobuf-c code from proto/
	@scripts/generate-proto.sh

bench: ## Say that there is no benchmark suite yet
	@echo "make bench: there is no benchmark suite yet; nothing was measured" >&2; exit 1

release: bootstrap ## Build the programs optimised, with the Swift runtime linked in
	@scripts/build-release.sh federation-server esi-cli

clean: ## Remove what the build made
	@swift package clean
