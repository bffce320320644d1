# SPDX-License-Identifier: GPL-2.0
"""From what benchmarks write to results: awk's rows, Google Benchmark's and plaitbench's JSON."""
import copy
import os
import subprocess
import sys
import unittest

import samples
import convert
import result
from result import ResultError

GUEST = os.path.join(samples.BENCH, "guest")
KEEP = os.path.join(samples.BENCH, "report", "keep.py")


def google(**changes):
    document = copy.deepcopy(samples.GOOGLE)
    for key, value in changes.items():
        for entry in document["benchmarks"]:
            entry[key] = value
    return document


class ConvertTest(samples.FolderTest):
    def awk(self, programs, text, *variables):
        """JSON that awk makes of these lines."""
        made = os.path.join(self.folder, "made.json")
        words = ["awk", "-v", f"json={made}"]
        for variable in variables:
            words += ["-v", variable]
        for program in programs:
            words += ["-f", os.path.join(GUEST, program)]
        subprocess.run(words, input=text, text=True, check=True, stdout=subprocess.DEVNULL)
        return result.load(made)

    def test_rows_of_a_guest(self):
        rows = convert.of_rows(self.awk(("median.awk", "report.awk"), samples.GUEST_RAW), "guest")
        rows = {row.name: row for row in rows}
        self.assertEqual(list(rows), ["tcp-wireguard", "tcp-plait", "pktgen-burst-plait"])
        self.assertEqual(rows["tcp-wireguard"].runs, [1000, 800])       # 8000 bits by 8 and 10 us
        self.assertEqual(rows["tcp-wireguard"].unit, "Mbit/1e9 instructions")
        self.assertEqual(rows["tcp-wireguard"].better, "higher")
        self.assertEqual(rows["tcp-plait"].instructions_per_packet, 2 * (1408 - 52))
        self.assertEqual(rows["pktgen-burst-plait"].runs, [250])        # of 400 us
        self.assertEqual(rows["pktgen-burst-plait"].instructions_per_packet, 4000)

    def test_rows_of_a_flood(self):
        rows = convert.of_rows(self.awk(("median.awk", "flood.awk"), samples.FLOOD_RAW), "flood")
        rows = {row.name: row for row in rows}
        self.assertEqual(rows["cost-veth-filter"].runs, [3100, 3200])
        self.assertEqual((rows["cost-veth-filter"].group, rows["cost-veth-filter"].better),
                         ("cost", "lower"))
        self.assertEqual(rows["goodput-veth-filter-1300"].runs, [0.94])
        self.assertEqual(rows["goodput-veth-filter-1300"].better, "higher")
        self.assertIsNone(rows["seen-veth-filter-1300"].better)

    def test_stages_of_a_profile(self):
        profile = convert.of_stages(
            self.awk(("stages.awk",), "60 plait_seal_batch;plait_xmit\n30 memcpy;plait_xmit\n"
                     "10 nobody_knows\n900 do_idle\n", "instructions=5000", "row=tcp-plait"),
            "stages")
        self.assertEqual((profile.row, profile.instructions), ("tcp-plait", 5000))
        self.assertEqual(profile.stages, [("copy+headers", 1500), ("AEAD seal", 3000),
                                          ("other", 500)])

    def test_google_benchmark_by_its_repetitions(self):
        found, failed = convert.of_google_benchmark(google(), "micro")
        self.assertEqual([series.name for series in found], ["early", "late/64"])
        self.assertEqual([series.runs for series in found], [[5, 7], [2000]])
        self.assertEqual([series.items for series in found], [None, 64])
        self.assertEqual(failed, ["broken: no AES here"])

    def test_google_benchmark_that_cannot_be_used(self):
        for document, why in ((google(run_type="aggregate", error_occurred=False),
                               "aggregates only"),
                              (google(cpu_time="fast"), "early: a number is wanted"),
                              (google(time_unit="parsecs"), "time_unit"),
                              ({"benchmarks": {}}, '"benchmarks" cannot be'),
                              ({"benchmarks": [3]}, "an object is wanted"),
                              ({"benchmarks": [{"cpu_time": 1}]}, 'no "name"')):
            with self.assertRaisesRegex(ResultError, why):
                convert.of_google_benchmark(document, "micro")

    def test_bars_of_an_output(self):
        bars = convert.of_bars("something\nbar: a-vs-b = 2.34 (target <= 1.5)\nbar: without\n"
                               "figure: c = 4700\nfigure: d\n")
        self.assertEqual(bars, [result.Bar("a-vs-b", 2.34, "<= 1.5"), result.Bar("c", 4700, "")])

    def test_rates_and_latency_of_plaitbench(self):
        found, trials = convert.of_plaitbench(samples.PLAITBENCH, "pb")
        self.assertEqual([(series.name, series.group, series.unit, series.runs)
                          for series in found],
                         [("throughput-plait-64", "throughput", "packets/s", [90000]),
                          ("tcp-plait", "tcp", "bit/s", [1e9])])
        self.assertEqual(trials, samples.TRIALS)            # not the one that no probe came back of

    def test_plaitbench_that_cannot_be_used(self):
        good = samples.PLAITBENCH
        latency = good["results"][2]
        for document, why in (
                ({}, 'no "client"'), (good | {"results": []}, "measured nothing"),
                (good | {"error": "gone"}, "did not get to its end: gone"),
                (good | {"client": {"device": {}}}, 'no "name"'),
                (good | {"results": [{"size": "64"}]}, 'no "test"'),
                (good | {"results": [latency | {"trials": [{}]}]}, 'no "round_trip"'),
                (good | {"results": [latency | {"trials": [{"round_trip": {"count": "-"}}]}]},
                 "a number is wanted")):
            with self.assertRaisesRegex(ResultError, why):
                convert.of_plaitbench(document, "pb")

    def keep(self, *words):
        to = os.path.join(self.folder, "kept.json")
        done = subprocess.run([sys.executable, "-B", KEEP, "--to", to, "--bench", "micro",
                               "--command", "./run bench micro", *words], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done, to

    def test_is_kept_with_machine_and_commit(self):
        console = samples.write(self.folder, "console", "[    0.0] Linux version 6.12.9 (x)\n")
        done, to = self.keep("--google", samples.write(self.folder, "in.json", google()),
                             "--console", console)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("broken: no AES here", done.stderr)
        kept = result.read(to)
        self.assertEqual(kept.machine["guest_kernel"], "6.12.9")
        self.assertEqual(kept.machine["kernel"], os.uname().release)
        self.assertEqual(kept.command, "./run bench micro")
        self.assertEqual(len(kept.series), 2)

    def test_plaitbench_says_itself_where_it_ran(self):
        done, to = self.keep("--plaitbench",
                             samples.write(self.folder, "in.json", samples.PLAITBENCH))
        self.assertEqual(done.returncode, 0, done.stderr)
        kept = result.read(to)
        self.assertEqual(kept.machine, {"cpu": "Another CPU", "cpus": 4, "kernel": "6.12.9"})
        self.assertEqual((kept.date, kept.commit), ("2026-11-28T11:00:00Z", "unknown"))
        self.assertIn("; plaitbench client 10.0.0.2", kept.command)
        self.assertEqual(kept.trials, samples.TRIALS)

    def test_nothing_is_kept_of_nothing(self):
        for words, why in (((), "nothing was measured"),
                           (("--google", os.path.join(self.folder, "absent")), "No such file"),
                           (("--rows", samples.write(self.folder, "cut", "{")), "cut off")):
            done, to = self.keep(*words)
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr)
            self.assertFalse(os.path.exists(to))


if __name__ == "__main__":
    unittest.main()
