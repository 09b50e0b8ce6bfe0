#!/usr/bin/env bash
# Every test: installs what is missing, starts a private PostgreSQL and a private SMTP server, runs the suite on both
# engines, letters to that server, and the journeys in a real browser. Nothing here waits without a limit, and what it starts it stops.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d /tmp/tongban-test.XXXXXX)
chmod 755 "$scratch"
cleanup() {
    scripts/postgres.sh stop "$scratch/postgres" || true
    scripts/smtp.sh stop "$scratch/smtp" || true
    rm -rf -- "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

section() {
    local title=$1 began=$SECONDS status=0
    shift
    printf '\n== %s ==\n' "$title"
    "$@" || status=$?
    printf -- '-- %s: %d s%s\n' "$title" $((SECONDS - began)) "$([ "$status" = 0 ] || echo ", failed ($status)")"
    return "$status"
}

versions() {
    cargo --version
    rustc --version
    cargo nextest --version 2>/dev/null | head -n 1 || echo "cargo-nextest: none, cargo test instead"
    find /usr/lib/postgresql -maxdepth 1 -mindepth 1 -printf 'PostgreSQL %f\n'
    openssl version
    pdfinfo -v 2>&1 | head -n 1
    echo "node $(node --version)"
    chromium --version 2>/dev/null || google-chrome --version
}

postgres() {
    TONGBAN_TEST_DATABASE_URL=$(scripts/postgres.sh start "$scratch/postgres") || return
    export TONGBAN_TEST_DATABASE_URL
    echo "$TONGBAN_TEST_DATABASE_URL"
}

smtp() {
    TONGBAN_TEST_SMTP=$(scripts/smtp.sh start "$scratch/smtp") || return
    export TONGBAN_TEST_SMTP TONGBAN_TEST_SMTP_FOLDER=$scratch/smtp
    echo "$TONGBAN_TEST_SMTP"
}

# Interrupting from the keyboard must reach the tests, so time limits leave them in the foreground.
limit() { timeout --foreground -k 20 "$@"; }

if cargo nextest --version >/dev/null 2>&1; then
    run=(cargo nextest run --locked --workspace --no-fail-fast)
    build() { limit 2700 cargo nextest run --locked --workspace --no-run; }
    on_sqlite() { limit 1200 "${run[@]}"; }
    on_postgres() { TONGBAN_TEST_ENGINE=postgres limit 1200 "${run[@]}" -E 'binary(it)'; }
    letters() { SSL_CERT_FILE=$scratch/smtp/ca.pem limit 600 "${run[@]}" --run-ignored only -E 'test(/^smtp::/)'; }
else
    run=(cargo test --locked --workspace --no-fail-fast)
    build() { limit 2700 cargo test --locked --workspace --no-run; }
    on_sqlite() { timeout -k 20 1200 "${run[@]}" --lib --bins --tests </dev/null; }
    on_postgres() { TONGBAN_TEST_ENGINE=postgres timeout -k 20 1200 "${run[@]}" --test it </dev/null; }
    letters() { SSL_CERT_FILE=$scratch/smtp/ca.pem timeout -k 20 600 "${run[@]}" --test it smtp:: -- --ignored </dev/null; }
fi

unset TONGBAN_TEST_ENGINE
section "install" scripts/install.sh build fonts postgresql smtp poppler openssl chromium curl node
section "versions" versions
section "build" build
section "PostgreSQL" postgres
section "SMTP server" smtp
failed=()
section "tests on SQLite" on_sqlite || failed+=("tests on SQLite")
section "tests on PostgreSQL" on_postgres || failed+=("tests on PostgreSQL")
section "letters to a real server" letters || failed+=("letters to a real server")
if [ -f e2e/package.json ]; then
    # The build above made the program too, for the tests that run it; another build would choose other features.
    TONGBAN_PROGRAM=target/debug/tongban section "browser journeys" scripts/e2e.sh || failed+=("browser journeys")
fi

printf '\n== result ==\n'
if [ "${#failed[@]}" -gt 0 ]; then
    printf 'failed: %s\n' "${failed[@]}"
    exit 1
fi
echo "all passed in $SECONDS s"
