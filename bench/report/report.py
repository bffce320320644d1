#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes the page with the plots, of what ./run bench has left in build/bench/results and of
what is kept in bench/results."""
import argparse
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True          # a tree that was measured stays as it is
# pylint: disable=wrong-import-position
import page                             # noqa: E402
from result import ResultError, read_all

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def relative(path):
    return os.path.relpath(path, os.getcwd())


def keep(fresh, kept):
    """New results take the place of those in the tree."""
    for name in read_all(fresh):
        os.makedirs(kept, exist_ok=True)
        shutil.copyfile(f"{fresh}/{name}.json", f"{kept}/{name}.json")
        print(f"report: kept: {relative(kept)}/{name}.json")


def page_of(places, folder):
    """The page of results: name to path, for a page in folder."""
    results = {}
    for place in places:
        results |= {name: (place, result) for name, result in read_all(place).items()}
    if not results:
        raise ResultError(f"no results in {' or '.join(map(relative, places))}: make some, as by "
                          "./run bench micro")
    made = page.make({name: result for name, (_, result) in results.items()},
                     os.path.relpath(f"{TOP}/bench/README.md", folder),
                     lambda name: os.path.relpath(f"{results[name][0]}/{name}.json", folder))
    return made, {name: result for name, (_, result) in results.items()}


def write(made, folder):
    """The page and its plots; plots that it has no more go."""
    plots = f"{folder}/performance"
    os.makedirs(plots, exist_ok=True)
    for name in os.listdir(plots):
        if name.endswith(".svg") and name not in made.plots:
            os.unlink(f"{plots}/{name}")
    for name, (function, arguments) in made.plots.items():
        function(f"{plots}/{name}", *arguments)
    with open(f"{folder}/performance.md", "w", encoding="utf-8") as file:
        file.write(made.text)


def check(made, folder):
    """Is the page in the tree that of the results in the tree?"""
    path = f"{folder}/performance.md"
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise ResultError(f"{relative(path)}: {error.strerror}: ./run report --keep makes it") \
            from error
    if text != made.text:
        raise ResultError(f"{relative(path)} is not the page of bench/results: "
                          "./run report --keep makes it")
    for name in made.plots:
        if not os.path.exists(f"{folder}/performance/{name}"):
            raise ResultError(f"{relative(folder)}/performance/{name} is lacking: "
                              "./run report --keep makes it")


def measure(top, fresh):
    """Runs each command of ./run bench that needs nothing else, unless one before it has left
    its result too; those that failed."""
    begin, failed = time.time(), []
    for bench, title, command in page.EXPECTED:
        left = f"{fresh}/{bench}.json"
        if not command.startswith("./run ") or \
                (os.path.exists(left) and os.path.getmtime(left) >= begin):
            continue
        print(f"report: {title}: {command}", flush=True)
        if subprocess.run(command.split(), cwd=top, check=False).returncode:
            failed.append(command)
    return failed


def main():
    parser = argparse.ArgumentParser(prog="./run report", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--keep", action="store_true",
                      help="copy new results to bench/results, and make docs/performance.md")
    what.add_argument("--check", action="store_true",
                      help="only say whether docs/performance.md is the page of bench/results")
    parser.add_argument("--fresh", action="store_true", help="first run the benchmarks")
    parser.add_argument("--top", default=TOP, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    top = arguments.top
    fresh, kept, docs = f"{top}/build/bench/results", f"{top}/bench/results", f"{top}/docs"
    try:
        failed = measure(top, fresh) if arguments.fresh else []
        if arguments.keep:
            keep(fresh, kept)
        in_tree = arguments.keep or arguments.check
        folder = docs if in_tree else f"{top}/build/report"
        made, results = page_of([kept] if in_tree else [kept, fresh], folder)
        if arguments.check:
            check(made, folder)
            return
        write(made, folder)
    except ResultError as error:
        sys.exit(f"report: {error}")
    for _, title, command in page.lacking(results):
        print(f"report: lacking: {title}: {command}")
    print(f"report: {relative(folder)}/performance.md, {len(made.plots)} plots")
    if failed:
        sys.exit(f"report: failed, so not new: {', '.join(failed)}")


if __name__ == "__main__":
    main()
