#!/usr/bin/env bash
# Release build and measurements on both engines. Without arguments all of them: load, documents, durability, watch;
# with arguments what they say (`scripts/bench.sh load --seconds 60`). The reports go to bench/out.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh build fonts postgresql strace
timeout --foreground 5400 cargo build --release --locked --workspace --bins
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin -type d | sort -V | tail -n 1)
bench=(timeout --foreground -k 30 5400 target/release/tongban-bench)

if [ $# -gt 0 ]; then
    measure=$1
    shift
    "${bench[@]}" "$measure" --engine both --pg-bin "$bin" "$@"
    exit
fi
for measure in load documents durability watch; do
    "${bench[@]}" "$measure" --engine both --pg-bin "$bin"
done
