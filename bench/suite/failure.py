"""How a run fails: with the step that failed and the file that says why."""

import pathlib

LOG_LINES_SHOWN = 12


class StepFailed(Exception):
    """A step of the run could not be done, so no figure of it may be reported."""

    def __init__(self, step, reason, log=None):
        super().__init__(step, reason, log)
        self.step = step
        self.reason = reason
        self.log = pathlib.Path(log) if log else None

    def __str__(self):
        text = f"{self.step}: {self.reason}"
        if self.log is None:
            return text
        return f"{text}\n  log: {self.log}\n{self._end_of_log()}"

    def _end_of_log(self):
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError as error:
            return f"  (cannot be read: {error})"
        return "\n".join(f"  | {line[:300]}" for line in lines[-LOG_LINES_SHOWN:])
