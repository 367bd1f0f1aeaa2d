# Everything a person does with a checkout. `make help` lists it.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTS ?= -n 3 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup demo test coverage check test-slow kills reference prior bench picture clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## make .venv with every version pinned (GPU=1 allows the CUDA build of torch)

$(READY): constraints.txt pyproject.toml scripts/setup
	@scripts/setup $(VENV) '[dev]'
	@touch $@

demo: $(READY) ## the main job on a made-up company: two cycles, a table of results (KEEP=1 leaves the org up)
	@$(BIN)/python -m demo $(if $(KEEP),--keep)

test: check ## check, then all tests but the slow ones, the longest first
	$(BIN)/python -m pytest $(TESTS) -m "not slow and not kills"

coverage: $(READY) ## the same tests, slower, and the lines that none of them runs
	$(BIN)/python -m pytest $(TESTS) -m "not slow and not kills" --cov --cov-report=term

check: $(READY) ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-slow: $(READY) ## the slow tests: models on whole worlds, pages in a browser
	$(BIN)/python -m pytest -m slow

kills: $(READY) ## kill the daemon thousands of times and look at the guarantees after each (KILLS=3000)
	$(BIN)/python -m pytest -m kills -s --kills $(or $(KILLS),3000)

reference: $(READY) ## write docs/reference/ anew, from the program
	@$(BIN)/python -m scripts.reference

prior: $(READY) ## train the forecast's prior anew, on made-up accounts (minutes)
	$(BIN)/python -m models.forecast.network.prior

bench: $(READY) ## what is claimed about speed, measured on this machine
	$(BIN)/python -m benchmarks

picture: $(READY) ## take the README's picture of the record page, in a real browser, from the demo
	$(BIN)/python -m demo --picture docs/pictures

clean: ## remove what was made, the demo's data included; .venv stays
	rm -rf var build .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
