"""Whole runs of four rows with stand-ins for all programs."""

import contextlib
import io
import json
import os
import pathlib
import stat
import sys
import tempfile
import unittest
from unittest import mock

from suite import __main__ as suite_main
from suite import programs

PROGRAMS = [
    programs.SERVER, programs.LOAD, programs.GRPC_LOAD, programs.FLOOR, programs.GRPC, programs.GO_TTRPC,
    programs.GO_HTTP, "nginx-peer.sh",
]
STUB = pathlib.Path(__file__).with_name("stub_program.py")


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in PROGRAMS:
            wrapper = self.folder / name
            wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STUB}" {name} "$@"\n')
            wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        affinity = os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, affinity)

    def run_suite(self, *words, fault=""):
        out, err = io.StringIO(), io.StringIO()
        base = ["--bin", str(self.folder), "--nginx", str(self.folder / "nginx-peer.sh")]
        with (
            mock.patch.dict(os.environ, STUB_FAULT=fault), mock.patch("suite.machine.description", lambda *_: {}),
            contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        ):
            status = suite_main.main([*base, "--results", str(self.folder / "results"), *words])
        return status, out.getvalue(), err.getvalue()

    def test_bounds_that_hold_are_status_0(self):
        status, out, _ = self.run_suite("--quick", "--rounds", "2")
        self.assertEqual(status, 0, out)
        self.assertEqual(len(out.splitlines()), 2 + 5)
        entries = json.loads((self.folder / "results" / "raw" / "latest.json").read_text())
        self.assertEqual([entry["ratio"] for entry in entries], [9] * 5)
        self.assertEqual(set(entries[0]), {"name", "ours", "peer", "ratio", "bound", "holds"})

    def test_a_bound_that_does_not_hold_is_status_1_and_named(self):
        status, out, err = self.run_suite("--quick", "--rounds", "1", fault="slow")
        self.assertEqual(status, 1)
        self.assertEqual(out.count("NO"), 5)
        self.assertIn("not held: ttrpc 16x32, against Go ttrpc over TLS", err)

    def test_a_run_of_some_rows_leaves_the_committed_files_alone(self):
        self.run_suite("--only", "against Go ttrpc", "--rounds", "1")
        self.assertFalse((self.folder / "results" / "latest.json").exists())

    def test_a_server_that_dies_is_status_2_with_the_end_of_its_log(self):
        status, out, err = self.run_suite("--only", "16x1, against the floor", "--rounds", "1", fault="server-dies")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("server ours: ended with 70 before it was ready", err)
        self.assertIn("no more memory", err)

    def test_a_wrong_answer_is_status_2(self):
        status, _, err = self.run_suite("--only", "16x1, against the floor", "--rounds", "1", fault="wrong-answer")
        self.assertEqual(status, 2)
        self.assertIn("ours-ttrpc-16x1: ended with 1", err)
        self.assertIn("not the value that it must be", err)

    def test_a_program_that_is_missing_is_named(self):
        (self.folder / programs.FLOOR).unlink()
        status, _, err = self.run_suite("--only", "16x1, against the floor", "--rounds", "1")
        self.assertEqual(status, 2)
        self.assertIn(f"no {programs.FLOOR} in {self.folder}", err)

    def test_a_row_that_is_not_there_is_said(self):
        status, _, err = self.run_suite("--only", "no such row")
        self.assertEqual(status, 2)
        self.assertIn("--list", err)


if __name__ == "__main__":
    unittest.main()
