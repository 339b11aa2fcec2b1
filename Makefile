# Everything a developer needs, each in an environment of its own under .venv/, made on first use.
# ARGS goes to the tool behind a target: make test ARGS="-k retries", make serve ARGS="--http-port 9999".

PYTHON := $(shell command -v python3.11 || command -v python3)
ARGS ?=

DEV := .venv/dev
KFP18 := .venv/kfp18
KFP2 := .venv/kfp2
KFP20 := .venv/kfp20
SERVER_API := .venv/kfp-server-api-2.14

# ARGS may fit no test of an environment
NONE_FIT = $(if $(ARGS),|| test $$? -eq 5)

# protobuf and a grpcio of its days, as pip wants them
MATRIX := protobuf==3.20.3,grpcio==1.51.* protobuf==4.25.*,grpcio==1.62.* protobuf==5.29.*,grpcio==1.71.* \
          protobuf==6.33.*,grpcio==1.76.* protobuf==7.*,grpcio

.PHONY: help
help:
	@echo "make serve        run the fake API server (ARGS: options of fake-kfp serve)"
	@echo "make test         all tests, those with kfp 1.8 and 2.x too (ARGS: options of pytest)"
	@echo "make test-kfp18   only the tests with the kfp 1.8 SDK"
	@echo "make test-kfp2    only the tests with the kfp 2.x SDK and the generated clients of its days"
	@echo "make conformance  the contract suite at length: 10,000 examples a rule, two hours on two cores (ARGS: options of pytest)"
	@echo "make power        put deliberate defects into the fake, and see that the suite catches each (ARGS: names)"
	@echo "make coverage     the tests, and how much of each room they cover, with a floor for each (ARGS: options of pytest)"
	@echo "make mutants      small random changes to the core rooms, and whether a test notices (ARGS: --count N --seed N, rooms)"
	@echo "make fuzz         100,000 random inputs (ARGS: another number, --only KIND, --seed N)"
	@echo "make soak         a million mixed calls, an hour at most, and whether memory and latency stay flat (ARGS: --calls N --minutes M)"
	@echo "make check        lint, format, types, layers"
	@echo "make bench        measure the speed"
	@echo "make protos       compile protos/ into the package"
	@echo "make picture      draw the rooms into docs/architecture.md"
	@echo "make releases     write docs/releases.md, what releases differ in, from its table"
	@echo "make control      write the table of control calls into docs/control.md, and the schema of seed files"
	@echo "make modelled     write docs/coverage.md, which RPCs are served and what holds each"
	@echo "make reference    write docs/reference.md, everything public in Python, from docstrings"
	@echo "make matrix       the tests under every supported generation of protobuf"
	@echo "make clean        remove the environments and caches"

.PHONY: serve
serve: $(DEV)/.stamp
	$(DEV)/bin/fake-kfp serve $(ARGS)

.PHONY: test
test: test-main test-kfp18 test-kfp2

.PHONY: test-main
test-main: $(DEV)/.stamp
	$(DEV)/bin/pytest -n auto $(ARGS) $(NONE_FIT)

# The SDK's own warnings are not ours to mend.
.PHONY: test-kfp18
test-kfp18: $(KFP18)/.stamp
	$(KFP18)/bin/pytest -n auto -W default tests/clients_kfp18 $(ARGS) $(NONE_FIT)

# The newest and the oldest SDK, each with the generated client that it brings, and a client of the server's own age.
.PHONY: test-kfp2
test-kfp2: $(KFP2)/.stamp $(KFP20)/.stamp $(SERVER_API)/.stamp
	$(KFP2)/bin/pytest -n auto -W default tests/clients_kfp2 tests/clients_server_api2 tests/docs $(ARGS) $(NONE_FIT)
	$(KFP20)/bin/pytest -n auto -W default tests/clients_kfp2 tests/clients_server_api2 $(ARGS) $(NONE_FIT)
	PYTHONPATH=$(SERVER_API) $(KFP2)/bin/pytest -n auto -W default tests/clients_server_api2 $(ARGS) $(NONE_FIT)

# Each worker has a fake of its own.
.PHONY: conformance
conformance: $(DEV)/.stamp
	$(DEV)/bin/pytest -n auto --dist worksteal -p no:randomly --pyargs fake_kfp.conformance --kfp-examples 10000 -v $(ARGS)

.PHONY: power
power: $(DEV)/.stamp
	$(DEV)/bin/python -m tests.power $(ARGS)

# Servers that tests start in processes of their own count, too (patch in pyproject.toml).
.PHONY: coverage
coverage: $(DEV)/.stamp
	$(DEV)/bin/pytest -n auto --ignore=tests/clients_kfp18 --cov --cov-report= $(ARGS)
	$(DEV)/bin/coverage json -q -o .coverage.json
	$(DEV)/bin/python -m scripts.coverage_floors .coverage.json

.PHONY: mutants
mutants: $(DEV)/.stamp
	$(DEV)/bin/python -m tests.mutants $(ARGS)

.PHONY: fuzz
fuzz: $(DEV)/.stamp
	$(DEV)/bin/python -m tests.fuzz $(ARGS)

.PHONY: soak
soak: $(DEV)/.stamp
	$(DEV)/bin/python -m tests.soak $(ARGS)

.PHONY: check
check: $(DEV)/.stamp
	$(DEV)/bin/ruff check
	$(DEV)/bin/ruff format --check
	$(DEV)/bin/mypy
	$(DEV)/bin/lint-imports

.PHONY: bench
bench: $(DEV)/.stamp
	$(DEV)/bin/python -m benchmarks $(ARGS)

.PHONY: protos
protos: $(DEV)/.stamp
	$(DEV)/bin/python scripts/compile_protos.py

.PHONY: picture
picture: $(DEV)/.stamp
	$(DEV)/bin/python -m scripts.picture

.PHONY: control
control: $(DEV)/.stamp
	$(DEV)/bin/python -m scripts.control_calls
	$(DEV)/bin/python -m scripts.seed_schema

.PHONY: releases
releases: $(DEV)/.stamp
	$(DEV)/bin/python -m scripts.releases

.PHONY: modelled
modelled: $(DEV)/.stamp
	$(DEV)/bin/python -m scripts.modelled

.PHONY: reference
reference: $(DEV)/.stamp
	$(DEV)/bin/python -m scripts.reference

.PHONY: matrix
matrix:
	$(PYTHON) scripts/matrix.py --python $(PYTHON) $(MATRIX)

.PHONY: clean
clean:
	rm -rf .venv .coverage .coverage.json .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist

$(DEV)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(KFP18)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(KFP18)
	$(KFP18)/bin/pip install --quiet --disable-pip-version-check --editable . 'kfp==1.8.22' hypothesis pytest pytest-xdist
	touch $@

$(KFP2)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(KFP2)
	$(KFP2)/bin/pip install --quiet --disable-pip-version-check --editable . 'kfp[kubernetes]==2.17.0' hypothesis pytest pytest-xdist
	touch $@

$(KFP20)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(KFP20)
	$(KFP20)/bin/pip install --quiet --disable-pip-version-check --editable . 'kfp==2.0.1' hypothesis pytest pytest-xdist
	touch $@

# Only its code: what it needs is there already where it is put before the one that is installed.
$(SERVER_API)/.stamp: pyproject.toml | $(KFP2)/.stamp
	$(KFP2)/bin/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(SERVER_API) 'kfp-server-api==2.14.6'
	touch $@
