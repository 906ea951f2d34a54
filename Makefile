PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# Where it is set, each of the many processes would compile the whole project again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run reset demo test check search bench chaos load screenshots clean

run: $(STAMP) ## start everything; Ctrl-C stops everything
	@exec $(BIN)/python -m local.run

reset: ## wipe the local databases and files
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local.reset; fi

demo: $(STAMP) ## the main job without a browser: make demo LIST=file PARISH="name" MARKET=code
	@$(BIN)/python -m local.demo $(if $(LIST),--list "$(LIST)") $(if $(PARISH),--parish "$(PARISH)") $(if $(MARKET),--market "$(MARKET)")

test: $(STAMP) ## the whole suite on real engines, in parallel
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(STAMP) ## everything that needs no test run
	@$(BIN)/ruff check --no-cache .
	@$(BIN)/ruff format --no-cache --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m local.checks

search: $(STAMP) ## the tests of what holds for any input, on two thousand cases each: make search ARGS="tests/leads"
	@HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -n 2 -m hypothesis $(ARGS)

bench: $(STAMP) ## how fast everything is, beside goals and rivals: make bench ARGS="--only pages --leads 100000"
	@$(BIN)/python -m local.bench $(ARGS)

chaos: $(STAMP) ## workers, broker and database killed at random: make chaos ARGS="--seeds 3 --messages 500"
	@$(BIN)/python -m local.chaos $(ARGS)

load: $(STAMP) ## texts and webhooks a second beside their floors: make load ARGS="--messages 500 --json"
	@$(BIN)/python -m local.load $(ARGS)

screenshots: $(STAMP) ## the pictures of the docs, from a running OFFICE_HOURS=1 make run
	@$(BIN)/python -m local.screenshots

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one with make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked requirements into .venv (once)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(STAMP)

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
