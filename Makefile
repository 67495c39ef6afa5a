# `make run` and `make test` work on a fresh Debian or Ubuntu machine; see README.md.
PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
COMPILE := $(UV) pip compile -q --no-emit-index-url --no-header --no-annotate \
	--generate-hashes --universal --python-version 3.11

.PHONY: run test soak bench check fmt lock clean python for-run for-test

run: export TOCSIN_EXAMPLE ?= 1
run: for-run
	@$(BIN)/tocsin init
	@exec $(BIN)/tocsin serve

test: for-test check
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# The long forms: more seeds of the simulator, and the crashes again and again.
soak: SEEDS ?= 20000
soak: TIMES ?= 20
soak: for-test
	$(BIN)/python -m tests.simulator $(SEEDS)
	for seed in $$(seq $(TIMES)); do \
		CRASH_SEED=$$seed CRASH_SECONDS=60 $(BIN)/pytest -q tests/faults || exit 1; \
	done
	AWAY_SECONDS=60 $(BIN)/pytest -q tests/stories/test_the_database_away.py

bench: for-test
	$(BIN)/python -m bench

check: for-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict -p setup
	$(BIN)/lint-imports
	$(BIN)/bandit -q -r -lll incident workflows notifications templates drills wsgi.py
	$(BIN)/deptry .

fmt: for-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# New versions: take the line out of a lock, or the lock away, and run this.
lock:
	$(COMPILE) pyproject.toml --extra many-screens -o requirements.lock
	$(COMPILE) pyproject.toml --extra many-screens --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group build -c requirements-dev.lock -o setup/build.lock
	$(COMPILE) --group node -o setup/node.lock
	npm install --package-lock-only

# Takes away what the set-up made; the desk's own data in ./var stays.
clean:
	rm -rf .venv .setup node_modules templates/static/vendor templates/documents/fonts
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist

for-run: python
	@$(PYTHON) -m setup run

for-test: python
	@$(PYTHON) -m setup test

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Tocsin needs Python 3.11 or newer. If there is one under another name: make PYTHON=python3.12 run'; exit 1; }
