# Two commands for a fresh machine with Python and Node: `make demo` and `make test`. `make help` lists the rest.

SHELL  := /bin/bash
PYTHON ?= python3
BIN    := .venv/bin
STAGE  := scripts/stage
BUNDLE := src/retrust/static/widget.js
PARALLEL := $(MAKE) --no-print-directory --jobs=3
FIGURES  := benchmarks/.figures
SURE     := faith,agreement,foretold,cost,rivalry,coverage,closed,fitting
LOOPS    := news,siblings,digits,headers,wolves,prompt,dead
MEASURED  = $(BIN)/python benchmarks/$(1).py $(2) --json $(FIGURES)/$(1).jsonl

# Posts and pictures to test with, where they lie beside the project; everything works without.
ifneq ($(wildcard ../shared/data/.),)
export RETRUST_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help demo test build check bench paper clean setup chromium
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

# One thread for matrix products, for all who are compared; what an interrupted run has measured is kept for the next.
bench:  export OPENBLAS_NUM_THREADS := 1
bench:  build .venv/.rivals ## beside lime, shap, captum, eli5: docs/benchmarks.md; goes on where it was interrupted
	@[ ! -e $(FIGURES)/whole ] || rm -r $(FIGURES)
	$(call MEASURED,text,--quick)
	$(call MEASURED,image,--quick)
	$(call MEASURED,table,--quick)
	$(call MEASURED,estimation,--quick --only $(SURE))
	$(call MEASURED,many,--quick)
	$(call MEASURED,pick,--quick)
	$(call MEASURED,loop,--quick --only $(LOOPS))
	$(BIN)/python benchmarks/page.py $(FIGURES) docs/benchmarks.md
	@touch $(FIGURES)/whole

paper:  build ## the paper's experiments, in full, and docs/paper.md; hours, and it goes on where it was interrupted
	$(BIN)/python benchmarks/paper
	$(BIN)/python benchmarks/paper/report.py

clean:  ## back to a fresh clone
	rm -rf .venv node_modules src/retrust/static dist tests/browser/screenshots .*_cache .hypothesis $(FIGURES) benchmarks/paper/.work

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

.venv/.rivals: .venv/.dev pyproject.toml
	@$(BIN)/pip install --quiet --editable '.[rivals]' && touch $@ || \
		echo 'bench: not all rivals are to be had; rows without theirs say so' >&2

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
