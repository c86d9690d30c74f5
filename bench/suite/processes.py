"""Child programs pinned to a core: started, known to be ready by what they print, stopped by their own pid."""

import os
import selectors
import signal
import subprocess
import time

from .failure import StepFailed

# One core for what is measured and one for what measures, the same on every run.
SERVER_CORE = 0
LOAD_CORE = 1
BOTH_CORES = f"{SERVER_CORE},{LOAD_CORE}"

STOP_SECONDS = 20


def pin_self():
    """Keeps this program off the server's core."""
    os.sched_setaffinity(0, {LOAD_CORE})


def move(pid, core):
    """Keeps every thread of `pid`, and so those that they start, on `core` from now on."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), {core})


def pinned(core, command):
    """`command`, to be run on `core`, a number or a list with commas, alone; its own children stay there too."""
    return ["taskset", "-c", str(core), *map(str, command)]


class Child:
    """A program that runs until it is stopped, with its stderr in `log`."""

    def __init__(self, step, command, log, core=SERVER_CORE):
        self.step = step
        self.log = log
        self._output = b""
        with open(log, "ab") as errors:
            errors.write(f"$ {' '.join(map(str, command))}\n".encode())
            errors.flush()
            self.started = time.monotonic()
            # A group of its own: Ctrl-C reaches this program alone, which then stops each child in its order.
            self.process = subprocess.Popen(
                pinned(core, command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.process.pid

    def line(self, prefix, seconds):
        """What follows `prefix` on the first line of stdout that begins with it."""
        deadline = self.started + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while True:
                found = self._taken(prefix)
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise StepFailed(self.step, f"no line {prefix!r} within {seconds:g} s", self.log)
                chunk = os.read(self.process.stdout.fileno(), 65536)
                if not chunk:
                    status = self.process.wait()
                    raise StepFailed(self.step, f"ended with {status} before it was ready", self.log)
                self._output += chunk

    def _taken(self, prefix):
        while b"\n" in self._output:
            line, self._output = self._output.split(b"\n", 1)
            text = line.decode(errors="replace")
            if text.startswith(prefix):
                return text[len(prefix) :].strip()
        return None

    def check_alive(self):
        """Fails the run when the program has ended by itself."""
        status = self.process.poll()
        if status is not None:
            raise StepFailed(self.step, f"died with {status} while it was needed", self.log)

    def stop(self):
        """Asks it to end, and fails the run when it had ended before or ends with an error."""
        self.check_alive()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise StepFailed(self.step, f"still runs {STOP_SECONDS} s after SIGTERM", self.log) from None
        finally:
            self.abandon()
        if status not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
            raise StepFailed(self.step, f"ended with {status} after SIGTERM", self.log)

    def abandon(self):
        """Ends it whatever it does: the way out of a run that has failed."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def finish(step, command, log, core, seconds):
    """Runs `command` on `core` to its end and gives its stdout; anything but status 0 fails the run."""
    with open(log, "ab") as errors:
        errors.write(f"$ {' '.join(map(str, command))}\n".encode())
        errors.flush()
        try:
            done = subprocess.run(
                pinned(core, command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            raise StepFailed(step, f"not done within {seconds:g} s", log) from None
        except OSError as error:
            raise StepFailed(step, str(error), log) from None
        errors.write(done.stdout)
    if done.returncode != 0:
        raise StepFailed(step, f"ended with {done.returncode}", log)
    return done.stdout.decode(errors="replace")
