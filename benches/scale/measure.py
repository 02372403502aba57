"""One run of samkor: wall seconds, seconds of processor, peak MB, and wall microseconds per row.
Usage: measure.py SAMKOR WORLD OUT ROWS"""
import os, subprocess, sys, time
from pathlib import Path

samkor, world, out, rows = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
command = [samkor, "run", str(world / "samkor.toml"), "--out", out, "--replace", "--threads", "2", "--progress", "json"]
start = time.monotonic()
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
read = start
for line in child.stderr:
    if '"Regnskab og familier"' in line:
        read = time.monotonic()
_, status, usage = os.wait4(child.pid, 0)
seconds = time.monotonic() - start
if status:
    sys.exit(f"the run ended with status {status}")
size = sum(path.stat().st_size for path in (world / "ind").rglob("*") if path.is_file())
print(f"| {rows:,} | {size / 1e9:.2f} | {read - start:.1f} | {seconds - (read - start):.1f} | {seconds:.1f} | "
      f"{usage.ru_utime + usage.ru_stime:.1f} | {usage.ru_maxrss / 1000:.0f} | {1e6 * seconds / rows:.2f} |", flush=True)
