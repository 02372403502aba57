#!/bin/sh
# Measures whether `samkor run` grows in proportion to rows. See README.md.
#   PERSONS=650000 ROWS="5000000 10000000 20000000 100000000" SAMKOR=target/release/samkor OUT=dir benches/scale/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
samkor=${SAMKOR:-$root/target/release/samkor}
out=${OUT:-${TMPDIR:-/tmp}/samkor-scale}
mkdir -p "$out"
for rows in ${ROWS:-5000000 10000000 20000000 100000000}; do
    world=$out/world
    rm -rf "$world"
    "$samkor" synth "$world" --persons "${PERSONS:-650000}" --rows "$rows" --seed 1 --plain >"$out/synth.log" 2>&1
    # Read once, so that the page cache holds what it can of the inputs.
    cat "$world"/ind/* >/dev/null
    python3 "$here/measure.py" "$samkor" "$world" "$out/run" "$rows"
    rm -rf "$world" "$out/run"
done
