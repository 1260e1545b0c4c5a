#!/usr/bin/env bash
# Runs our entry of the side-by-side benchmark: tests/bench/run.sh BENCH_FOLDER [bench.py options].
# BENCH_FOLDER is a copy of the harness with its origin set up (`./setup.sh origin data limit`).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bench=$(cd "${1:?the folder of the benchmark}" && pwd)
shift
export TAPWRIGHT_BENCH=$here TAPWRIGHT=${TAPWRIGHT:-$here/../../target/release/tapwright}
[ -x "$TAPWRIGHT" ] || cargo build --release --manifest-path "$here/../../Cargo.toml"
# Pages whose numbers are known beforehand: the same spec, eight of them at once.
export TAPWRIGHT_PAGES=$bench/.out/pages.yaml
mkdir -p "$bench/.out"
sed -e 's/next_url: [^,]*/page_number: page, ahead: 8/' -e '/params: {page/d' "$here/cases.yaml" > "$TAPWRIGHT_PAGES"
"$bench/origin/up.sh" up
"$bench/origin/pg.sh" up
trap '"$bench/origin/up.sh" down; "$bench/origin/pg.sh" down' EXIT
cd "$bench"
BENCH_EXTRA=$here/entry.json python3 ./bench.py run --tools limit,tapwright --cases A,AZ,C,C2,D,E,F "$@"
BENCH_EXTRA=$here/entry.json python3 ./bench.py run --tools limit-prefetch8,tapwright --cases AL "$@"
"$here/bulk.py" "$bench"
