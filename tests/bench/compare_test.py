# SPDX-License-Identifier: GPL-2.0
"""bench/compare, from outside: what it calls slower, and what it refuses."""
import os
import subprocess
import sys
import unittest

import samples

COMPARE = os.path.join(samples.BENCH, "compare")


def google(**runs):
    """Google Benchmark's output: name to the times of its repetitions."""
    return {"benchmarks": [{"name": name, "run_type": "iteration", "time_unit": "ns",
                            "cpu_time": time} for name, times in runs.items() for time in times]}


def guest(*runs):
    return samples.result(series=[samples.RESULT["series"][0] | {"runs": list(runs)}])


class CompareTest(samples.FolderTest):
    def run_on(self, old, new, *words):
        return self.run_with(samples.write(self.folder, "old.json", old),
                             samples.write(self.folder, "new.json", new), *words)

    @staticmethod
    def run_with(*words):
        return subprocess.run([sys.executable, "-B", COMPARE, *words], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_the_same_is_no_slower(self):
        done = self.run_on(google(a=[10, 11, 12]), google(a=[10, 11, 12]))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"a +11 +9.1 % +11 +9.1 % +1.000")

    def test_more_time_is_slower(self):
        done = self.run_on(google(a=[10, 10, 10], b=[10, 10, 10]),
                           google(a=[12, 12, 12], b=[8, 8, 8]))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"a .* 1.200  ns  SLOWER\n")
        self.assertRegex(done.stdout, r"b .* 0.800  ns  faster\n")
        self.assertIn("slower: a\n", done.stderr)

    def test_a_lower_rate_is_slower(self):
        self.assertEqual(self.run_on(guest(100, 100, 100), guest(80, 80, 80)).returncode, 1)
        self.assertEqual(self.run_on(guest(80, 80, 80), guest(100, 100, 100)).returncode, 0)

    def test_noise_is_no_slowness(self):
        noisy = self.run_on(google(a=[10, 10, 10]), google(a=[10, 12, 14]))
        self.assertEqual(noisy.returncode, 0, noisy.stdout)

    def test_one_disturbed_run_hides_nothing(self):
        done = self.run_on(google(a=[10, 10, 10, 10, 10]), google(a=[12, 12, 12, 12, 90]))
        self.assertEqual(done.returncode, 1)

    def test_the_threshold_is_what_one_says(self):
        old, new = google(a=[10, 10, 10]), google(a=[12, 12, 12])
        self.assertEqual(self.run_on(old, new, "--threshold", "25").returncode, 0)
        self.assertEqual(self.run_on(old, new, "--threshold", "15").returncode, 1)
        for wrong in ("-1", "much", "nan"):
            done = self.run_on(old, new, f"--threshold={wrong}")
            self.assertEqual(done.returncode, 2)
            self.assertIn("a percentage", done.stderr)

    def test_what_only_one_has_is_said(self):
        done = self.run_on(google(a=[1, 1, 1], gone=[1, 1, 1]), google(a=[1, 1, 1], new=[1, 1, 1]))
        self.assertEqual(done.returncode, 0)
        self.assertIn("only in the old one: gone\n", done.stdout)
        self.assertIn("only in the new one: new\n", done.stdout)

    def test_what_nobody_judges_stops_nothing(self):
        side = [{"name": "own", "unit": "instructions", "runs": [7000]},
                {"name": "burnt", "unit": "share", "runs": [0, 0, 0]},
                {"name": "seen", "unit": "share", "runs": [0.5, 0.5, 0.5]}]
        flood = guest(100, 100, 100)
        flood["series"] += side
        worse = guest(100, 100, 100)
        worse["series"] += [entry | {"runs": [0.1, 0.1, 0.1]} for entry in side]
        done = self.run_on(flood, worse)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("seen ", done.stdout)

    def test_another_machine_is_said(self):
        other = guest(100, 100, 100) | {"machine": {"cpu": "Another", "kernel": "6.1"}}
        self.assertIn("A CPU before, Another now",
                      self.run_on(guest(100, 100, 100), other).stderr)

    def test_refuses_what_it_cannot_use(self):
        good = google(a=[1, 1, 1])
        for other, why in (("{", "cut off"), ({"rows": []}, "no result of ./run bench"),
                           (google(a=[1, 1]), "a: 2 runs, and 3 are the fewest"),
                           (google(b=[1, 1, 1]), "no benchmark in common"),
                           (google(), "nothing in it"), (google(a=[0, 0, 0]), "has no ratio"),
                           (samples.result(series=[{"name": "a", "unit": "Mbit",
                                                    "runs": [1, 1, 1], "better": "higher"}]), "ns before, Mbit now")):
            done = self.run_on(good, other)
            self.assertEqual((done.returncode, done.stdout.count("SLOWER")), (2, 0), done.stderr)
            self.assertIn(why, done.stderr)
            self.assertNotIn("Traceback", done.stderr)

    def test_refuses_a_file_held_against_itself(self):
        path = samples.write(self.folder, "same.json", google(a=[1, 1, 1]))
        done = self.run_with(path, path)
        self.assertEqual(done.returncode, 2)
        self.assertIn("both the old one and the new one", done.stderr)

    def test_a_file_that_is_not_there(self):
        done = self.run_with(os.path.join(self.folder, "absent.json"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("absent.json: No such file", done.stderr)

    def test_without_a_new_one_it_takes_the_last_run(self):
        done = self.run_with(samples.write(self.folder, "never-run.json", google(a=[1, 1, 1])))
        self.assertEqual(done.returncode, 2)
        self.assertIn("build/bench/results/never-run.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
