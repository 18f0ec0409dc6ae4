# Every target installs what it needs; a second run does only what changed.
SHELL := /bin/bash
PYTHON := .venv/bin/python
NATIVE_SOURCES := $(shell find media/native -name '*.rs' -o -name 'Cargo.*' | grep -v /fuzz/)
# The board's painters share tables and fonts with the server.
WEB_SOURCES := $(shell find web-client -path web-client/node_modules -prune -o -type f -print) $(wildcard whiteboard/*.json whiteboard/fonts/*)

.PHONY: serve test check bench format clean native client tests-python tests-native tests-client fuzz

serve: build/stamp/serve native client
	@exec .venv/bin/muster serve

test: build/stamp/dev native client build/stamp/node
	@.ci/system-packages
	$(MAKE) --no-print-directory tests-native tests-client tests-python

tests-native:
	cd media/native && cargo test --locked --workspace

tests-client: build/stamp/node
	cd web-client && npm test

tests-python: build/stamp/dev native client
	$(PYTHON) -m pytest

check: build/stamp/dev native build/stamp/node
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTHON) -m mypy.stubtest media._native
	cd media/native && cargo fmt --check && cargo clippy --locked --workspace --all-targets -- -D warnings
	cd web-client && npm run check
	media/native/fuzz/run
	$(PYTHON) -m tests.whiteboard.gate_fuzz

bench: build/stamp/dev native
	@test -n "$(NAME)" || { echo "make bench NAME=forwarding (see benchmarks/README.md)" >&2; exit 2; }
	@$(PYTHON) -m benchmarks.$(NAME)_benchmark

format: build/stamp/dev build/stamp/node
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	cd media/native && cargo fmt
	cd web-client && npm run format

clean:
	rm -rf .venv build dist web-client/node_modules server/static media/_native*.so

fuzz: build/stamp/dev
	media/native/fuzz/run
	$(PYTHON) -m tests.whiteboard.gate_fuzz

native: build/stamp/native
client: build/stamp/client

build/stamp/tools: .ci/tools
	@.ci/tools
	@mkdir -p $(@D) && touch $@

# The runtime's packages first, so that `make serve` does not wait for those of the tests.
build/stamp/serve: requirements/serve.lock | build/stamp/tools
	@test -x $(PYTHON) || python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/serve.lock
	@touch $@

build/stamp/dev: requirements/dev.lock build/stamp/serve
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

build/stamp/native: $(NATIVE_SOURCES) pyproject.toml build/stamp/serve
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

build/stamp/node: web-client/package-lock.json | build/stamp/tools
	cd web-client && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build/stamp/client: $(WEB_SOURCES) build/stamp/node
	cd web-client && npm run --silent build
	@touch $@
