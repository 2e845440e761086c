# All targets share the environment .venv. Each installs its requirements once, and again after a change
# of pyproject.toml or constraints.txt.

PYTHON ?= python3
PIP_FLAGS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# torchaudio in a folder of its own, for its tests: see pyproject.toml.
APART := $(VENV)/torchaudio

.DEFAULT_GOAL := help
.PHONY: help demo test browser lint docs figures clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8
	@echo 'Options: PYTHON=python3.11, PIP_FLAGS="...", ARGS="-q" (for pytest).'

demo: $(VENV)/installed-align ## all steps on the bundled recordings, into demo/
	$(BIN)/prosodytok demo --out demo

test: lint browser $(APART) ## lint, then all tests; ARGS go to pytest
	$(BIN)/python -m pytest $(ARGS)

browser:
	@.ci/needs $(PYTHON) browser

lint: $(VENV)/installed-dev ## ruff, mypy and import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/installed-docs ## the documentation as a web site, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

figures: $(VENV)/installed-dev ## draw the figures of README.md and docs/ again
	$(BIN)/python docs/make_figures.py

clean: ## remove build outputs; keeps .venv, .cache and runs
	rm -rf build dist demo site *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@.ci/needs $(PYTHON)
	$(PYTHON) -m venv $(VENV)

$(APART): constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -qq $(PIP_FLAGS) -c constraints.txt --no-deps --upgrade --target $@ torchaudio
	@touch $@

$(VENV)/installed-%: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing prosodytok[$*] into $(VENV); this takes some minutes the first time.'
	$(BIN)/python -m pip install -qq $(PIP_FLAGS) -c constraints.txt -e '.[$*]'
	@touch $@
