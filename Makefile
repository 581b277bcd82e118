# Two commands for a fresh machine with Python and Node: `make demo` and `make test`. `make help` lists the rest.

SHELL  := /bin/bash
PYTHON ?= python3
BIN    := .venv/bin
STAGE  := scripts/stage
BUNDLE := src/retrust/static/widget.js
PARALLEL := $(MAKE) --no-print-directory --jobs=3

# Posts and pictures to test with, where they lie beside the project; everything works without.
ifneq ($(wildcard ../shared/data/.),)
export RETRUST_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help demo test build check bench clean setup chromium
.DELETE_ON_ERROR:

help:   ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST)

demo:   ## environment, bundle, then JupyterLab on notebooks/01-text.ipynb; works offline
	@$(STAGE) "set-up" $(PARALLEL) .venv/.demo $(BUNDLE)
	$(BIN)/jupyter lab --config=scripts/lab/config.py notebooks/01-text.ipynb

test:   ## everything: lint, types, tests of both languages, wheel, browser, notebooks
	@$(STAGE) "set-up" $(MAKE) --no-print-directory setup
	@$(STAGE) "lint and types" $(MAKE) --no-print-directory check
	@$(STAGE) "page" npm test
	@$(STAGE) "Python, wheel, browser, notebooks" $(BIN)/pytest

build:  ## the bundle, and the environment with all extras
	@$(PARALLEL) .venv/.dev $(BUNDLE)

check:  build ## lint and types of both languages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	npm run check

bench:  build ## figures of benchmarks/, against the lime package
	$(BIN)/python benchmarks/text.py
	$(BIN)/python benchmarks/image.py
	$(BIN)/python benchmarks/table.py
	$(BIN)/python benchmarks/many.py
	$(BIN)/python benchmarks/pick.py
	$(BIN)/python benchmarks/loop.py --quick
	$(BIN)/python benchmarks/estimation.py --quick

clean:  ## back to a fresh clone
	rm -rf .venv node_modules src/retrust/static dist tests/browser/screenshots .*_cache .hypothesis

# ---- steps; each leaves a file behind, so that a second run is quick ----

setup:
	@$(PARALLEL) .venv/.dev $(BUNDLE) chromium

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit("retrust needs Python 3.10 or later, this is " + sys.version.split()[0] + \
		" – name another: make PYTHON=python3.12" if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv .venv
	@echo '{"type": "commonjs"}' > .venv/package.json # JupyterLab brings scripts of its own; they are no modules
	@touch $@

.venv/.playwright: .venv/.python
	$(BIN)/pip install --quiet 'playwright>=1.49'
	@touch $@

.venv/.dev: .venv/.playwright pyproject.toml
	$(BIN)/pip install --quiet --editable '.[bench,demo,lint,test]'
	@touch $@

.venv/.demo: .venv/.python pyproject.toml
	[ -e .venv/.dev ] || $(BIN)/pip install --quiet --editable '.[demo]'
	@touch $@

chromium: .venv/.playwright
	@$(BIN)/python scripts/chromium.py

node_modules/.ready: package.json package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || \
		{ echo 'retrust is built with Node 20 or later: install it (nodejs.org); users of a wheel need none' >&2; exit 1; }
	npm ci --no-audit --no-fund
	@touch $@

$(BUNDLE): node_modules/.ready $(shell find js -type f -not -path '*/tests/*')
	npm run build
	@touch $@
