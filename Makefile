# The README's two commands, `make demo` and `make test`, do all their own set-up in .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
DOCCANO := .venv-doccano
WORKERS ?= 2
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT := $(SUDO) sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$@" > /dev/null' -

.PHONY: demo test lint bench system label-studio clean $(DOCCANO)

demo: $(STAMP)
	$(BIN)/nutgraf demo --force

# Files of tests side by side; those of one file, which share a server or a model, one after the other.
test: $(STAMP) system lint $(DOCCANO)/.installed
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .venv/import-linter

bench: $(STAMP)
	@echo "Each benchmark is a command of its own: see benchmarks/README.md"

# What the tests need of the system: a browser to drive and a database server to start.
system:
	@command -v chromium > /dev/null || $(APT) chromium
	@ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 || $(APT) postgresql

# A real Label Studio (1 GB) for `pytest -m label_studio` and its benchmark; nothing else needs it.
label-studio: .venv-label-studio/.installed

.venv-label-studio/.installed: requirements/label-studio-server.txt
	$(PYTHON) -m venv .venv-label-studio
	.venv-label-studio/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

clean:
	rm -rf .venv $(DOCCANO) .venv-label-studio nutgraf-demo

# Installed anew whenever a pin changes.
$(STAMP): $(filter-out requirements/peers% requirements/tune.txt %-server.txt,$(wildcard requirements/*.txt)) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nutgraf needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv || { echo "Python has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# A real doccano for tests/e2e and benchmarks: 4 minutes, 724 MB. Its pandas has wheels up to Python 3.11.
$(DOCCANO)/.installed: requirements/doccano-server.txt | $(STAMP)
	rm -rf $(DOCCANO)
	python3.11 -m venv $(DOCCANO) 2> /dev/null || $(PYTHON) -m venv $(DOCCANO)
	$(DOCCANO)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/doccano-server.txt
	$(BIN)/python tests/doccano_server.py > /dev/null 2>&1
	touch $@

$(DOCCANO): $(DOCCANO)/.installed
