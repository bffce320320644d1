# SPDX-License-Identifier: GPL-2.0
"""From what each benchmark writes to what result.py keeps."""
import re

from result import (Bar, ResultError, Series, field, load, number, of_document, profile,
                    series)

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
# Of plaitbench's outcomes: what it looked for, the first that one has.
SEARCHED = {"packets_per_second": ("packets/s", "higher"), "bits_per_second": ("bit/s", "higher"),
            "requests_per_second": ("requests/s", "higher"), "packets": ("packets", "higher")}
BAR = re.compile(r"(?:bar: (\S+) = (\S+) \(target (.+)\)|figure: (\S+) = (\S+))$")


def of_google_benchmark(document, where):
    """Each repetition's CPU time: a busy machine takes time away, and does no work for it.
    Also what failed, as "name: why"."""
    found, failed = {}, []
    entries = field(document, "benchmarks", list, where)
    for entry in entries:
        field(entry, "name", str, where)
    # As they stand in the program, whatever turns they ran in.
    for entry in sorted(entries, key=lambda entry: (entry.get("family_index", 0),
                                                    entry.get("per_family_instance_index", 0))):
        name = field(entry, "run_name", str, where, entry["name"])
        if entry.get("error_occurred"):
            failed.append(f"{name}: {entry.get('error_message', 'no reason given')}")
        elif entry.get("run_type", "iteration") == "iteration":
            unit = entry.get("time_unit")
            if unit not in NANOSECONDS:
                raise ResultError(f"{where}: {name}: no \"time_unit\" that is known: {unit}")
            time = number(entry.get("cpu_time"), f"{where}: {name}") * NANOSECONDS[unit]
            of_name = found.setdefault(name, Series(name, "ns", [], "lower"))
            of_name.runs.append(time)
            items = round(entry.get("items_per_second", 0) * time / 1e9)
            of_name.items = items if items > 1 else None
    if entries and not found and not failed:
        raise ResultError(f"{where}: holds aggregates only: measure without "
                          "--benchmark_report_aggregates_only")
    return list(found.values()), sorted(set(failed))


def of_rows(document, where):
    """report.awk's and flood.awk's rows. A rate of the guest's is better if it is higher."""
    rows = [series(item, where) for item in field(document, "rows", list, where)]
    for row in rows:
        if row.better is None and row.unit.endswith("/1e9 instructions"):
            row.better = "higher"
    return rows


def of_stages(document, where):
    return profile(document, where)


def of_bars(text):
    """The "bar: NAME = VALUE (target TARGET)" and "figure: NAME = VALUE" lines of an output."""
    found = (BAR.match(line) for line in text.splitlines())
    return [Bar(match[1] or match[4], float(match[2] or match[5]), match[3] or "")
            for match in found if match]


def of_plaitbench(document, where):
    """A report of plaitbench --json: series of what it searched for, and latency's trials, each
    with its rate and percentiles. Both have the name of the device's kind."""
    if document.get("error"):
        raise ResultError(f"{where}: plaitbench did not get to its end: {document['error']}")
    client = field(document, "client", dict, where)
    device = field(client, "device", dict, f"{where}: client")
    kind = device.get("kind") or field(device, "name", str, f"{where}: client's device")
    found, trials = [], []
    for outcome in field(document, "results", list, where):
        test = field(outcome, "test", str, where)
        size = outcome.get("size")
        name = f"{test}-{kind}" + (f"-{size}" if size else "")
        at = f"{where}: {name}"
        for key, (unit, better) in SEARCHED.items():
            if key in outcome:
                found.append(Series(name, unit, [number(outcome[key], at)], better, test))
                break
        for trial in field(outcome, "trials", list, at) if test == "latency" else ():
            times = field(trial, "round_trip", dict, at)
            if number(times.get("count"), f"{at}: count"):
                trials.append({"name": kind, "size": size, "loss": trial.get("loss"),
                               "rate": number(trial.get("sent_rate"), f"{at}: sent_rate"),
                               "percentiles": {key: number(value, f"{at}: {key}")
                                               for key, value in times.items()
                                               if key.endswith("_us")}})
    if not (found or trials):
        raise ResultError(f"{where}: plaitbench measured nothing there")
    return found, trials


def origin_of_plaitbench(document, where):
    """Command, time, commit and machine, which its report has: it need not be this one."""
    client = field(document, "client", dict, where)
    in_client = f"{where}: client"
    return (field(document, "command", str, where), field(document, "time", str, where),
            field(client, "commit", (str, type(None)), in_client, None) or "unknown",
            {"cpu": field(client, "cpu", str, in_client), "cpus": client.get("cpus"),
             "kernel": field(client, "release", str, in_client)})


def load_series(path):
    """Series and machine of any file that has some: a kept result, or Google Benchmark's own
    output, whose machine is None."""
    document = load(path)
    if "benchmarks" in document:
        return of_google_benchmark(document, path)[0], None
    kept = of_document(document, path)
    return kept.series, kept.machine
