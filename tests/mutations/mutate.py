"""What the scripts beside this file share: one guard at a time is taken out of a copy of the tree, and the test named beside it must then fail.

A mutation is a name, a test, what the output of the failing test must name, and the changes: file, text that stands there once, text in
its place. A test is a filter of tests/it, or of the unit tests when it begins with "lib ".
"""

import argparse, pathlib, re, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Compiled quickly: what is proved does not depend on speed.
QUICK = ["--config", "profile.release.incremental=true", "--config", "profile.release.package.samkor.opt-level=0"]


def cargo(tree, target, test):
    """Runs one test in the tree; gives its exit code and all it printed."""
    kind = ["--lib", test.removeprefix("lib ")] if test.startswith("lib ") else ["--test", "it", test]
    command = ["cargo", "test", "--release", "--target-dir", str(target), *QUICK, *kind]
    run = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def mutated(tree, name, changes):
    """Writes the changes into the tree; gives the files as they were."""
    kept = {}
    for file, old, new in changes:
        path = tree / file
        text = path.read_text()
        kept.setdefault(path, text)
        if text.count(old) != 1:
            restore(kept)
            sys.exit(f"{name}: {old!r} stands {text.count(old)} times in {file}")
        path.write_text(text.replace(old, new))
    return kept


def restore(kept):
    for path, text in kept.items():
        path.write_text(text)


def main(description, mutations):
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--only", default="", help="only guards whose name has this word; several with | between")
    arguments.add_argument("--target", default=str(ROOT / "target"), help="a cargo target directory whose dependencies are built")
    arguments.add_argument("--check", action="store_true", help="only look whether every change still finds its text")
    arguments = arguments.parse_args()
    target = pathlib.Path(arguments.target).resolve()
    wanted = [mutation for mutation in mutations if any(word in mutation[0] for word in arguments.only.split("|"))]
    # Below the target, so that what was compiled for one guard serves the next call too. Every file is new: cargo goes by the hour.
    tree = target / "mutations" / "samkor"
    shutil.rmtree(tree, ignore_errors=True)
    ignored = shutil.ignore_patterns("target", ".git", "__pycache__")
    shutil.copytree(ROOT, tree, ignore=ignored, copy_function=shutil.copy)
    unheld = 0
    for name, test, must_name, changes in wanted:
        kept = mutated(tree, name, changes)
        if not arguments.check:
            code, output = cargo(tree, target, test)
            compiled = "error: could not compile" not in output
            failed = compiled and code != 0 and must_name in output and "FAILED" in output
            cases = sorted(set(re.findall(r"fixtures/cases/([\w-]+)\.txt", output)))
            verdict = "held" if failed else "NOT HELD" if compiled else "DOES NOT COMPILE"
            print(f"{verdict}  {name}  ->  {test}  {' '.join(cases)}", flush=True)
            if not failed:
                unheld += 1
                print("\n".join(output.splitlines()[-15:]), flush=True)
        restore(kept)
    if arguments.check:
        print(f"{len(wanted)} guards stand where they are looked for")
    shutil.rmtree(tree)
    sys.exit(1 if unheld else 0)
