"""What a person sees while a run goes on: a line a step, with the time since the start."""

import sys
import time


class Progress:
    """Lines on stderr, so that stdout has nothing but the table."""

    def __init__(self):
        self._started = time.monotonic()

    @property
    def seconds(self):
        """Since the start of the run."""
        return time.monotonic() - self._started

    def step(self, part, name):
        """Says what begins now."""
        print(f"[{self.seconds:6.1f} s] {part}: {name}", file=sys.stderr, flush=True)
