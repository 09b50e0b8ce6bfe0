#!/usr/bin/env bash
# Format, lints, licences and sources: what needs no test run. Each step that cannot run says so.
set -euo pipefail
cd "$(dirname "$0")/.."

began=$SECONDS
echo "== format =="
if cargo fmt --version >/dev/null 2>&1; then cargo fmt --all --check; else echo "rustfmt is missing: skipped"; fi
echo "== licences =="
timeout --foreground 600 python3 scripts/licences.py
if cargo deny --version >/dev/null 2>&1; then timeout --foreground 600 cargo deny --all-features check bans licenses sources; fi
echo "== clippy =="
if cargo clippy --version >/dev/null 2>&1; then
    timeout --foreground 1800 cargo clippy --locked --workspace --all-targets -- -D warnings
else
    echo "clippy is missing: skipped"
fi
echo "-- check: $((SECONDS - began)) s"
