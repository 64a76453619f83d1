# One way to do each chore. `make run` and `make test` need nothing but Python 3.11 or newer and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Without the byte code that it keeps, every start of a process would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

# The package alone, and with what its tests and checks need.
READY := $(VENV)/ready
READY_TO_WORK := $(VENV)/ready-to-work

.PHONY: help run demo link test test-night chaos check audit format messages man pictures bench bench-brief soak requirements dist release clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# With uv if it is installed, otherwise with pip; both install only what requirements/ names, checked by hash.
define set_up
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "aggregator needs Python 3.11 or newer; name one with make PYTHON=python3.12 …")'
@echo "Installing aggregator $(2) into $(VENV), once; this takes up to a minute."
@if command -v uv >/dev/null; then \
  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
  install="uv pip install --quiet --compile-bytecode --python $(BIN)/python"; \
else \
  $(PYTHON) -m venv $(VENV) && \
  install="$(BIN)/python -m pip install -qq --disable-pip-version-check"; \
fi && $$install --no-deps --require-hashes --requirement requirements/$(1).txt && $$install --no-deps --editable .
endef

$(READY): pyproject.toml requirements/run.txt
	$(call set_up,run,without its tools)
	@touch $@

$(READY_TO_WORK): pyproject.toml requirements/work.txt
	$(call set_up,work,with its tools)
	@touch $(READY) $@

run: $(READY)  ## run the daemon and the page, at PORT=… if given; prints the link to log in
	@$(BIN)/aggregator run --open $(if $(PORT),--port $(PORT))

demo: $(READY)  ## run all stages on sample feeds, offline; PORT=… as for run
	@$(BIN)/aggregator demo --open $(if $(PORT),--port $(PORT))

link:  ## show the link that logs in to the page of the running daemon or demo
	@test -x $(BIN)/aggregator || { echo "aggregator is not installed here yet; start it with make run or make demo"; exit 1; }
	@$(BIN)/aggregator login-link

test: $(READY_TO_WORK)  ## all tests; browser tests need a Chromium and are skipped loudly without one
	@$(BIN)/python tests/find_chromium.py || $(BIN)/python -m playwright install chromium || true
	$(BIN)/python -m pytest

test-night: $(READY_TO_WORK)  ## the same in their long forms: many examples, all rows, large documents; takes an hour
	$(BIN)/python -m pytest --hypothesis-profile=night --timeout=1800

chaos: $(READY_TO_WORK)  ## kill each kind of work forty times, and let writers meet for ten minutes; ends by itself
	$(BIN)/python -m pytest -n 0 tests/chaos --hypothesis-profile=night --timeout=3600

check: $(READY_TO_WORK)  ## what must hold before a merge
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 0 -q tests/checks  # no regular expression takes more than linear time
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

format: $(READY_TO_WORK)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(READY_TO_WORK)  ## bring the catalogues up to date with what the source says, and show what is not translated
	$(BIN)/python tests/messages.py

man: $(READY_TO_WORK)  ## make the page of the manual from the help of the commands
	$(BIN)/python tests/manual.py

pictures: $(READY_TO_WORK)  ## take the pictures of the documents from the demo, in English and Korean; needs a Chromium
	$(BIN)/python bench/screenshots.py

bench: $(READY_TO_WORK)  ## measure; prints figures, asserts nothing; takes three quarters of an hour
	$(BIN)/python bench/judge.py
	$(BIN)/python bench/visits.py --growth
	$(BIN)/python bench/parse.py
	$(BIN)/python bench/parse_differences.py
	$(BIN)/python bench/pages.py
	$(BIN)/python bench/memory.py
	$(BIN)/python bench/moving.py
	$(BIN)/python bench/sections.py
	$(BIN)/python bench/scope.py
	$(BIN)/python bench/learn.py
	$(BIN)/python bench/search.py
	$(BIN)/python bench/series.py
	$(BIN)/python bench/duplicates.py
	$(BIN)/python bench/duplicates.py --speed 10000
	$(BIN)/python bench/text.py

bench-brief: $(READY_TO_WORK)  ## the same of what the daemon and its pages wait for, with fewer posts, in some minutes
	$(BIN)/python bench/judge.py
	$(BIN)/python bench/visits.py --feeds 100
	$(BIN)/python bench/pages.py 20000
	$(BIN)/python bench/search.py 10000
	$(BIN)/python bench/duplicates.py --speed 2000

soak: $(READY_TO_WORK)  ## a year of the daemon in about an hour; fails if something grows beyond its bound
	$(BIN)/python bench/soak.py

audit: $(READY)  ## look for known vulnerabilities in dependencies; asks the package index
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install -qq --disable-pip-version-check pip-audit
	$(VENV)/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements/run.txt

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes \
  --no-emit-index-url --no-emit-find-links pyproject.toml
requirements: $(READY_TO_WORK)  ## choose the newest versions that fit together
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --upgrade --all-extras --output-file requirements/work.txt
	$(COMPILE) --constraint requirements/work.txt --extra pages --extra postgres --extra notices --output-file requirements/run.txt
	$(COMPILE) --constraint requirements/work.txt --extra pages --extra postgres --extra notices --extra cluster --output-file requirements/cluster.txt

dist: $(READY_TO_WORK)  ## build the wheel and the sdist, and try them on each Python from 3.11 to 3.13 that is here
	@.ci/dist

release: $(READY_TO_WORK)  ## check, test, build, commit and tag VERSION=…; pushes nothing
	@.ci/release $(VERSION)

clean:  ## remove the environment and what tools left
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
