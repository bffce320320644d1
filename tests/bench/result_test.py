# SPDX-License-Identifier: GPL-2.0
"""Results as they are kept: what is written is read again, and nothing else is."""
import os
import unittest

import samples
import result


class ResultTest(samples.FolderTest):
    def refuses(self, text, why):
        """Reading this says which file, and why."""
        path = samples.write(self.folder, "given.json", text)
        with self.assertRaisesRegex(result.ResultError, why) as refused:
            result.read(path)
        self.assertIn(path, str(refused.exception))

    def test_is_read_as_it_was_written(self):
        kept = result.of_document(samples.result(), "sample")
        path = os.path.join(self.folder, "new", "guest.json")
        result.write(kept, path)
        self.assertEqual(result.read(path), kept)
        self.assertEqual(result.read_all(os.path.dirname(path)), {"guest": kept})

    def test_a_folder_that_is_not_there_has_none(self):
        self.assertEqual(result.read_all(os.path.join(self.folder, "nothing")), {})

    def test_median_reach_and_spread(self):
        series = result.Series("x", "ns", [10, 12, 11, 30, 10])
        self.assertEqual(series.median, 11)
        self.assertAlmostEqual(series.reach, 19 / 11)
        self.assertAlmostEqual(series.spread, 2 / 11)       # one run that was disturbed is none
        self.assertIsNone(result.Series("x", "ns", [10]).reach)
        self.assertIsNone(result.Series("x", "ns", [10, 11]).spread)

    def test_refuses_a_file_that_is_not_there(self):
        with self.assertRaisesRegex(result.ResultError, "absent.json: No such file"):
            result.read(os.path.join(self.folder, "absent.json"))

    def test_refuses_what_was_cut_off(self):
        path = os.path.join(self.folder, "whole.json")
        result.write(result.of_document(samples.result(), "sample"), path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for length in (0, 1, len(text) // 2, len(text) - 2):
            self.refuses(text[:length], "was it cut off")

    def test_refuses_what_is_no_text(self):
        path = os.path.join(self.folder, "given.json")
        with open(path, "wb") as file:
            file.write(b"\x7fELF\xff\xfe")
        with self.assertRaisesRegex(result.ResultError, "no whole JSON"):
            result.read(path)

    def test_refuses_json_of_others(self):
        self.refuses({"mtu": {}, "rows": []}, "is no result of ./run bench")
        self.refuses(samples.result(format="plait-bench-99"), "plait-bench-99")
        self.refuses([1, 2], "no JSON object")

    def test_refuses_what_lacks_its_origin(self):
        for key in ("bench", "command", "date", "commit", "changed", "machine"):
            document = samples.result()
            del document[key]
            self.refuses(document, f'no "{key}"')
        self.refuses(samples.result(machine={"kernel": "6.1"}), 'no "cpu"')

    def test_refuses_runs_that_are_no_numbers(self):
        for runs, why in (([], "has no runs"), (["fast"], "a number is wanted"),
                          ([True], "a number is wanted"), ([float("nan")], "a number is wanted"),
                          ({"1": 2}, '"runs" cannot be')):
            entry = {"name": "x", "unit": "ns", "runs": runs}
            self.refuses(samples.result(series=[entry]), why)
        self.refuses(samples.result(series=["x"]), "an object is wanted")

    def test_refuses_a_direction_that_there_is_not(self):
        entry = {"name": "x", "unit": "ns", "runs": [1], "better": "faster"}
        self.refuses(samples.result(series=[entry]), "higher or lower")

    def test_refuses_trials_that_are_none(self):
        good = {"name": "plait", "size": "64", "loss": 0.0, "rate": 1, "percentiles": {"p50_us": 1}}
        for change, why in (({"rate": None}, '"rate"'), ({"size": 64}, '"size" cannot be 64'),
                            ({"percentiles": {"p50_us": "-"}}, "p50_us"),
                            ({"percentiles": 3}, '"percentiles" cannot be')):
            self.refuses(samples.result(trials=[good | change]), why)

    def test_refuses_a_profile_without_stages(self):
        self.refuses(samples.result(profiles=[{"row": "x", "instructions": 1, "stages": []}]),
                     "profile x: has no stages")


if __name__ == "__main__":
    unittest.main()
