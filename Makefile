# Every target sets up what it needs; a second call changes nothing and needs no network.
#
#   make demo              open the sample scan         make demo SCAN=PATH   open your own
#   make test              all tests, on all cores      make test ARGS="-k dicom -x" WORKERS=0
#   make lint              style, types, import rules   make bench            all benchmarks
#   make docs              the manual, in site/         make pictures         its pictures, anew
#   make models-table      the models, in docs/models.md
#   make notebooks         the manual's notebooks, with what their cells show
#   make constraints       newer versions               make clean            away with it all
#
# QT=pyqt6 does the same with PyQt6, in an environment of its own; PYTHON=python3.12 picks a Python.

.NOTPARALLEL:
.PHONY: help demo test lint bench docs pictures models-table notebooks constraints clean

QT ?= pyqt5
VENV ?= $(if $(filter pyqt5,$(QT)),.venv,.venv-$(QT))
SCAN ?=
ARGS ?=
WORKERS ?= logical
TEST_EXTRAS := raw,train,experiments,cluster,dev

# The first Python on the path that is neither too old nor too new.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { echo $$p; break; }; done)
NEEDS_PYTHON = $(if $(PYTHON),,$(error Python 3.11, 3.12 or 3.13 is needed and none is on the path; \
	name one with PYTHON=/path/to/python))
BIN := $(VENV)/bin
SET_UP = $(NEEDS_PYTHON)$(PYTHON) tools/set_up.py --venv $(VENV) --extras
WINDOW := QT_API=$(QT) sh tools/with_window.sh

help:
	@sed -n '3,11s/^# \{0,1\}//p' Makefile

demo:
	@$(SET_UP) $(QT),raw --window
	@$(WINDOW) demo $(BIN)/napari-cmr '$(SCAN)'

test:
	@$(SET_UP) $(QT),$(TEST_EXTRAS) --window
	@OMP_NUM_THREADS=1 $(WINDOW) run $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --durations=15 $(ARGS)

lint:
	@$(SET_UP) $(QT),$(TEST_EXTRAS)
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

bench:
	@$(SET_UP) $(QT),$(TEST_EXTRAS) --window
	@for script in benchmarks/[!_]*.py; do \
		echo "== $$script"; $(WINDOW) run $(BIN)/python $$script $(ARGS) || exit 1; done

docs:
	@$(SET_UP) $(QT),raw,docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

pictures:
	@$(SET_UP) $(QT),raw --window
	$(WINDOW) run $(BIN)/napari-cmr demo --screenshots demo
	$(BIN)/python tools/pictures.py demo

models-table:
	@$(SET_UP) $(QT)
	$(BIN)/python tools/models_table.py

notebooks:
	@$(SET_UP) $(QT)
	OMP_NUM_THREADS=1 $(BIN)/python tools/notebooks.py

constraints:
	@$(SET_UP) $(QT)
	$(BIN)/python tools/pin.py

clean:
	rm -rf .venv .venv-pyqt6 demo site dist build .pytest_cache .mypy_cache .ruff_cache
