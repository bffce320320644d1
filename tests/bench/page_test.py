# SPDX-License-Identifier: GPL-2.0
"""The page and its plots: made of whatever rows there are, the same each time."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

import samples
import groups
import page
import plot
import result

REPORT = os.path.join(samples.BENCH, "report", "report.py")
HAS_GNUPLOT = shutil.which("gnuplot")


def page_of(*documents):
    results = {document["bench"]: result.of_document(document, "sample")
               for document in documents}
    return page.make(results, "../bench/README.md", lambda name: f"kept/{name}.json")


class GroupsTest(unittest.TestCase):
    def check(self, name, group, label):
        series = result.Series(name, "x", [1])
        self.assertEqual((groups.group_of(series), groups.label_of(series)), (group, label))

    def test_a_row_is_of_the_group_before_its_kind(self):
        self.check("tcp-plait-gcm-lanes4", "tcp", "plait-gcm-lanes4")
        self.check("pktgen-burst1300-wireguard", "pktgen-burst1300", "wireguard")
        self.check("rr-newcomer-1", "rr", "newcomer-1")
        self.check("alone", "alone", "alone")

    def test_a_group_that_is_named_is_that(self):
        series = result.Series("goodput-veth-filter-50", "x", [1], group="goodput")
        self.assertEqual(groups.label_of(series), "veth-filter-50")

    def test_is_held_against_wireguard_of_the_same_variant(self):
        names = ("tcp-wireguard", "tcp-wireguard-no-uso", "tcp-plait-no-uso", "tcp-plait-gcm",
                 "rr-other")
        of = {name: result.Series(name, "x", [1]) for name in names}
        members = list(of.values())
        for name, reference in (("tcp-plait-no-uso", "tcp-wireguard-no-uso"),
                                ("tcp-plait-gcm", "tcp-wireguard")):
            self.assertIs(groups.reference_of(of[name], members), of[reference])
        self.assertIsNone(groups.reference_of(of["rr-other"], members))


class PageTest(unittest.TestCase):
    def test_says_what_was_measured_where(self):
        text = page_of(samples.result(changed=True)).text
        for words in ("`./run bench guest --runs 3`", "2026-11-28T11:00:00Z", "`0123456789ab`",
                      "changes that are in no commit", "A CPU", "Linux 6.1.0", "Linux 6.12.9",
                      "kept/guest.json"):
            self.assertIn(words, text)

    def test_has_medians_spreads_and_ratios(self):
        text = page_of(samples.result()).text
        self.assertIn("| plait-gcm | 305 | 1.6 % | 3 | 5,000 | 3.05 |", text)
        self.assertIn("| newcomer | 7 | 14.3 % | 3 |", text)
        self.assertIn("| tcp-vs-wireguard | 3.05 | 3.0 |", text)

    def test_holds_a_packet_against_its_cipher(self):
        text = page_of(samples.result()).text
        self.assertIn("| AEAD, the floor | 5,000 |", text)
        self.assertIn("| all by floor | 1.80 |", text)

    def test_batches_have_a_price_an_item(self):
        entry = {"name": "batch/64", "unit": "ns", "runs": [640, 640], "items": 64}
        text = page_of(samples.result(bench="micro", series=[entry], profiles=[])).text
        self.assertIn("| batch/64 | 640 | 10 | 0.0 % | 2 |", text)

    def test_names_what_is_lacking_and_its_command(self):
        text = page_of(samples.result()).text
        self.assertIn("- A flood of forged datagrams: `./run bench flood`", text)
        self.assertNotIn("- Data paths in one guest", text)

    def test_latency_has_a_curve_a_percentile(self):
        made = page_of(samples.result(bench="plaitbench", series=[], profiles=[],
                                      trials=samples.TRIALS))
        _, (*_, curves) = made.plots["plaitbench-latency-64.svg"]
        self.assertEqual(curves, {"plait p50": [(1000, 11), (20000, 13)],
                                  "plait p99": [(1000, 40), (20000, 80)]})
        self.assertIn("| plait, 64 | 20,000 | 1.0 % | 9 | 13 | 80 |", made.text)

    @unittest.skipUnless(HAS_GNUPLOT, "gnuplot is not installed")
    def test_plots_are_the_same_each_time(self):
        made = page_of(samples.result(),
                       samples.result(bench="plaitbench", series=[], profiles=[],
                                      trials=samples.TRIALS))
        self.assertEqual(len(made.plots), 4)
        with tempfile.TemporaryDirectory() as folder:
            for name, (function, arguments) in made.plots.items():
                drawn = []
                for turn in ("first", "second"):
                    os.makedirs(f"{folder}/{turn}", exist_ok=True)
                    function(f"{folder}/{turn}/{name}", *arguments)
                    with open(f"{folder}/{turn}/{name}", encoding="utf-8") as file:
                        drawn.append(file.read())
                ElementTree.fromstring(drawn[0])            # or it throws
                self.assertEqual(*drawn)

    @unittest.skipUnless(HAS_GNUPLOT, "gnuplot is not installed")
    def test_names_reach_plots_as_they_are(self):
        name = "it's <odd> & \\ $x `date` _sub\nset output '/nowhere'"
        with tempfile.TemporaryDirectory() as folder:
            plot.bars(f"{folder}/odd.svg", name, [result.Series(name, "x", [1, 2])])
            texts = ["".join(text.itertext()).strip()
                     for text in ElementTree.parse(f"{folder}/odd.svg").iter()
                     if text.tag.endswith("}text")]
            self.assertIn("it's <odd> & \\ $x `date` _sub set output '/nowhere'", texts)


@unittest.skipUnless(HAS_GNUPLOT, "gnuplot is not installed")
class ReportTest(samples.FolderTest):
    """report.py on a tree of its own."""

    def setUp(self):
        super().setUp()
        self.top = self.folder
        self.fresh = os.path.join(self.top, "build/bench/results")
        os.makedirs(self.fresh)

    def report(self, *words):
        return subprocess.run([sys.executable, "-B", REPORT, "--top", self.top, *words],
                              text=True, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def test_without_results_says_how_to_get_some(self):
        done = self.report()
        self.assertEqual(done.returncode, 1)
        self.assertIn("./run bench micro", done.stdout)

    def test_a_result_that_cannot_be_used_is_named(self):
        samples.write(self.fresh, "guest.json", "{")
        done = self.report()
        self.assertEqual(done.returncode, 1)
        self.assertIn("guest.json is no whole JSON", done.stdout)

    def test_leaves_the_tree_alone_unless_told(self):
        samples.write(self.fresh, "guest.json", samples.result())
        done = self.report()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("lacking: A flood of forged datagrams: ./run bench flood", done.stdout)
        self.assertTrue(os.path.exists(f"{self.top}/build/report/performance/guest-tcp-mbit.svg"))
        self.assertFalse(os.path.exists(f"{self.top}/docs"))

    def test_fresh_ones_are_measured_once_and_a_failure_is_no_end(self):
        path = samples.write(self.top, "run", """#!/bin/sh
            echo "$*" >>ran
            [ "$2" = micro ] || exit 1
            for name in micro xdp; do cp sample build/bench/results/$name.json; done
            """)
        os.chmod(path, 0o755)
        samples.write(self.top, "sample", samples.result(bench="micro"))
        done = self.report("--fresh")
        with open(f"{self.top}/ran", encoding="utf-8") as file:
            ran = file.read().splitlines()
        self.assertEqual(ran, ["bench guest", "bench flood", "bench micro", "bench pmd"])
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed, so not new: ./run bench guest, ./run bench flood, ./run bench pmd",
                      done.stdout)
        self.assertTrue(os.path.exists(f"{self.top}/build/report/performance.md"))

    def test_what_is_kept_is_the_page_of_its_results(self):
        samples.write(self.fresh, "guest.json", samples.result())
        os.makedirs(f"{self.top}/docs/performance")
        samples.write(f"{self.top}/docs/performance", "of-old.svg", "<svg/>")
        self.assertEqual(self.report("--keep").returncode, 0)
        self.assertFalse(os.path.exists(f"{self.top}/docs/performance/of-old.svg"))
        done = self.report("--check")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

        with open(f"{self.top}/docs/performance.md", "a", encoding="utf-8") as file:
            file.write("A figure by hand: 99.\n")
        done = self.report("--check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not the page of bench/results: ./run report --keep", done.stdout)

        self.assertEqual(self.report("--keep").returncode, 0)
        os.unlink(f"{self.top}/docs/performance/guest-tcp-mbit.svg")
        self.assertIn("guest-tcp-mbit.svg is lacking", self.report("--check").stdout)


if __name__ == "__main__":
    unittest.main()
