#!/bin/sh
# smoke.sh PROGRAM CORPUS OUT: a bounded fuzz run. The committed corpus is read only; findings land in OUT.
set -eu
program=$1 corpus=$2 out=$3
mkdir -p "$out/new"
[ -d "$corpus" ] || { echo "no corpus at $corpus" >&2; exit 1; }
dict=$(dirname "$0")/$(basename "$corpus").dict
set -- "$out/new" "$corpus" -runs="${FUZZ_RUNS:-20000}" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=4096 \
    -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$out/" -print_final_stats=1 -seed=1
[ -s "$dict" ] && set -- "$@" -dict="$dict"
exec "$program" "$@"
