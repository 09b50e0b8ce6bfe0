#!/usr/bin/env bash
# Journeys in a real browser, against a demo of its own on a free port and an empty data folder.
# The journeys read TONGBAN_URL (the demo's address) and CHROMIUM (the browser's path).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/demo.sh

scripts/install.sh build fonts chromium curl node
# TONGBAN_PROGRAM names a program that is built already, as the tests' own build makes it.
if [ -z "${TONGBAN_PROGRAM:-}" ]; then
    timeout --foreground 2700 cargo build --locked --workspace --bin tongban
fi
demo_start "${TONGBAN_PROGRAM:-target/debug/tongban}" 120
trap demo_stop EXIT
trap 'exit 130' INT TERM

TONGBAN_URL=$demo_url
CHROMIUM=$(command -v chromium || command -v google-chrome)
export TONGBAN_URL CHROMIUM
export PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
cd e2e
timeout --foreground 300 npm ci --no-audit --no-fund --loglevel=error </dev/null
timeout --foreground -k 20 900 node --test "$@" </dev/null
