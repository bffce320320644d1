# SPDX-License-Identifier: GPL-2.0
"""What benchmarks write, made small; and where the report's modules are."""
import copy
import json
import os
import sys
import tempfile
import unittest

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench")
sys.path.insert(0, os.path.join(BENCH, "report"))

RESULT = {
    "format": "plait-bench-1", "bench": "guest", "command": "./run bench guest --runs 3",
    "date": "2026-11-28T11:00:00Z", "commit": "0123456789abcdef", "changed": False,
    "machine": {"cpu": "A CPU", "cpus": 2, "kernel": "6.1.0", "guest_kernel": "6.12.9",
                "qemu": "7.2"},
    "series": [
        {"name": "tcp-wireguard", "unit": "Mbit/1e9 instructions", "runs": [100.0, 98.0, 104.0],
         "better": "higher", "instructions_per_packet": 16000},
        {"name": "tcp-plait-gcm", "unit": "Mbit/1e9 instructions", "runs": [300.0, 310.0, 305.0],
         "better": "higher", "instructions_per_packet": 5000},
        {"name": "rr-newcomer", "unit": "transactions/1e9 instructions", "runs": [7.0, 7.0, 8.0],
         "better": "higher"}],
    "profiles": [{"row": "tcp-plait", "instructions": 9000,
                  "stages": [{"stage": "underlay", "instructions": 4000},
                             {"stage": "AEAD seal", "instructions": 3000},
                             {"stage": "AEAD open", "instructions": 2000}]}],
    "bars": [{"name": "tcp-vs-wireguard", "value": 3.05, "target": "3.0"}],
    "raw": ["raw tcp plait-gcm 1 bytes=1 total=2 idle=0"]}

# Of guest.sh: kinds and rows that no program of the report knows.
GUEST_RAW = """\
raw mtu wireguard 1420
raw mtu plait 1408
raw clock 100000123
raw tcp tcp wireguard 1 bytes=1000 total=9000 idle=1000
raw tcp tcp wireguard 2 bytes=1000 total=10000 idle=0
raw tcp tcp plait 1 bytes=1000 total=2000 idle=0
raw tcp profile-tcp plait 49999 bytes=1000 total=999999 idle=0
raw lossy pktgen-burst plait 1 packets=10 lost=1 offer=5 trips=1 bundles=0 total=1 idle=0
raw packets pktgen-burst plait 1 packets=100 lost=0 offer=6 trips=1 bundles=0 total=500000 idle=100000
"""

# Of flood.sh.
FLOOD_RAW = """\
raw cost veth generator 1 cost=2000
raw cost veth filter 1 cost=3100
raw cost veth filter 2 cost=3200
raw legit veth plait-1300 1 whole=15000 sender=7000
raw goodput veth filter-1300 1 sent=1000 delivered=940 forged=10000 seen=9900 every=700 \
interval=300 due=1000 took=1001 burnt=10
"""

# Of Google Benchmark: two repetitions of one, in turns with another, and what it makes of them.
GOOGLE = {"context": {"num_cpus": 2}, "benchmarks": [
    {"name": "late/64", "run_name": "late/64", "run_type": "iteration", "family_index": 1,
     "per_family_instance_index": 0, "cpu_time": 2.0, "real_time": 9.0, "time_unit": "us",
     "items_per_second": 32e6},
    {"name": "early", "run_name": "early", "run_type": "iteration", "family_index": 0,
     "per_family_instance_index": 0, "cpu_time": 5.0, "real_time": 6.0, "time_unit": "ns",
     "items_per_second": 2e8},
    {"name": "early", "run_name": "early", "run_type": "iteration", "family_index": 0,
     "per_family_instance_index": 0, "cpu_time": 7.0, "real_time": 8.0, "time_unit": "ns",
     "items_per_second": 1.43e8},
    {"name": "early_mean", "run_name": "early", "run_type": "aggregate", "family_index": 0,
     "per_family_instance_index": 0, "cpu_time": 6.0, "real_time": 7.0, "time_unit": "ns"},
    {"name": "broken", "run_name": "broken", "run_type": "iteration", "family_index": 2,
     "per_family_instance_index": 0, "error_occurred": True, "error_message": "no AES here"}]}

# Of plaitbench --json, without what the report does not read.
PLAITBENCH = {
    "format": 1, "command": "plaitbench client 10.0.0.2", "time": "2026-11-28T11:00:00Z",
    "client": {"name": "a", "release": "6.12.9", "cpus": 4, "cpu": "Another CPU", "commit": None,
               "device": {"name": "plait0", "kind": "plait"}},
    "results": [
        {"test": "throughput", "size": "64", "packets_per_second": 90000.0,
         "bits_per_second": 46080000.0, "trials": []},
        {"test": "tcp", "size": None, "bits_per_second": 1e9, "trials": [{}]},
        {"test": "latency", "size": "64", "trials": [
            {"sent_rate": 1000, "loss": 0.0, "round_trip": {"count": 90, "min_us": 8.0,
                                                            "p50_us": 11.0, "p99_us": 40.0}},
            {"sent_rate": 20000, "loss": 0.01, "round_trip": {"count": 80, "min_us": 9.0,
                                                              "p50_us": 13.0, "p99_us": 80.0}},
            {"sent_rate": 0, "loss": 1.0, "round_trip": {"count": 0, "p50_us": 0.0}}]}]}
TRIALS = [{"name": "plait", "size": "64", "loss": 0.0, "rate": 1000,
           "percentiles": {"min_us": 8.0, "p50_us": 11.0, "p99_us": 40.0}},
          {"name": "plait", "size": "64", "loss": 0.01, "rate": 20000,
           "percentiles": {"min_us": 9.0, "p50_us": 13.0, "p99_us": 80.0}}]


def result(**changes):
    """RESULT with some entries others."""
    return copy.deepcopy(RESULT) | changes


def write(folder, name, text):
    """A file of this text, or of this document; its path."""
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text if isinstance(text, str) else json.dumps(text))
    return path


class FolderTest(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
