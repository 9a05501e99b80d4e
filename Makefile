# PhotoSim: `make run PHOTOS=/some/folder` starts it, `make test` tests it. Both set up what they need first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PHOTOS ?=

.PHONY: run test lint bench setup clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml packaging/constraints.txt packaging/linux/system_packages.sh
	sh packaging/linux/system_packages.sh
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e '.[dev]'
	touch $@

run: setup
	$(BIN)/python main.py $(if $(PHOTOS),"$(PHOTOS)")

test: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e '.[bench]'
	$(BIN)/python -m tests.benchmarks $(if $(PHOTOS),"$(PHOTOS)")

clean:
	rm -rf $(VENV) build dist *.egg-info
