#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""clang-tidy over each C++ file that a build compiles; what was found clean is kept.

usage: tidy.py SOURCE BUILD

BUILD has the compile_commands.json. A file is looked at again when it, a header, its
command, a .clang-tidy or clang-tidy has changed; that is kept by a hash, in the cache.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

# Its static analyzer follows short paths only: all of them take three times as long as
# everything else together.
TIDY = ["clang-tidy", "-quiet"] + [
    f"-extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")]
KEPT_DAYS = 60


def words_of(entry):
    """A compile command without what it writes, and without ccache."""
    words, kept = iter(shlex.split(entry["command"])), []
    for word in words:
        if word in ("-o", "-MF", "-MT", "-MQ"):
            next(words)
        elif word not in ("-c", "-MD", "-MMD", entry["file"]) and "ccache" not in word:
            kept.append(word)
    return kept


class Tidy:
    def __init__(self, source, build):
        self.source, self.build = source, build
        home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        self.cache = pathlib.Path(home) / "plait" / "tidy"
        self.cache.mkdir(parents=True, exist_ok=True)
        self.version = subprocess.run(["clang-tidy", "--version"], check=True,
                                      capture_output=True).stdout

    def key(self, entry):
        """A hash of all that the verdict depends on; None if it does not compile."""
        words = words_of(entry)
        deps = subprocess.run([*words, "-M", "-w", entry["file"]], text=True,
                              cwd=entry["directory"], capture_output=True, check=False)
        if deps.returncode:
            return None
        of = hashlib.sha256(self.version + " ".join([*TIDY, *words]).replace(
            str(self.source), "").encode())
        names = deps.stdout.replace("\\\n", " ").split(":", 1)[1].split()
        for folder in pathlib.Path(entry["file"]).relative_to(self.source).parents:
            names.append(str(self.source / folder / ".clang-tidy"))
        for name in names:
            path = pathlib.Path(entry["directory"], name)
            if path.is_relative_to(self.source):
                of.update(path.read_bytes() if path.exists() else b"-")
            else:
                of.update(f"{path} {path.stat().st_size}".encode())
        return of.hexdigest()

    def look(self, entry):
        """What clang-tidy says of the file; None if it was known to be nothing."""
        key = self.key(entry)
        kept = self.cache / key if key else None
        if kept and kept.exists():
            kept.touch()
            return None
        said = subprocess.run([*TIDY, "-p", self.build, entry["file"]], text=True,
                              capture_output=True, check=False)
        found = [line for line in said.stdout.splitlines()
                 if re.match(rf"{re.escape(str(self.source))}/.* (warning|error): ", line)]
        if said.returncode and not found:
            found = [f"{entry['file']}: clang-tidy ended with {said.returncode}", said.stderr]
        if kept and not found:
            kept.touch()
        return found

    def forget_old(self):
        for kept in self.cache.iterdir():
            if kept.stat().st_mtime < time.time() - KEPT_DAYS * 86400:
                kept.unlink(missing_ok=True)


def main():
    source, build = (pathlib.Path(arg).resolve() for arg in sys.argv[1:3])
    entries = {entry["file"]: entry
               for entry in json.loads((build / "compile_commands.json").read_text())
               if entry["file"].endswith(".cpp") and not entry["file"].startswith(f"{build}/")}
    if len(entries) < 50:
        sys.exit(f"FAILED: {len(entries)} C++ files in {build}: too few")
    tidy = Tidy(source, build)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(tidy.look, entries.values()))
    tidy.forget_old()
    lines = sorted({line for found in said for line in found or []})
    print(*lines, sep="\n", end="\n" if lines else "")
    looked = sum(found is not None for found in said)
    print(f"clang-tidy: {len(entries)} files, {len(entries) - looked} known to be clean")
    sys.exit("FAILED: clang-tidy has something to say" if lines else 0)


main()
