# SPDX-License-Identifier: GPL-2.0
"""The page: of each result what it was measured on, its bars, plots and tables. All that it
says comes from results: no figure is written here."""
import re

import plot
from groups import group_of, grouped, label_of, reference_of

# What a whole page has: bench, what it is, what makes it.
EXPECTED = (
    ("guest", "Data paths in one guest, by instructions", "./run bench guest"),
    ("flood", "A flood of forged datagrams", "./run bench flood"),
    ("micro", "The engine and the ciphers on this CPU", "./run bench micro"),
    ("xdp", "The XDP filter on this CPU", "./run bench xdp"),
    ("pmd", "The engine in a DPDK poll-mode loop", "./run bench pmd"),
    ("plaitbench", "Rates and latency by plaitbench",
     "plaitbench ... --json >FILE, then ./run bench keep plaitbench FILE..."),
)
DRAWN = ("p50_us", "p99_us")            # of latency's percentiles; its table has them all
HEAD = """<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- Made by `./run report`, in docs/ with --keep. Not to be edited. -->
# Performance

Made by `./run report`, in docs/ by `./run report --keep` of what is kept in `bench/results/`.
How each is measured, and what it cannot show: [bench/README.md]({readme}); why bars are missed:
[how far a bar can be reached]({readme}#how-far-a-bar-can-be-reached). Plots have medians, with the lowest and the
highest run; *±* is the greatest distance of a run from the median.
"""


