# Thin targets: what they run is what CI runs. `make setup` is part of each, and does nothing when nothing changed.

PYTHON := .venv/bin/python
STAMP := .venv/.installed
PYTEST_ARGS ?= -n auto --maxprocesses 4
TYPED := chalicelib app.py docs infra local bench

export PYTHONDONTWRITEBYTECODE :=# without compiled files every start of pytest compiles its plugins again

.PHONY: help setup test faults check lint types layers coverage run demo bench bench-peer package goldens docs lock clean
.DEFAULT_GOAL := help

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: $(STAMP) ## Make .venv, install the pinned packages, look for system libraries

$(STAMP): requirements.txt requirements-dev.txt infra/setup.sh
	bash infra/setup.sh
	@touch $@

test: setup ## Run every test; PYTEST_ARGS="-n 0 -x tests/domain" narrows it down
	$(PYTHON) -m pytest --cov --cov-report= $(PYTEST_ARGS)

faults: setup ## Random schedules of faults: SEEDS=1000 FIRST_SEED=1, or every single fault: SINGLE=1
	$(PYTHON) -m tests.faults $(if $(SINGLE),--single,--seeds $(or $(SEEDS),200) --first-seed $(or $(FIRST_SEED),1))

check: lint types layers package test coverage ## The gate: everything CI asserts

lint: setup
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check

types: setup
	$(PYTHON) -m mypy $(TYPED)

layers: setup
	.venv/bin/lint-imports --no-cache

coverage: setup
	$(PYTHON) -m coverage report --fail-under=90
	$(PYTHON) -m coverage report --include='chalicelib/domain/*' --fail-under=100

run: setup ## Run the whole system on this machine; ARGS="--help" shows the options
	$(PYTHON) -m local run $(ARGS)

demo: setup ## Bill a sample month there, check every sum against its files, and stop
	$(PYTHON) -m local demo $(ARGS)

bench: setup ## Measure; results go to bench/
	$(PYTHON) -m bench $(ARGS)

bench-peer: setup ## Install what generation is compared with, in build/peer
	.venv/bin/uv venv --quiet --clear --python 3.11 build/peer
	.venv/bin/uv pip install --quiet --python build/peer/bin/python -r bench/peer/requirements.txt

package: setup ## Build and check the CloudFormation package in build/
	$(PYTHON) infra/package.py

goldens: setup ## Draw the golden pictures of pages anew, saying which changed, and the one in the README
	$(PYTHON) -m tests.support.golden_pages
	$(PYTHON) -m tests.support.documentation_pictures

docs: setup ## Write the documents that are generated from the code
	$(PYTHON) docs/generate.py

lock: setup ## Compile requirements*.in anew, newest versions, with hashes
	.venv/bin/uv pip compile $(LOCK) --upgrade requirements.in -o requirements.txt
	.venv/bin/uv pip compile $(LOCK) --upgrade requirements-dev.in -o requirements-dev.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

clean: ## Remove what was built; keep .venv and local data
	rm -rf build .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis .chalice/deployments
