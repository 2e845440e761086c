# Everything happens in .venv. A target installs what it needs, once; a change of pyproject.toml or
# constraints.txt installs again. `make demo` and `make test` share the environment.

PYTHON ?= python3
PIP_FLAGS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test browser lint docs clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8
	@echo 'Options: PYTHON=python3.11, PIP_FLAGS="...", ARGS="-q" (for pytest).'

demo: $(VENV)/installed-align ## the whole way on bundled real speech, into demo/
	$(BIN)/prosodytok demo --out demo

test: lint browser ## lint, then all tests; ARGS go to pytest
	$(BIN)/python -m pytest $(ARGS)

browser:
	@.ci/needs $(PYTHON) browser

lint: $(VENV)/installed-dev ## ruff, mypy and the direction of the imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/installed-dev ## draw the figures of README.md and docs/ again
	$(BIN)/python docs/make_figures.py

clean: ## remove what was built; keeps .venv, .cache and runs
	rm -rf build dist demo *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@.ci/needs $(PYTHON)
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed-%: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing prosodytok[$*] into $(VENV): some minutes the first time.'
	$(BIN)/python -m pip install -qq $(PIP_FLAGS) -c constraints.txt -e '.[$*]'
	@touch $@
