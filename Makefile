PYTHON ?= python3
EXTRAS ?=
BIN := .venv/bin
comma := ,
INSTALLED := .venv/installed$(if $(EXTRAS),-$(subst $(comma),-,$(EXTRAS)))

.PHONY: install run test test-web test-cluster cluster lint audit docs picture bench bench-delivery bench-load bench-compare

install: $(INSTALLED)

# Older versions of pip compare the extras of lxml by their spelling, and warn. On a terminal pip shows what it does.
$(INSTALLED): export PIP_DISABLE_PIP_VERSION_CHECK = 1
# setuptools warns of folders named as the packages are, in an editable install: they are meant here.
$(INSTALLED): export PYTHONWARNINGS = ignore:Editable installation
# Loops in C are compiled: where there is no compiler, by one that comes in a wheel (-I: pip hides wheels from a build).
ifeq ($(origin CC),default)
CC := $(firstword $(foreach name,cc gcc clang,$(shell command -v $(name))))
endif
ifeq ($(CC),)
CC := $(CURDIR)/$(BIN)/python -I -m ziglang cc
$(INSTALLED): export LDSHARED := $(CC) -shared
endif
$(INSTALLED): export CC := $(CC)
# Their library may have been deleted since, which no date says.
COMPILED := $(wildcard retrieval/runtime/_kernels*)
.PHONY: compile
$(INSTALLED): pyproject.toml setup.py constraints.txt $(wildcard retrieval/*/*.c retrieval/*/*.h) $(if $(COMPILED),,compile)
	@echo "Installing Zhidian, its packages and the test tools into .venv (a few minutes, once) ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet 'pip>=23.3' >&2
	@case "$$CC" in *ziglang*) $(BIN)/python -m pip install --quiet -c constraints.txt ziglang >&2;; esac
	@$(BIN)/python -m pip install $$(test -t 2 || echo --quiet) -c constraints.txt -e '.[dev$(if $(EXTRAS),$(comma)$(EXTRAS))]' >&2
	@touch $@

run: install
	@$(BIN)/zhidian run

test: install
	$(BIN)/pytest -n 2 --dist loadfile --ignore tests/web/browser

# The page in Debian's headless Chromium: says what is missing where there is none, and fails for that where CI is set.
test-web: install
	$(BIN)/pytest tests/web/browser -rs

# Real nodes of OpenSearch: says what is missing where there is no Java or no Maven.
test-cluster: install
	$(BIN)/pytest tests/retrieval/cluster -m cluster -rs

cluster: install
	@$(BIN)/python -m cluster.nodes

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

# pip-audit has an environment of its own: it is no part of what it looks at.
audit: install
	@test -x .venv/audit/bin/pip-audit || $(PYTHON) -m venv .venv/audit
	@test -x .venv/audit/bin/pip-audit || .venv/audit/bin/python -m pip install --quiet pip-audit==2.10.1 || true
	@$(BIN)/python -m benchmarks.advisories .venv/audit/bin/pip-audit

docs: install
	$(BIN)/python -m docs.commands

picture: install
	$(BIN)/python -m docs.picture
	$(BIN)/python -m docs.page_pictures

bench:
	$(MAKE) install EXTRAS=bench
	$(BIN)/python -m benchmarks.speed

bench-delivery: install
	$(BIN)/python -m benchmarks.delivery

bench-load: install
	$(BIN)/python -m benchmarks.load

REF ?= HEAD~20

bench-compare: install
	$(BIN)/python -m benchmarks.compare $(REF)
