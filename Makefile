# Everything a newcomer needs. Only Python 3.11 or newer and make are asked for; the rest goes into .venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
LOCK   := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml

MINUTES ?= 30

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak evaluate mutate lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## start Earshot with sample posts on http://127.0.0.1:8000
	@$(BIN)/earshot demo

test: $(VENV)/.dev ## run the whole test suite
	@$(BIN)/python -m pytest --numprocesses auto

check: $(VENV)/.dev ## lint, formatting, types, the shipped configuration, the rules of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/earshot check
	$(BIN)/python -m pytest -q tests/house

bench: $(VENV)/.dev ## measure, as ratios within one run
	@$(BIN)/python -m bench

soak: $(VENV)/.dev ## let worker, desk and three people work for MINUTES=30, and watch memory, pace and errors
	@$(BIN)/python -m bench.soak $(MINUTES)

evaluate: $(VENV)/.dev ## measure the detectors on held-out posts; DATA=folder adds the public sets in it
	@$(BIN)/python -m bot.training.bars $(DATA)

mutate: $(VENV)/.dev ## replace each rule of the gate by "ALLOW" and show the test that notices
	@$(BIN)/python tools/mutate_gate.py

lock: $(VENV)/.dev ## resolve the dependencies anew, for Python 3.11 and later, with hashes
	$(LOCK) --upgrade --group build --output-file requirements.lock
	$(LOCK) --upgrade --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK) --extra platforms --group build --constraint requirements-dev.lock --output-file requirements-image.lock

clean: ## remove .venv and what tools left behind
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

# Each stamp in .venv says what is installed there; a changed lock file installs again.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Earshot needs Python 3.11 or newer. Try: make PYTHON=python3.12 ...")'
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.lock pyproject.toml
	@echo "Installing what Earshot needs (once, about a minute) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@echo "Installing the tools that test it ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
