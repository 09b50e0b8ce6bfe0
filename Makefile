# Everything is set up by these. Each line calls a script that can also be read and run on its own.
.PHONY: demo test check bench accept

DATA ?= demo-data
LISTEN ?= 127.0.0.1:8080

demo: ## build and start the platform with the whole province, demo accounts and sample cases
	scripts/install.sh build fonts
	cargo build --locked --workspace --bin tongban
	target/debug/tongban serve --demo --data $(DATA) --listen $(LISTEN)

test: ## every test, on both engines and in a real browser
	scripts/test.sh

check: ## format, lints, licences
	scripts/check.sh

bench: ## release build and measurements, see the README in bench
	scripts/bench.sh

accept: ## release build and what an outsider checks first
	scripts/accept.sh
