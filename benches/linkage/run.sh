#!/bin/sh
# Measures samkor link beside Splink and recordlinkage. See README.md.
#   DATA=../shared/data/linkage SAMKOR=target/release/samkor OUT=dir VENV=dir benches/linkage/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${DATA:-$root/../shared/data/linkage}
out=${OUT:-${TMPDIR:-/tmp}/samkor-linkage}
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
"$venv/bin/python" "$here/compare.py" "$samkor" "$data" "$out/sets"
"$venv/bin/python" "$here/speed.py" "$samkor" "$data" "$out/speed"
