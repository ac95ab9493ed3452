# make demo   a fresh virtual environment, a lake of 2,000 proved records, every one of them proved again
# make test   lint, types and tests
# make slow   the longer tests and the benchmarks' small runs; .ci/run runs these too
# Needs Python 3.11 or newer, git and make. PYTHON=python3.12 chooses another interpreter.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := solvers,planners,dev
DEMO := demo

.PHONY: demo test slow lint install clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "neurosym needs Python 3.11 or newer: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "no venv here: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

demo: install
	@rm -rf $(DEMO)
	$(BIN)/python -m neurosym.generate blocksworld,logistics,random_ksat,graph_coloring,linear_integer \
		-n 2000 --seed 7 --out $(DEMO)/lake > /dev/null
	$(BIN)/python -m neurosym.verify $(DEMO)/lake --workers 2
	@$(BIN)/python -m neurosym.report $(DEMO)/lake
	@echo "The lake is $(DEMO)/lake: see its README.md. Next: examples/ and 'python -m neurosym.generate --help'."

test: install lint
	$(BIN)/python -m pytest -m "not slow" -n 2

slow: install
	$(BIN)/python -m pytest -m slow -n 2

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(DEMO) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
