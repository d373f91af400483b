# What a contributor does. `make help` explains; every target installs what it needs first.
PYTHON ?= python3
VENV := .venv/bin/python
DEMO := exec $(VENV) -m tools.demo --with-parent
MANAGE := $(VENV) -m tools.demo exec manage.py
TESTS ?=
export PORT DATA_DIR

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test bench check fmt messages migrations migrate shell docs lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what is missing or has changed (packages, assets, catalogues)
	@$(PYTHON) -m tools.bootstrap

demo: setup ## Run the whole site with people, offers and sandboxes (PORT=8000 DATA_DIR=.demo)
	@$(DEMO) run

demo-reset: setup ## Empty the demo's folder
	@$(DEMO) reset

test: setup ## Run all tests, or some: make test TESTS="tests/unit -k money"
	@$(VENV) -m tools.browser
	@$(VENV) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

bench: setup ## Measure the drop, the pages, the live streams, the journal and the night's cleaning (bench/README.md says how to read it)
	@$(VENV) -m bench.drop && $(VENV) -m bench.pages && $(VENV) -m bench.live && $(VENV) -m bench.ledger && $(VENV) -m bench.retention

check: setup ## Run all that is checked without running the product (style, types, imports, texts, sizes)
	@$(VENV) -m tools.check

fmt: setup ## Format the code and mend what can be mended by itself
	@$(VENV) -m ruff check --fix --quiet . ; $(VENV) -m ruff format .

messages: setup ## Bring the catalogues of translations in line with the sources, then list what is left
	@$(VENV) -m tools.catalogue extract && $(VENV) -m tools.catalogue check

migrations: setup ## Write the migrations that changed models need
	@$(MANAGE) makemigrations

migrate: setup ## Migrate the demo's database
	@$(MANAGE) migrate

shell: setup ## Open a Python shell in the demo's environment
	@$(MANAGE) shell

docs: setup ## Write docs/configuration.md anew from the settings
	@$(VENV) -m tools.configuration_docs

lock: setup ## Pin what pyproject.toml asks for, with hashes
	@$(VENV) -m tools.lock
