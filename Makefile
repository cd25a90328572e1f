# Commands of Armsledger. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK_READY := $(VENV)/.spark
# once Spark was set up, it is a part of the environment, which a change of the other locks must not take away
SPARK_LOCK := $(if $(wildcard $(SPARK_READY)),requirements-spark.lock)
export GX_ANALYTICS_ENABLED = false
export DO_NOT_TRACK = 1

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

# Set-up: a virtual environment, uv, and exactly the locked packages. Runs once; again when a lock changes.
$(READY): requirements.lock requirements-setup.lock pyproject.toml $(SPARK_LOCK)
	@echo "setting up $(VENV) (once; a minute or two) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "error: python3 can't make virtual environments; on Debian: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/uv || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock requirements-setup.lock $(SPARK_LOCK)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# The atlas's page "Ask in SQL" is built from npm packages; a machine without Node gets the site without this page.
PAGES := warehouse/atlas/frontend
PAGES_READY := $(PAGES)/dist/.ready
$(PAGES_READY): $(PAGES)/package-lock.json $(PAGES)/package.json $(PAGES)/build.mjs $(wildcard $(PAGES)/src/*)
	@if ! command -v npm >/dev/null; then \
		echo "note: npm isn't installed, so the atlas comes without its page 'Ask in SQL'; on Debian: apt install npm"; \
	elif (cd $(PAGES) && npm ci --silent && npm run --silent build); then touch $@; \
	else rm -rf $(PAGES)/dist; echo "warning: npm failed (see above), so the atlas comes without its page 'Ask in SQL'"; fi

.PHONY: setup
setup: $(READY) $(PAGES_READY) ## Set up the environment (run and test do it themselves)

$(SPARK_READY): requirements-spark.lock | $(READY)
	@echo "adding Spark to $(VENV) (430 MB) ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode --requirement requirements-spark.lock
	@touch $@

.PHONY: setup-spark
setup-spark: $(SPARK_READY) ## Add Spark to the environment, for bulk work on many machines; needs Java 17

.PHONY: run
run: $(READY) $(PAGES_READY) ## Run the Airflow DAGs once over the enabled sources; print transfers, verdicts and where things are
	@$(BIN)/python -m dags run

.PHONY: up
up: $(READY) $(PAGES_READY) ## Airflow's scheduler and web page on 127.0.0.1, with the schedules on (another port: PORT=...); Ctrl-C ends it
	@$(BIN)/python -m dags up --port $(or $(PORT),8080)

.PHONY: cluster
cluster: $(READY) ## docker-compose.yml's services without Docker: Postgres, Redis, Airflow, two Celery workers; Ctrl-C ends all
	@$(BIN)/python -m dags cluster --port $(or $(PORT),8080) --reports-port $(or $(REPORTS_PORT),8090)

.PHONY: sql
sql: $(READY) ## A SQL prompt on the published warehouse; one query: make sql Q="select ..."
	@$(BIN)/python -m warehouse sql $(if $(value Q),--query "$$ARMSLEDGER_SQL",) $(if $(RELEASE),--release "$(RELEASE)",)
# as typed: make would read a dollar sign in the query as a variable of its own
sql: export ARMSLEDGER_SQL = $(value Q)
unexport Q

.PHONY: reports
reports: $(READY) $(PAGES_READY) ## Serve validation reports and dbt docs on 127.0.0.1:8090 (another: PORT=...)
	@$(BIN)/python -m expectations serve --port $(or $(PORT),8090)

.PHONY: test
test: $(READY) $(PAGES_READY) ## Run all tests (some: ARGS="tests/unit -k lake")
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: lint
lint: $(READY) ## Check style, types, import direction and SQL; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint --config dbt_project/.sqlfluff dbt_project

.PHONY: format
format: $(READY) ## Format Python and SQL in place
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: eval
eval: $(READY) ## Score the extractor on the labelled sets, beside the targets (ARGS="--errors 5", ARGS=--cross-validate)
	@$(BIN)/python tests/evaluation/evaluate.py $(ARGS)

.PHONY: train
train: $(READY) ## Train the extractor's weights on the labelled texts (about two minutes); then: make eval
	@$(BIN)/python tests/evaluation/train.py

.PHONY: bench
bench: $(READY) $(PAGES_READY) ## Run the benchmarks, beside the targets (some: ARGS="extraction")
	@$(BIN)/python tests/benchmarks/run.py $(ARGS)

.PHONY: soak
soak: $(READY) ## The long fault tests: 1,000 small loads, 20 runs killed at random (some: ARGS="loads --loads 200")
	@$(BIN)/python tests/soak/soak.py $(ARGS)

.PHONY: contracts
contracts: $(READY) ## Write dbt sources and doc blocks from warehouse/contracts
	@$(BIN)/python -m warehouse contracts

.PHONY: env
env: $(READY) ## Write .env with fresh secrets for docker compose (never overwrites)
	@$(BIN)/python -m dags env

.PHONY: audit
audit: $(READY) ## Ask a database of known vulnerabilities about every locked package (another: ARGS="-s osv")
	@$(BIN)/python tests/security/audit.py $(ARGS)

SBOM ?= build/sbom.json
.PHONY: sbom
sbom: $(READY) ## Write the list of all installed packages, with versions and licences, to build/sbom.json (CycloneDX)
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file $(SBOM) $(BIN)/python

.PHONY: lock
lock: $(READY) ## Renew the locks from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --extra model --extra s3 --extra dev --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --quiet --upgrade --output-file requirements.lock
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"], sep="\n")' | \
		$(BIN)/uv pip compile - --constraint requirements.lock --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --quiet --upgrade --output-file requirements-spark.lock
	@printf 'uv\n' | $(BIN)/uv pip compile - --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --quiet --upgrade --output-file requirements-setup.lock
	@$(BIN)/uv pip compile tests/integration/duckdb-1.4.in --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --quiet --upgrade --output-file tests/integration/duckdb-1.4.lock
	@cd $(PAGES) && npm run --silent lock

.PHONY: clean
clean: ## Remove the environment; the data directory stays
	@rm -rf $(VENV) $(PAGES)/node_modules $(PAGES)/dist