def si(value):
    """Four digits; no exponent below 10^7."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 0.001 else f"{value:.2e}"


def percent(share):
    return "" if share is None else f"{100 * share:.1f} %"


def table(head, rows):
    """Markdown. The first column is text, others are numbers."""
    lines = ["| " + " | ".join(head) + " |",
             "| " + " | ".join(["---"] + ["--:"] * (len(head) - 1)) + " |"]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
              for row in rows]
    return "\n".join(lines) + "\n"


def title_of(name, result):
    titles = {bench: title for bench, title, _ in EXPECTED}
    title = titles.get(result.bench, result.bench)
    return title if name == result.bench else f"{title}: {name}"


def provenance(result, link):
    machine = result.machine
    where = f"{machine['cpu']}, {machine.get('cpus', '?')} CPUs, Linux {machine['kernel']}"
    if "guest_kernel" in machine:
        where += f"; guest: Linux {machine['guest_kernel']} in QEMU {machine.get('qemu', '?')}"
    changed = " with changes that are in no commit" if result.changed else ""
    return (f"`{result.command}`, {result.date}, commit `{result.commit[:12]}`{changed}. {where}. "
            f"[Every run]({link}).\n")


def series_table(members):
    """Columns that no row has anything for are left out."""
    columns = [("", [label_of(series) for series in members]),
               (members[0].unit, [si(series.median) for series in members]),
               ("±", [percent(series.reach) for series in members]),
               ("runs", [len(series.runs) for series in members])]
    if any(series.instructions_per_packet for series in members):
        columns.append(("instructions a packet", [si(series.instructions_per_packet or 0)
                                                  for series in members]))
    references = [reference_of(series, members) for series in members]
    if any(references):
        columns.append(("× WireGuard", [f"{series.median / of.median:.2f}" if of and of.median
                                        else "" for series, of in zip(members, references)]))
    return table([name for name, _ in columns], zip(*(cells for _, cells in columns)))


def file_name(*words):
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-") + ".svg"


class Page:
    """Text as it grows, and the plots to be made for it."""

    def __init__(self, readme):
        self.text = HEAD.format(readme=readme)
        self.plots = {}                         # file name to (function, arguments)

    def add(self, text):
        self.text += "\n" + text

    def picture(self, name, what, function, *arguments):
        self.plots[name] = (function, arguments)
        self.add(f"![{what}](performance/{name})\n")

    def bars(self, results):
        """Each once: a look with other words than usual comes behind the whole. On another
        kernel a bar has another target."""
        rows = {}
        for result in results.values():
            for bar in result.bars:
                key = bar.name, bar.target
                if bar.target and key not in rows:
                    rows[key] = (bar.name, si(bar.value), bar.target,
                                 "met" if bar.met() else "missed", f"`{result.command}`")
        if rows:
            self.add("## Bars\n")
            self.add(table(("bar", "measured", "target", "", "by"), rows.values()))

    def result(self, name, result, link):
        self.add(f"## {title_of(name, result)}\n")
        self.add(provenance(result, link))
        pictured = result.bench not in ("micro", "xdp")     # tables of many small things
        targets = {bar.target for bar in result.bars if bar.target}
        figures = [(bar.name, si(bar.value)) for bar in result.bars if not bar.target]
        if figures:
            self.add("### Figures without a target\n")
            self.add(table(("figure", "measured"), figures))
        for (group, unit), members in grouped(result.series).items() if pictured else ():
            self.add(f"### {group}, {unit}\n")
            target = None
            if group == "goodput" and len(targets) == 1:
                target = float(next(iter(targets)))
            self.picture(file_name(name, group, unit.split("/")[0]), f"{group}, {unit}",
                         plot.bars, f"{group}: {unit}", members, target)
            self.add(series_table(members))
        if not pictured:
            self.times(result.series)
        if result.profiles:
            self.stages(name, result.profiles)
        if result.trials:
            self.latency(name, result.trials)

    def times(self, all_series):
        several = any(series.items for series in all_series)
        self.add(table(["", "ns"] + ["ns an item"] * several + ["±", "runs"],
                       [[series.name, si(series.median)]
                        + [si(series.median / (series.items or 1))] * several
                        + [percent(series.reach), len(series.runs)] for series in all_series]))

    def stages(self, name, profiles):
        self.add("### Where a packet's instructions go\n")
        self.picture(file_name(name, "stages"), "instructions a packet by stage",
                     plot.stages, "instructions a packet by stage; the cipher is the floor",
                     profiles)
        stages = dict.fromkeys(stage for profile in profiles for stage, _ in profile.stages)
        rows = [[stage] + [si(dict(profile.stages).get(stage, 0)) for profile in profiles]
                for stage in stages]
        rows.append(["all"] + [si(profile.instructions) for profile in profiles])
        floors = [plot.aead_of(profile) for profile in profiles]
        rows.append(["AEAD, the floor"] + [si(floor) for floor in floors])
        rows.append(["all by floor"] + [f"{profile.instructions / floor:.2f}" if floor else ""
                                        for profile, floor in zip(profiles, floors)])
        self.add("A sample belongs to the innermost function that is known to be a stage's: "
                 "memcpy, locks and allocation count for who calls them. *stack* is what the "
                 "kernel does for any packet, and in WireGuard's column more than in plait's, "
                 "as its packets go up and down one by one. The floor is each one's own AEAD.\n")
        self.add(table(["instructions a packet"] + [profile.row for profile in profiles], rows))

    def latency(self, name, trials):
        """A plot a size: a curve for each path and each of DRAWN."""
        self.add("### Latency by rate\n")
        for size in dict.fromkeys(trial["size"] for trial in trials):
            of_size = [trial for trial in trials if trial["size"] == size]
            curves = {}
            for trial in of_size:
                for percentile in DRAWN:
                    if percentile in trial["percentiles"]:
                        curves.setdefault(f"{trial['name']} {percentile[:-3]}", []).append(
                            (trial["rate"], trial["percentiles"][percentile]))
            title = f"round trip by rate, packets of {size} octets"
            self.picture(file_name(name, "latency", str(size)), title, plot.lines, title,
                         "packets a second", "microseconds", curves)
            columns = list(dict.fromkeys(key for trial in of_size for key in trial["percentiles"]))
            self.add(table(["", "packets/s", "lost"] + columns,
                           [[f"{trial['name']}, {size}", si(trial["rate"]), percent(trial["loss"])]
                            + [si(trial["percentiles"][key]) if key in trial["percentiles"] else ""
                               for key in columns] for trial in of_size]))

    def lacking(self, results):
        missing = lacking(results)
        if missing:
            self.add("## Not in this page\n")
            self.add("Nothing is kept of these; each is made by its command:\n")
            self.add("\n".join(f"- {title}: `{command}`" for _, title, command in missing) + "\n")


def lacking(results):
    """Those of EXPECTED that no result is of."""
    there = {result.bench for result in results.values()}
    return [expected for expected in EXPECTED if expected[0] not in there]


def ordered(results):
    """As EXPECTED has them, then others."""
    order = {bench: i for i, (bench, _, _) in enumerate(EXPECTED)}
    return dict(sorted(results.items(),
                       key=lambda item: (order.get(item[1].bench, len(order)), item[0])))


def make(results, readme, link):
    """results: name to Result. link: from a name to where its file is, seen from the page."""
    page = Page(readme)
    results = ordered(results)
    page.bars(results)
    for name, result in results.items():
        page.result(name, result, link(name))
    page.lacking(results)
    return page
