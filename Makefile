# PhotoSim: `make run PHOTOS=/some/folder` starts it, `make test` tests it. Both set up what they need first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PHOTOS ?=

.PHONY: run test lint bench bench-peers bench-model package smoke release setup clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml packaging/constraints.txt packaging/linux/system_packages.sh
	sh packaging/linux/system_packages.sh
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e '.[dev]'
	touch $@

run: setup
	$(BIN)/python main.py $(if $(PHOTOS),"$(PHOTOS)")

test: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e '.[bench]'
	$(BIN)/python -m tests.benchmarks $(if $(PHOTOS),"$(PHOTOS)")

bench-peers: setup
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check czkawka==0.1.2 fastdup==2.54
	$(BIN)/python -m tests.benchmarks.bench_peers --python .venv-peers/bin/python

bench-model: setup
	$(BIN)/python -m tests.benchmarks.bench_model $(if $(PHOTOS),"$(PHOTOS)") $(if $(COPIES),--copies "$(COPIES)")

package: setup
	sh packaging/linux/system_packages.sh package
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e '.[dev,package]'
	$(BIN)/python packaging/build.py

smoke: package
	$(BIN)/python packaging/smoke dist/photosim/photosim --artifacts dist/seen

release: setup
	$(BIN)/python packaging/release.py prepare $(VERSION)
	$(MAKE) test smoke
	$(BIN)/python packaging/release.py seal

clean:
	rm -rf $(VENV) .venv-peers build dist *.egg-info
