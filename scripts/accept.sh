#!/usr/bin/env bash
# Release build, then what an outsider checks first: ready in time and small, the demo accounts sign in, items are found,
# one county does not see the other's cases, the record verifies, and a deleted event is found and named.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/demo.sh

scripts/install.sh build fonts curl
timeout --foreground 5400 cargo build --release --locked --workspace --bin tongban
program=target/release/tongban
trap demo_stop EXIT
trap 'exit 130' INT TERM
demo_start "$program" 60

passed=0
failed=0
check() {
    local what=$1
    shift
    if "$@"; then
        echo "ok      $what"
        passed=$((passed + 1))
    else
        echo "FAILED  $what"
        failed=$((failed + 1))
    fi
}
get() { curl -sf -m 10 "$@"; }
field() { python3 -c 'import json,sys; print(eval("d" + sys.argv[1], {"d": json.load(sys.stdin), "len": len}))' "$1"; }
token() {
    get -H 'content-type: application/json' "$demo_url/api/v1/session" \
        -d "{\"name\":\"$1\",\"password\":\"Tongban-demo-1\"}" | field '["token"]'
}
signs_in() { [ -n "$(token "$1")" ]; }
finds_items() {
    local query='q=%E5%BC%80%E9%A5%AD%E9%A6%86&division=130102001001'
    [ "$(get "$demo_url/api/v1/items?$query" | field '["items"].__len__()')" -gt 0 ]
}
sees() {
    local bearer
    bearer=$(token "$1")
    get -H "authorization: Bearer $bearer" "$demo_url/api/v1/cases?view=all&limit=200" | field '["cases"].__len__()'
}
memory_kib=$(awk '/^VmRSS/ { print $2 }' "/proc/$demo_pid/status")

check "ready in 3 s (was $demo_ready_ms ms)" test "$demo_ready_ms" -le 3000
check "at most 400 MiB resident (was $((memory_kib / 1024)) MiB)" test "$memory_kib" -le $((400 * 1024))
for name in citizen company clerk reviewer representative manager supervisor admin clerk2; do
    check "$name signs in" signs_in "$name"
done
check "开饭馆 is found in a community of 长安区" finds_items
check "the clerk has cases" test "$(sees clerk)" -ge 24
check "the clerk of another county has none of them" test "$(sees clerk2)" -eq 0
sleep 3
demo_end
check "verify is clean" timeout 60 "$program" verify --data "$demo_data"
python3 - "$demo_data/tongban.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
case, sequence = db.execute("SELECT case_id, MAX(sequence) FROM events GROUP BY case_id ORDER BY case_id LIMIT 1").fetchone()
db.execute("DELETE FROM events WHERE case_id=? AND sequence=?", (case, sequence))
db.commit()
PY
status=0
report=$(timeout 60 "$program" verify --data "$demo_data") || status=$?
check "a deleted event makes verify fail" test "$status" -eq 1
check "and is named with its case and sequence" grep -Eq 'case [0-9A-Z]+.* sequence [0-9]+' <<<"$report"

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
