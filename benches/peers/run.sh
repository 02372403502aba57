#!/bin/sh
# Measures samkor beside DuckDB and Python polars. See README.md.
#   PERSONS=650000 ROWS=20000000 ROUNDS=3 WORLD=dir SAMKOR=target/release/samkor OUT=dir VENV=dir benches/peers/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
persons=${PERSONS:-650000} rows=${ROWS:-20000000} rounds=${ROUNDS:-3}
out=${OUT:-${TMPDIR:-/tmp}/samkor-peers}
world=${WORLD:-$out/world-$persons-$rows}
venv=${VENV:-$out/venv}
samkor=${SAMKOR:-$root/target/release/samkor}

mkdir -p "$out"
if [ ! -x "$samkor" ]; then
    (cd "$root" && cargo build --release)
fi
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
# Exactly the versions of requirements.txt; installs nothing when they stand.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
if [ ! -f "$world/samkor.toml" ]; then
    "$samkor" synth "$world" --persons "$persons" --rows "$rows" --seed 1 --plain
fi
"$venv/bin/python" "$here/measure.py" "$samkor" "$world" "$out/runs" "$rounds"
