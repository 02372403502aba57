"""Measures samkor alone: speed.py SAMKOR DATA OUT [RECORDS].

Prints scored pairs per second (the stage that compares and weighs every pair that meets, on all threads), FEBRL4 end to end, and
a million made-up records deduplicated with peak memory. Stages are timed by when samkor says that they begin and end.
"""

import json
import pathlib
import resource
import subprocess
import sys
import time

samkor, data, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
records = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
out.mkdir(parents=True, exist_ok=True)


def run(*files):
    """Seconds, seconds by stage, and what samkor says; the peak memory of children only ever grows, so the largest runs last."""
    began = time.perf_counter()
    command = [samkor, "link", *files, "--out", out / "speed", "--replace", "--json", "--progress", "json"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    stages, begun = {}, {}
    for line in child.stderr:
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("event") == "stage":
            name, begun[event["name"]] = event["name"], time.perf_counter()
        elif event.get("event") == "stage-done":
            stages[name] = time.perf_counter() - begun[name]
    answer = child.stdout.read()
    if child.wait():
        sys.exit("samkor link failed")
    return time.perf_counter() - began, stages, json.loads(answer)


times = [run(data / "febrl4a.csv", data / "febrl4b.csv")[0] for _ in range(3)]
print(f"FEBRL4 end to end: {sorted(times)[1]:.2f} s (median of three)")
people = out / f"people-{records}.csv"
if not people.exists():
    subprocess.run([sys.executable, pathlib.Path(__file__).parent / "people.py", str(records), people], check=True)
seconds, stages, answer = run(people)
pairs, memory = answer["sammenlignede_par"], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"{records} records deduplicated: {seconds:.1f} s, {memory:.0f} MB at most, {answer['forbindelser']} links")
print(f"scored pairs: {pairs} in {stages['Vejer par']:.2f} s, {pairs / stages['Vejer par'] / 1e6:.2f} million per second")
print("stages: " + ", ".join(f"{name} {spent:.2f} s" for name, spent in stages.items()))
