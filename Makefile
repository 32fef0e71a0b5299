# Everything a person types. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# libraries that wait for work by spinning make two busy cores crawl
export OMP_WAIT_POLICY := PASSIVE
export TF_CPP_MIN_LOG_LEVEL := 3
export TF_ENABLE_ONEDNN_OPTS := 0

# a file's tests share what its fixtures make; files are dealt out in the order of tests/conftest.py
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install run test check lab ui bench lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

install: $(VENV)/.installed  ## make .venv with exactly what requirements.lock says

run: install  ## all notebooks on the default data, reports at the end; RUN="--set as_of=2017-10-01" adds options
	@$(BIN)/dangol run $(RUN)

test: install  ## the whole test suite: unit tests, smoke run of all notebooks, browser
	@$(BIN)/python -m pytest $(PARALLEL) $(TEST)

check: install  ## ruff, mypy and the fast tests
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/python -m pytest $(PARALLEL) -m "not slow" $(TEST)

lab: install  ## JupyterLab on the notebooks
	@JUPYTER_CONFIG_PATH=$(CURDIR)/.jupyter $(BIN)/jupyter lab $$([ "$$(id -u)" != 0 ] || echo --allow-root) --notebook-dir . notebooks/01_integrate.ipynb

ui: install  ## MLflow's pages on the runs, http://127.0.0.1:5000
	@MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false $(BIN)/mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db

bench: install  ## compare the network with its peers on customer tables; BENCH="charity --seeds 0" chooses
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint requirements.lock -r pyproject.toml --extra bench
	@$(BIN)/python benchmarks/networks.py $(BENCH)

lock: install  ## resolve pyproject.toml into requirements.lock; UPGRADE=--upgrade takes newer versions
	@$(BIN)/uv pip compile pyproject.toml --extra dev $(UPGRADE) --python-version 3.11 \
	  --python-platform x86_64-manylinux_2_28 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --quiet --output-file requirements.lock

clean:  ## remove what runs produced: processed data, reports, tracked runs (raw data stay)
	@find data/processed reports mlruns -mindepth 1 ! -name README.md -delete

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v == (3, 11) else f"Dangol needs Python 3.11, but $(PYTHON) is {v[0]}.{v[1]}. Name another one: make PYTHON=python3.11 …")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian: apt install python3-venv"; exit 1; }
	@echo "Installing the locked packages into $(VENV) (about 3 GB; one to three minutes) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
