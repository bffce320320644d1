#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes one result of what a benchmark has left, with machine, kernel and commit."""
import argparse
import datetime
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True          # a tree that was measured stays as it is
# pylint: disable=wrong-import-position
import convert                          # noqa: E402
from result import Result, ResultError, load, write

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What the report itself writes makes a tree no other.
OF_THE_REPORT = (":!bench/results", ":!docs/performance", ":!docs/performance.md")


def text_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise ResultError(f"{path}: {error.strerror}") from error


def output_of(*words):
    """A command's output, or None if it fails or is not there."""
    try:
        return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def commit():
    """The commit, and whether the tree has anything else."""
    head = output_of("git", "-C", TOP, "rev-parse", "HEAD")
    if head is None:
        return "unknown", False
    changes = output_of("git", "-C", TOP, "status", "--porcelain", "--", ".", *OF_THE_REPORT)
    return head.strip(), bool(changes)


def machine(console):
    models = re.findall(r"^model name\s*: (.*)$", text_of("/proc/cpuinfo"), re.MULTILINE)
    told = {"cpu": models[0] if models else os.uname().machine, "cpus": os.cpu_count(),
            "kernel": os.uname().release}
    if console:
        booted = re.search(r"Linux version (\S+)", text_of(console))
        if not booted:
            raise ResultError(f"{console}: no line of a kernel that boots")
        told["guest_kernel"] = booted[1]
        qemu = re.search(r"version (\S+)", output_of("qemu-system-x86_64", "--version") or "")
        told["qemu"] = qemu[1] if qemu else "unknown"
    return told


def make(arguments):
    head, changed = commit()
    now = datetime.datetime.now(datetime.timezone.utc)
    made = Result(arguments.bench, arguments.command, now.strftime("%Y-%m-%dT%H:%M:%SZ"), head,
                  changed, machine(arguments.console))
    if arguments.rows:
        made.series += convert.of_rows(load(arguments.rows), arguments.rows)
    if arguments.google:
        found, failed = convert.of_google_benchmark(load(arguments.google), arguments.google)
        for line in failed:
            print(f"keep: not kept, since it failed: {line}", file=sys.stderr)
        made.series += found
    for path in arguments.stages:
        made.profiles.append(convert.of_stages(load(path), path))
    if arguments.bars:
        made.bars = convert.of_bars(text_of(arguments.bars))
    for path in arguments.plaitbench:
        document = load(path)
        found, trials = convert.of_plaitbench(document, path)
        made.series += found
        made.trials += trials
        command, made.date, made.commit, made.machine = convert.origin_of_plaitbench(document, path)
        made.changed = False
        made.command += f"; {command}"
    if arguments.raw:
        made.raw = text_of(arguments.raw).splitlines()
    if not (made.series or made.trials):
        raise ResultError(f"{arguments.bench}: nothing was measured, so nothing is kept")
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", required=True, metavar="FILE", help="the result")
    parser.add_argument("--bench", required=True, metavar="NAME")
    parser.add_argument("--command", required=True, metavar="LINE", help="what measured it")
    parser.add_argument("--console", metavar="FILE", help="of the guest that it ran in")
    parser.add_argument("--rows", metavar="FILE", help="JSON of report.awk or flood.awk")
    parser.add_argument("--google", metavar="FILE", help="JSON in Google Benchmark's form")
    parser.add_argument("--plaitbench", metavar="FILE", action="append", default=[],
                        help="JSON of plaitbench, which says itself where it ran; of a path each")
    parser.add_argument("--stages", metavar="FILE", action="append", default=[],
                        help="JSON of stages.awk; may come more than once")
    parser.add_argument("--bars", metavar="FILE", help="output with lines of the form bar: ...")
    parser.add_argument("--raw", metavar="FILE", help="lines to keep as they are")
    arguments = parser.parse_args()
    try:
        write(make(arguments), arguments.to)
    except ResultError as error:
        sys.exit(f"keep: {error}")


if __name__ == "__main__":
    main()
