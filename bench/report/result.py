# SPDX-License-Identifier: GPL-2.0
"""What is kept of a benchmark: one JSON file a command, with machine, kernel, commit and
every run's numbers. Reads and writes it; what else it is given is refused with a reason."""
import dataclasses
import json
import math
import os
import re
import statistics

FORMAT = "plait-bench-1"
BETTER = ("higher", "lower", None)      # None: a figure that nobody judges


class ResultError(Exception):
    """Something that cannot be used, and what would be right."""


@dataclasses.dataclass
class Series:
    """One thing measured, over and over."""
    name: str
    unit: str
    runs: list
    better: str = None
    group: str = None                   # what it is shown with; by its name if None
    instructions_per_packet: float = None
    items: int = None                   # things that a run is the time of, if more than one

    @property
    def median(self):
        return statistics.median(self.runs)

    @property
    def reach(self):
        """Greatest distance of a run from the median, as a share of that; None of one run."""
        if len(self.runs) < 2 or not self.median:
            return None
        return max(abs(run - self.median) for run in self.runs) / abs(self.median)

    @property
    def spread(self):
        """Distance between the quartiles, as a share of the median; None of fewer than 3."""
        if len(self.runs) < 3 or not self.median:
            return None
        low, _, high = statistics.quantiles(self.runs, n=4, method="inclusive")
        return (high - low) / abs(self.median)


@dataclasses.dataclass
class Profile:
    """Where a row's instructions a packet go."""
    row: str
    instructions: float
    stages: list                        # of (name, instructions), in order


@dataclasses.dataclass
class Bar:
    """A figure with the target that it is held against, "" if there is none."""
    name: str
    value: float
    target: str

    def met(self):
        """Of one with a target: "2.3" is the least, "<= 4000" the most."""
        most = re.match(r"<= *(\S+)$", self.target)
        return self.value <= float(most[1]) if most else self.value >= float(self.target)


@dataclasses.dataclass
class Result:
    bench: str
    command: str
    date: str
    commit: str
    changed: bool                       # the tree had changes that are in no commit
    machine: dict                       # cpu, cpus, kernel; of a guest guest_kernel, qemu
    series: list = dataclasses.field(default_factory=list)
    profiles: list = dataclasses.field(default_factory=list)
    bars: list = dataclasses.field(default_factory=list)
    trials: list = dataclasses.field(default_factory=list)
    raw: list = dataclasses.field(default_factory=list)


def load(path):
    """A JSON object out of a file."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as error:
        raise ResultError(f"{path}: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ResultError(f"{path} is no whole JSON document ({error}): was it cut off?") from error
    if not isinstance(document, dict):
        raise ResultError(f"{path}: holds no JSON object, so it is no result")
    return document


def number(value, where):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ResultError(f"{where}: a number is wanted, not {json.dumps(value)}")
    return value


def field(item, key, kind, where, default=...):
    """item[key], which must be of this type; with a default it may be absent."""
    if not isinstance(item, dict):
        raise ResultError(f"{where}: an object is wanted, not {json.dumps(item)[:40]}")
    value = item.get(key, default)
    if value is ...:
        raise ResultError(f"{where}: has no \"{key}\"")
    if value is not default and not isinstance(value, kind):
        raise ResultError(f"{where}: \"{key}\" cannot be {json.dumps(value)[:40]}")
    return value


def series(item, where):
    name = field(item, "name", str, where)
    where = f"{where}: {name}"
    runs = [number(run, where) for run in field(item, "runs", list, where)]
    if not runs:
        raise ResultError(f"{where}: has no runs")
    better = field(item, "better", str, where, None)
    if better not in BETTER:
        raise ResultError(f"{where}: \"better\" is higher or lower, not {json.dumps(better)}")
    cost = item.get("instructions_per_packet")
    return Series(name, field(item, "unit", str, where), runs, better,
                  field(item, "group", str, where, None),
                  None if cost is None else number(cost, where),
                  field(item, "items", int, where, None))


def profile(item, where):
    row = field(item, "row", str, where)
    where = f"{where}: profile {row}"
    stages = [(field(stage, "stage", str, where),
               number(stage.get("instructions"), where))
              for stage in field(item, "stages", list, where)]
    if not stages:
        raise ResultError(f"{where}: has no stages")
    return Profile(row, number(item.get("instructions"), where), stages)


def bar(item, where):
    name = field(item, "name", str, where)
    return Bar(name, number(item.get("value"), f"{where}: {name}"),
               field(item, "target", str, where))


def trial(item, where):
    """Of latency: a path's round trips at a rate."""
    field(item, "name", str, where)
    field(item, "size", (str, type(None)), where)
    number(item.get("rate"), f"{where}: a trial's \"rate\"")
    loss = field(item, "loss", (int, float, type(None)), where)
    for name, value in field(item, "percentiles", dict, f"{where}: a trial").items():
        number(value, f"{where}: {name}")
    return item | {"loss": loss}


def of_document(document, where):
    """A Result out of what was read; where: what to call it in errors."""
    if document.get("format") != FORMAT:
        raise ResultError(f"{where}: is no result of ./run bench "
                          f"(its \"format\" is {json.dumps(document.get('format'))}, "
                          f"not \"{FORMAT}\")")
    strings = {key: field(document, key, str, where)
               for key in ("bench", "command", "date", "commit")}
    machine = field(document, "machine", dict, where)
    for key in ("cpu", "kernel"):
        field(machine, key, str, f"{where}: machine")
    lists = {key: field(document, key, list, where, [])
             for key in ("series", "profiles", "bars", "trials", "raw")}
    return Result(**strings, changed=field(document, "changed", bool, where), machine=machine,
                  series=[series(item, where) for item in lists["series"]],
                  profiles=[profile(item, where) for item in lists["profiles"]],
                  bars=[bar(item, where) for item in lists["bars"]],
                  trials=[trial(item, where) for item in lists["trials"]], raw=lists["raw"])


def read(path):
    return of_document(load(path), path)


def read_all(folder):
    """Name to Result, of each NAME.json."""
    if not os.path.isdir(folder):
        return {}
    return {name[:-5]: read(os.path.join(folder, name))
            for name in sorted(os.listdir(folder)) if name.endswith(".json")}


def compact(value):
    """Six digits are more than any run repeats."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def document_of(result):
    document = {"format": FORMAT} | dataclasses.asdict(result)
    for item in document["series"]:
        item["runs"] = [compact(run) for run in item["runs"]]
        for key in ("better", "group", "instructions_per_packet", "items"):
            if item[key] is None:
                del item[key]
    for item in document["profiles"]:
        item["stages"] = [{"stage": name, "instructions": cost} for name, cost in item["stages"]]
    for key in ("series", "profiles", "bars", "trials", "raw"):
        if not document[key]:
            del document[key]
    return document


def write(result, path):
    """One line an entry, so that a git diff shows which have changed."""
    lines = []
    for key, value in document_of(result).items():
        if isinstance(value, list):
            entries = ",\n  ".join(json.dumps(entry) for entry in value)
            lines.append(f" {json.dumps(key)}: [\n  {entries}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
