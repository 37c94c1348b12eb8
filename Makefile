# Needs Python >= 3.11 and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# three on two cores: many tests wait for a server or another process
WORKERS ?= 3
# `gpu` (CUDA 13) or `gpu-cu12`
GPU ?= gpu
# every extra but those for a GPU, whose FAISS excludes the default one
EXTRAS := $(shell sed -n '/^\[project.optional-dependencies\]/,/^\[project.scripts\]/s/^\([a-z0-9-]*\) = \[.*/\1/p' pyproject.toml | grep -v '^gpu')
# where an image sets it, every process of the tests would compile its libraries anew
unexport PYTHONDONTWRITEBYTECODE
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint requirements.lock

.PHONY: screenshots setup setup-gpu setup-test demo serve test check check-static bench lock clean

setup: $(VENV)/.installed
setup-test: $(VENV)/.installed-test

$(BIN)/uv:
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"

$(VENV)/.installed: pyproject.toml requirements.lock | $(BIN)/uv
	@echo "installing kgrag (about 600 MB with its libraries)"
	@$(UV) --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml requirements.lock | $(BIN)/uv
	@echo "installing kgrag with what the tests need"
	@$(UV) --editable ".[test,torch,align,llm,llm-local,export,pdf,styles,mcp,oidc,postgres,opensearch,objects]"
	@touch $@ $(VENV)/.installed

# the same with FAISS for a GPU in the place of that for CPUs
setup-gpu: | $(BIN)/uv
	@echo "faiss-cpu ; python_version < '3'" > $(VENV)/without-faiss-cpu.txt
	@$(BIN)/uv pip uninstall --quiet --python $(BIN)/python faiss-cpu 2>/dev/null || true
	@$(UV) --overrides $(VENV)/without-faiss-cpu.txt --editable ".[torch,$(GPU)]"
	@touch $(VENV)/.installed

demo: setup
	$(BIN)/kgrag demo $(ARGS)

serve: setup
	$(BIN)/kgrag serve $(ARGS)

test: setup-test
	@$(BIN)/python -m tests.prepare
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: test check-static

check-static: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-test
	@for file in tests/bench/*.py tests/bench/*/*.py; do \
	  case $$file in *__init__*) ;; *) echo "== $$file"; $(BIN)/python $$file || exit 1;; esac; \
	done

screenshots: setup-test
	@$(BIN)/python -m tests.prepare
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --python-version 3.11 \
	  $(EXTRAS:%=--extra %) pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
