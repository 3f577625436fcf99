# A fresh machine needs `make demo` and `make test`; each sets itself up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint bench chaos load clean fuzz audit

demo: $(VENV)/.run
	$(BIN)/jollyscope demo

# Programs that tests start load compiled modules even where compiling is turned off: 0.4 for 0.6 s each.
# A worker that is done takes over tests of the other.
test: $(VENV)/.test
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench $(ARGS)

# Kills, full disks and cut lines at random, from a printed seed: docs/reliability.md.
chaos: $(VENV)/.test
	$(BIN)/python -m tests.chaos $(ARGS)

# ARGS="--store pipeline --minutes 10 --sessions 1000"; docs/load.md.
load: $(VENV)/.test
	$(BIN)/python -m tests.load $(ARGS)

# Every parser against made-up inputs, guided by coverage where atheris has a build for this machine. What
# breaks one is saved in tests/hostile/corpus. ARGS="--minutes 10 --only filter,sql"; docs/security.md.
fuzz: $(VENV)/.test
	-$(PIP) atheris
	$(BIN)/python -m tests.hostile.fuzz $(ARGS)

# Licences, and known faults of the versions in constraints.txt: docs/security.md.
audit: $(VENV)/.test
	test -x build/audit/bin/python || $(PYTHON) -m venv build/audit
	-build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	$(BIN)/python -m tests.hostile.audit --pip-audit build/audit/bin/pip-audit $(ARGS)

clean:
	rm -rf $(VENV) dist build bench-data load-data

# Only what the program runs on.
$(VENV)/.run: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

# The program, the tests' needs and the checkers.
$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable '.[test,dev]'
	touch $@
