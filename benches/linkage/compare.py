"""Runs samkor, Splink and recordlinkage on every set, one after the other, and prints one table.

compare.py SAMKOR DATA OUT. All three are measured here, by one rule, against the truth column of the files: pairs as
they stand, and all pairs within the groups that the pairs make (across the files where there are two).
"""

import csv
import json
import pathlib
import resource
import subprocess
import sys
import time
from collections import Counter

from sets import SETS

here = pathlib.Path(__file__).parent
samkor, data, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])


def column(file, heading):
    with open(data / file, encoding="utf-8", newline="") as text:
        return [row[heading].strip() for row in csv.DictReader(text, skipinitialspace=True)]


def run(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=here)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ran.returncode:
        sys.exit(f"{command[0]} failed:\n{ran.stderr[-2000:]}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ran.stdout


def by_samkor(name, work, directory):
    spec = directory / "spec.toml"
    spec.write_text(work.get("spec", ""), encoding="utf-8")
    files = [str(data / file) for file in work["files"]]
    seconds, processor, _ = run(
        [str(samkor), "link", *files, "--spec", str(spec), "--out", str(directory / "samkor"), "--replace", "--json"]
    )
    with open(directory / "samkor" / "par.csv", encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text, delimiter=";")
        return seconds, processor, {(int(row["venstre_raekke"]) - 1, int(row["hoejre_raekke"]) - 1) for row in rows}


def by_peer(script):
    def work(name, _, directory):
        pairs = directory / "pairs.csv"
        seconds, processor, _ = run([sys.executable, str(here / script), str(data), name, str(pairs)])
        with open(pairs, encoding="utf-8", newline="") as text:
            return seconds, processor, {(int(one), int(other)) for one, other in csv.reader(text)}

    return work


def score(found, right, true):
    precision, recall = (right / found if found else 1.0), (right / true if true else 1.0)
    return precision, recall, (2 * right / (found + true) if found + true else 1.0)


def evaluate(work, pairs):
    files = work["files"]
    persons = [column(file, work["truth"]) for file in files]
    two = len(files) > 1
    if two:
        left, right = Counter(persons[0]), Counter(persons[1])
        true = sum(count * right[person] for person, count in left.items())
    else:
        persons = persons * 2
        pairs = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
        true = sum(count * (count - 1) // 2 for count in Counter(persons[0]).values())
    correct = sum(persons[0][one] == persons[1][other] for one, other in pairs)
    result = [score(len(pairs), correct, true)]
    group = {}

    def top(node):
        while group.setdefault(node, node) != node:
            group[node] = group[group[node]]
            node = group[node]
        return node

    for one, other in pairs:
        group[top((0, one))] = top((int(two), other))
    members = {}
    for node in list(group):
        members.setdefault(top(node), []).append(node)
    found = correct = 0
    for nodes in members.values():
        of = [Counter(persons[side][row] for at, row in nodes if at == side) for side in (0, 1)]
        size = [sum(side.values()) for side in of]
        found += size[0] * size[1] if two else size[0] * (size[0] - 1) // 2
        correct += sum(count * (of[1][person] if two else (count - 1) / 2) for person, count in of[0].items())
    result.append(score(found, int(correct), true))
    household = None
    if "household" in work:
        home = [column(file, work["household"]) for file in files]
        wrong = [pair for pair in pairs if persons[0][pair[0]] != persons[1][pair[1]]]
        household = sum(home[0][one] == home[1][other] for one, other in wrong) / max(len(pairs), 1)
    return result, household


print("| set | | precision | recall | F1 | clustered F1 | wrong in one household | seconds | of processor |")
print("|---|---|---|---|---|---|---|---|---|")
answers = []
for name, work in SETS.items():
    directory = out / name.replace(" ", "-")
    directory.mkdir(parents=True, exist_ok=True)
    for tool, by in (
        ("samkor", by_samkor), ("Splink", by_peer("peer_splink.py")), ("recordlinkage", by_peer("peer_recordlinkage.py")),
    ):
        seconds, processor, pairs = by(name, work, directory)
        ((precision, recall, f1), (_, _, clustered)), household = evaluate(work, pairs)
        wrong = "" if household is None else f"{100 * household:.2f} %"
        print(
            f"| {name} | {tool} | {precision:.4f} | {recall:.4f} | {f1:.4f} | {clustered:.4f} | {wrong} "
            f"| {seconds:.2f} | {processor:.2f} |",
            flush=True,
        )
        answers.append({"set": name, "tool": tool, "precision": precision, "recall": recall, "f1": f1,
                        "clustered": clustered, "household": household, "seconds": seconds, "processor": processor})
(out / "table.json").write_text(json.dumps(answers, indent=1), encoding="utf-8")
