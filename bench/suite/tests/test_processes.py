"""Children: ready, dying, stopping."""

import pathlib
import sys
import tempfile
import unittest

from suite import processes
from suite.failure import StepFailed

SERVES = "print('hello'); print('ready listen=127.0.0.1:9', flush=True); import signal; signal.pause()"
DIES = "import sys; print('cannot bind', file=sys.stderr); sys.exit(3)"
IS_SILENT = "import signal; signal.pause()"
SERVES_THEN_DIES = "import sys; print('ready listen=127.0.0.1:9', flush=True); sys.stdin.read(); sys.exit(4)"
DENIES = (
    "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(5));"
    "print('ready listen=127.0.0.1:9', flush=True); signal.pause()"
)


class Children(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / "child.log"

    def child(self, code):
        child = processes.Child("server x", [sys.executable, "-c", code], self.log)
        self.addCleanup(child.abandon)
        return child

    def test_the_ready_line_is_found_behind_others(self):
        child = self.child(SERVES)
        self.assertEqual(child.line("ready ", 20), "listen=127.0.0.1:9")
        child.stop()

    def test_it_runs_on_the_core_that_it_was_given(self):
        child = self.child(
            "import os, signal; print('ready', os.sched_getaffinity(0), flush=True); signal.pause()")
        self.assertEqual(child.line("ready", 20), f"{{{processes.SERVER_CORE}}}")

    def test_one_that_ends_before_it_is_ready_fails_the_step_with_its_log(self):
        with self.assertRaises(StepFailed) as caught:
            self.child(DIES).line("ready ", 20)
        self.assertIn("server x: ended with 3 before it was ready", str(caught.exception))
        self.assertIn("cannot bind", str(caught.exception))
        self.assertIn(str(self.log), str(caught.exception))

    def test_one_that_says_nothing_is_not_waited_for_for_ever(self):
        with self.assertRaisesRegex(StepFailed, "within 0.2 s"):
            self.child(IS_SILENT).line("ready ", 0.2)

    def test_one_that_dies_while_it_is_needed_fails_the_step(self):
        child = self.child(SERVES_THEN_DIES)
        child.line("ready ", 20)
        child.process.wait(20)
        self.assertRaisesRegex(StepFailed, "died with 4", child.check_alive)
        self.assertRaisesRegex(StepFailed, "died with 4", child.stop)

    def test_one_that_ends_with_an_error_after_sigterm_fails_the_step(self):
        child = self.child(DENIES)
        child.line("ready ", 20)
        self.assertRaisesRegex(StepFailed, "ended with 5 after SIGTERM", child.stop)


class Finishing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / "program.log"

    def finish(self, *command, seconds=20):
        return processes.finish("step", command, self.log, processes.LOAD_CORE, seconds)

    def test_it_gives_what_was_printed_and_logs_it(self):
        self.assertEqual(self.finish("echo", "done"), "done\n")
        self.assertEqual(self.log.read_text(), "$ echo done\ndone\n")

    def test_a_status_that_is_not_zero_fails_the_step(self):
        self.assertRaisesRegex(StepFailed, "step: ended with 1", self.finish, "false")

    def test_a_program_that_is_not_there_fails_the_step(self):
        self.assertRaisesRegex(StepFailed, "step: ended with 127", self.finish, "/no/such/program")

    def test_one_that_takes_too_long_fails_the_step(self):
        with self.assertRaisesRegex(StepFailed, "not done within 0.2 s"):
            self.finish(sys.executable, "-c", IS_SILENT, seconds=0.2)


if __name__ == "__main__":
    unittest.main()
