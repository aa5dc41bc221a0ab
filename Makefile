# `make` alone lists what there is to do. Nothing but python3 (3.11 or newer) and make has to be there.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
UV := UV_LINK_MODE=copy UV_NO_PROGRESS=1 .venv-uv/bin/uv

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  \033[36m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/.ready .venv-emulator/.ready ## Install all that development needs, from the locks

.venv-uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "error: $(PYTHON) is no Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .venv-uv && .venv-uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.ready: requirements/dev.txt | .venv-uv/bin/uv
	@echo "Setting up .venv from requirements/dev.txt ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	@VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements/dev.txt
	@touch $@

# The emulator pins its own versions, so it lives apart.
.venv-emulator/.ready: requirements/emulator.txt | .venv-uv/bin/uv
	@echo "Setting up .venv-emulator from requirements/emulator.txt ..."
	@test -x .venv-emulator/bin/python || $(PYTHON) -m venv --without-pip .venv-emulator
	@VIRTUAL_ENV=.venv-emulator $(UV) pip sync --quiet --require-hashes requirements/emulator.txt
	@touch $@

# The SAM CLI pins its own versions too; only what needs it asks for it.
.venv-sam/.ready: requirements/sam.txt | .venv-uv/bin/uv
	@echo "Setting up .venv-sam from requirements/sam.txt ..."
	@test -x .venv-sam/bin/python || $(PYTHON) -m venv --without-pip .venv-sam
	@VIRTUAL_ENV=.venv-sam $(UV) pip sync --quiet --require-hashes requirements/sam.txt
	@touch $@

# What a package holds and no more: some libraries import whatever else they find.
.venv-bench/.ready: requirements/functions.txt requirements/runtime.txt | .venv-uv/bin/uv
	@echo "Setting up .venv-bench from requirements/functions.txt ..."
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv --without-pip .venv-bench
	@VIRTUAL_ENV=.venv-bench $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements/functions.txt requirements/runtime.txt
	@touch $@

.PHONY: dev
dev: setup ## Run the whole system on this machine (PORT=8000, S3_PORT=9000)
	@exec $(BIN)/python -m infra_local.main

# These take make's variables from the environment, so that no shell reads what is in them.
.PHONY: admin
admin: setup ## Make the first admin (USERNAME=ada EMAIL=ada@example.org, password asked or ADMIN_PASSWORD)
	@exec $(BIN)/python -m infra_local.commands admin

.PHONY: invoke
invoke: setup ## Run one function once (FUNCTION=users EVENT=events/<file>.json)
	@exec $(BIN)/python -m infra_local.commands invoke

.PHONY: sweep
sweep: setup ## Run the sweeper once (DRY_RUN=1 only tells what it would do)
	@exec $(BIN)/python -m infra_local.commands sweep

.PHONY: lock
lock: .venv-uv/bin/uv ## Compile the locks anew from pyproject.toml
	@for use in "functions pyproject.toml --group migrations" "runtime --group runtime" "dev pyproject.toml --group dev" "emulator --group emulator" "sam --group sam"; do \
	  set -- $$use; name=$$1; shift; \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header "$$@" -o requirements/$$name.txt || exit 1; \
	done

.PHONY: test
test: setup browser .venv-sam/.ready ## Run the whole test suite
	@$(BIN)/pytest -n 2 --dist loadgroup

.PHONY: test-fast
test-fast: setup ## Run the part of the tests that takes under a minute
	@$(BIN)/pytest -n 2 --dist loadgroup -m "not slow"

.PHONY: fuzz
fuzz: setup ## Send made-up requests for longer than the tests do (FUZZ_EXAMPLES=150 an operation, a quarter of an hour)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-150} $(BIN)/pytest -n 2 --timeout 1800 tests/fuzz

.PHONY: browser
browser: ## Install Chromium for the browser tests, where it is missing and this user may
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests ..."; \
	    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >.apt-log 2>&1 \
	      || { tail -5 .apt-log; echo "Chromium could not be installed; the browser tests will be skipped."; }; rm -f .apt-log; \
	  else echo "Chromium is missing; the browser tests will be skipped. Install the package chromium to run them."; fi; }

.PHONY: check
check: setup lint types imports hygiene audit ## Do all that CI does
	@$(MAKE) --no-print-directory test

.PHONY: format
format: setup ## Format the code
	@$(BIN)/ruff format && $(BIN)/ruff check --fix

.PHONY: lint
lint: setup ## Check format and lint
	@$(BIN)/ruff format --check && $(BIN)/ruff check

.PHONY: types
types: setup ## Check types (basedpyright, strict)
	@$(BIN)/basedpyright

.PHONY: imports
imports: setup ## Check who imports whom (import-linter)
	@$(BIN)/lint-imports --no-cache >.import-report 2>&1 && rm .import-report || { cat .import-report; rm .import-report; exit 1; }

.PHONY: hygiene
hygiene: setup ## Look for stray spaces, merge marks, large files and secrets
	@git ls-files -z | xargs -0 $(BIN)/python -m tools.hygiene

.PHONY: audit
audit: setup ## Look for known vulnerabilities in the locked packages
	@$(BIN)/python -m tools.audit

.PHONY: bench
bench: setup .venv-bench/.ready ## Measure the functions against their budgets (ROUNDS=5)
	@$(BIN)/python -m bench.main

CDK_CLI := aws-cdk@2.1148.1
CDK := PATH="$(CURDIR)/$(BIN):$$PATH" npx --yes $(CDK_CLI)
ENVIRONMENTS := dev staging prod

.PHONY: synth
synth: setup ## Write the stacks of each environment to cdk.out/<env>/ (ENV=prod: of one)
	@for env in $(or $(ENV),$(ENVIRONMENTS)); do \
	  PATH="$(CURDIR)/$(BIN):$$PATH" CDK_OUTDIR="cdk.out/$$env" $(BIN)/python -m infra_cdk.app "$$env" || exit 1; \
	done

.PHONY: deploy
deploy: setup ## Deploy an environment (ENV=dev|staging|prod) with the AWS credentials of the shell
	@$(CDK) deploy --all --output "cdk.out/deploy-$(ENV)" -c env=$(ENV) $(CDK_OPTIONS)

.PHONY: deploy-local
deploy-local: setup ## Deploy the stack into the emulator by the CDK CLI and do the main job over it
	@CDK="npx --yes $(CDK_CLI)" PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/python -m infra_local.deploy

.PHONY: diff
diff: setup ## Show what a deploy would change (ENV=dev|staging|prod)
	@$(CDK) diff --all --output "cdk.out/deploy-$(ENV)" -c env=$(ENV)

SAM_ENV := $(or $(ENV),dev)
SAM := SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
# The local storage's credentials: nothing of the developer's own account gets into a container.
SAM_LOCAL := AWS_ACCESS_KEY_ID=reviewpoint-local AWS_SECRET_ACCESS_KEY=reviewpoint-local AWS_SESSION_TOKEN= $(SAM) local
SAM_TEMPLATE := cdk.out/sam-$(SAM_ENV)/template.json

.PHONY: sam-validate
sam-validate: synth .venv-sam/.ready ## Check the synthesised templates with SAM (ENV=prod: of one)
	@for template in $(if $(ENV),cdk.out/$(ENV),$(addprefix cdk.out/,$(ENVIRONMENTS))); do \
	  for file in $$template/*.template.json; do $(SAM) validate --lint --template "$$file" || exit 1; done; \
	done

.PHONY: sam-build
sam-build: $(SAM_TEMPLATE) .venv-sam/.ready ## Make what SAM runs of a synthesised stack, for this machine (ENV=dev)
	@$(SAM) build --template $(SAM_TEMPLATE)

$(SAM_TEMPLATE): $(shell find functions shared infra_cdk requirements/functions.txt -type f -not -name '*.pyc') | setup
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m infra_cdk.sam $(SAM_ENV)

.PHONY: sam-engine
sam-engine: .venv-sam/.ready
	@test -f sam.env.json || { echo "sam.env.json is missing: copy sam.env.example.json, and say in it where the database and the storage are."; exit 1; }
	@.venv-sam/bin/python -c 'import docker; docker.from_env().ping()' 2>/dev/null || { \
	  echo "No container engine answers: start Docker, or name podman's socket in DOCKER_HOST."; exit 1; }

.PHONY: sam-api
sam-api: sam-engine sam-build ## Serve the HTTP API by SAM; needs a container engine, a database and a storage (sam.env.json)
	@$(SAM_LOCAL) start-api --env-vars sam.env.json

.PHONY: sam-invoke
sam-invoke: sam-engine sam-build ## Invoke a function by SAM (FUNCTION=Users EVENT=events/<file>.json); needs what sam-api does
	@$(SAM_LOCAL) invoke "$${FUNCTION:?is not set, as in FUNCTION=Users}" --event "$${EVENT:?is not set, as in EVENT=events/http.get_users_me.json}" --env-vars sam.env.json

.PHONY: grants
grants: setup ## Write the grants of the functions' database roles from their SQL
	@$(BIN)/python -m tools.grants

.PHONY: client
client: setup openapi ## Generate the TypeScript client from the OpenAPI document
	@cd clients/typescript && PATH="$(CURDIR)/$(BIN):$$PATH" && npm ci --silent && npm run --silent generate -- ../../functions/docs/openapi.json -o src/schema.ts

.PHONY: openapi
openapi: setup ## Write the OpenAPI document from the code
	@$(BIN)/python -m tools.openapi

