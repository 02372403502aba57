"""Runs samkor, DuckDB and polars in turn on one world, checks that they agree, and prints medians, ratios and peak memory.
Usage: measure.py SAMKOR WORLD OUT ROUNDS"""
import os, shutil, statistics, subprocess, sys, time
from pathlib import Path

here = Path(__file__).resolve().parent
samkor, world, out, rounds = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
out.mkdir(parents=True, exist_ok=True)
commands = {
    "samkor": lambda into: [samkor, "run", world / "samkor.toml", "--out", into, "--threads", "2", "--progress", "never"],
    "DuckDB": lambda into: [sys.executable, here / "peer_duckdb.py", world, into],
    "polars": lambda into: [sys.executable, here / "peer_polars.py", world, into],
}


def run(name):
    """Seconds, seconds of processor and peak MB of one run; its output directory is new."""
    into = out / name.lower()
    shutil.rmtree(into, ignore_errors=True)
    with open(out / f"{name.lower()}.log", "wb") as log:
        start = time.monotonic()
        child = subprocess.Popen([str(part) for part in commands[name](into)], stdout=log, stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
    if status:
        sys.exit(f"{name} failed: see {out / name.lower()}.log")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


results = {name: [] for name in commands}
for number in range(rounds):
    for name in commands:
        results[name].append(run(name))
        seconds, processor, memory = results[name][-1]
        print(f"round {number + 1}  {name}: {seconds:6.2f} s, {processor:6.2f} s of processor, {memory:6.0f} MB, load {os.getloadavg()[0]:.1f}", flush=True)
    if number == 0:
        for name in ("DuckDB", "polars"):
            print(f"samkor and {name}, by person id:", flush=True)
            if subprocess.run([sys.executable, here / "compare.py", world, out / "samkor", out / name.lower(), name.lower()]).returncode:
                sys.exit(f"samkor and {name} do not agree")

median = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in results.items()}
print("\n| | seconds | samkor's share | of processor | samkor's share | peak MB |\n|---|---|---|---|---|---|")
for name, (seconds, processor, memory) in median.items():
    print(f"| {name} | {seconds:.2f} | {median['samkor'][0] / seconds:.2f} | {processor:.2f} | {median['samkor'][1] / processor:.2f} | {memory:.0f} |")
print(f"\nmedians of {rounds} alternating rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")
