# SPDX-License-Identifier: GPL-2.0
"""Plots by gnuplot, as SVG. The same numbers give the same file, whenever it is made."""
import subprocess

from groups import colour_of, label_of
from result import ResultError

PALETTE = (0x1f6f8b, 0x4fa3bd, 0xd08c2f, 0xb5483a, 0x5b8c5a, 0x8a6fa8, 0xc2a83e, 0x7a5c46,
           0x4a5568, 0x9aa0a6)
AEAD = "AEAD"                           # how stages that are the cipher's begin
ROW_HEIGHT, MARGINS = 26, 96            # pixels
WIDTH = 860


def quoted(text):
    """A gnuplot string: within '...' nothing but a quote is special; a line's end would end it."""
    return "'" + "".join(c if c.isprintable() else " " for c in text).replace("'", "''") + "'"


def block(name, rows):
    """A gnuplot datablock, of numbers."""
    lines = (" ".join(f"{value:.6g}" if isinstance(value, float) else str(value) for value in row)
             for row in rows)
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def draw(path, script, height):
    head = (f"set terminal svg size {WIDTH},{height} dynamic noenhanced background '#ffffff' "
            "font 'sans-serif,13'\n"
            f"set output {quoted(path)}\n"
            "set border 3 lc rgb '#4a5568'\nset tics nomirror out\nset style fill solid 1 noborder\n")
    try:
        done = subprocess.run(["gnuplot"], input=head + script, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError as error:
        raise ResultError("gnuplot is not there: Debian's gnuplot-nox has it, "
                          "./run report installs it") from error
    if done.returncode:
        raise ResultError(f"gnuplot made no {path}: {done.stdout.strip()}")


def rows_axis(labels, title, unit, highest):
    """Rows from top to bottom, as bars lie."""
    ticks = ", ".join(f"{quoted(label)} {i}" for i, label in enumerate(labels))
    return (f"set title {quoted(title)}\nset xlabel {quoted(unit)}\n"
            f"set yrange [{len(labels) - 0.4}:-0.6]\nset xrange [0:{highest:.6g}]\n"
            f"set ytics scale 0 ({ticks})\nset grid xtics lc rgb '#e5e7eb'\n"
            "set key off\n")


def bars(path, title, members, target=None):
    """A bar a series: the median, with the lowest and the highest run, and a line at target."""
    highest = max(max(series.runs) for series in members) * 1.18
    if highest <= 0:
        highest = 1
    rows = [(series.median, i, 0, series.median, i - 0.36, i + 0.36, colour_of(series))
            for i, series in enumerate(members)]
    reach = [(series.median, i, float(min(series.runs)), float(max(series.runs)))
             for i, series in enumerate(members)]
    script = rows_axis([label_of(series) for series in members], title, members[0].unit, highest)
    for i, series in enumerate(members):
        script += (f"set label {quoted(f'{series.median:.4g}')} "
                   f"at {max(series.runs) + highest * 0.008:.6g},{i} left\n")
    if target is not None:
        script += (f"set arrow from {target},graph 0 to {target},graph 1 nohead dt 2 "
                   "lc rgb '#111827' front\n")
    script += block("bars", rows) + block("reach", reach)
    script += ("plot $bars using 1:2:3:4:5:6:7 with boxxyerror lc rgb variable, "
               "$reach using 1:2:3:4 with xerrorbars pt 0 lc rgb '#111827'\n")
    draw(path, script, MARGINS + ROW_HEIGHT * len(members))


def aead_of(profile):
    return sum(cost for name, cost in profile.stages if name.startswith(AEAD))


def stages(path, title, profiles):
    """Each row's instructions a packet in stages, the AEAD first: its end is the floor."""
    names = []
    for profile in profiles:
        names += [name for name, _ in profile.stages if name not in names]
    names.sort(key=lambda name: not name.startswith(AEAD))          # stable: others keep order
    highest = max(sum(cost for _, cost in profile.stages) for profile in profiles) * 1.12
    script = rows_axis([profile.row for profile in profiles], title, "instructions a packet",
                       highest)
    script += "set key outside right top vertical reverse Left\n"
    plots = []
    begin = [0.0] * len(profiles)
    for n, name in enumerate(names):
        rows = []
        for i, profile in enumerate(profiles):
            end = begin[i] + dict(profile.stages).get(name, 0)
            rows.append((begin[i], i, begin[i], float(end), i - 0.3, i + 0.3))
            begin[i] = end
        script += block(f"stage{n}", rows)
        plots.append(f"$stage{n} using 1:2:3:4:5:6 with boxxyerror "
                     f"lc rgb {PALETTE[n % len(PALETTE)]} title {quoted(name)}")
    for i, profile in enumerate(profiles):
        floor = aead_of(profile)
        script += f"set label '{begin[i]:.0f}' at {begin[i] + highest * 0.01:.6g},{i} left\n"
        if floor:
            script += (f"set arrow from {floor:.6g},{i - 0.42} to {floor:.6g},{i + 0.42} nohead "
                       f"lw 2 lc rgb '#111827' front\n"
                       f"set label 'floor {floor:.0f}' at {floor:.6g},{i - 0.42} offset 0.3,0.3 "
                       "left front\n")
    draw(path, script + "plot " + ", ".join(plots) + "\n", MARGINS + 70 + 56 * len(profiles))


def lines(path, title, x_label, y_label, curves):
    """curves: name to [(x, y)]; y is logarithmic, since tails are."""
    script = (f"set title {quoted(title)}\nset xlabel {quoted(x_label)}\n"
              f"set ylabel {quoted(y_label)}\nset logscale y\nset xrange [0:*]\n"
              "set grid lc rgb '#e5e7eb'\nset key outside right top vertical reverse Left\n")
    plots = []
    for n, (name, points) in enumerate(curves.items()):
        script += block(f"curve{n}", [(float(x), float(y)) for x, y in sorted(points)])
        plots.append(f"$curve{n} using 1:2 with linespoints pt 7 ps 0.6 lw 2 "
                     f"lc rgb {PALETTE[n % len(PALETTE)]} title {quoted(name)}")
    draw(path, script + "plot " + ", ".join(plots) + "\n", 420)
