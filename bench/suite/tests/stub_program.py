"""Stands in for every program of a run: says that it is ready, or writes the result of a load, as its name asks.

STUB_FAULT names one fault: `server-dies`, `wrong-answer`, `slow` (ours does a tenth of the work).
"""

import json
import os
import signal
import sys

FAULT = os.environ.get("STUB_FAULT", "")


def value(flag):
    """What stands behind `flag` on the command line."""
    return sys.argv[sys.argv.index(flag) + 1]


def serve(line):
    """Runs until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(line, flush=True)
    while True:
        signal.pause()


def load():
    """Writes the JSON of a run; ours is told from the peers by the port that its stub names."""
    speed = {"1": 9000.0, "2": 1000.0}[value("--target").rsplit(":", 1)[1]]
    if FAULT == "slow":
        speed /= 90 if speed > 1000 else 1
    seconds = float(value("--duration"))
    result = {
        "requests": 100, "errors": 1 if FAULT == "wrong-answer" else 0, "requests_per_second": 500.0,
        "latency_us": {"p50": 10.0, "p90": 11.0, "p99": 12.0, "p99_9": 13.0},
        "server": {
            "cpu_seconds": seconds, "requests_per_cpu_second": speed, "cpu_us_per_request": 1e6 / speed,
            "max_rss_kib": 1000,
        },
    }
    with open(value("--json"), "w") as file:
        json.dump(result, file)
    if FAULT == "wrong-answer":
        print("key-0: the answer is not the value that it must be", file=sys.stderr)
        sys.exit(1)


def issue():
    """Leaves the issuer's files, with one line a token."""
    directory = value("--directory")
    os.makedirs(directory)
    for name, lines in {"tokens.txt": 16, "fresh.txt": 1, "ca.crt": 1, "issuer": 1, "url": 1}.items():
        with open(os.path.join(directory, name), "w") as file:
            file.write("text\n" * lines)
    serve("ready issuer=https://127.0.0.1:3")


def main(name):
    """Does what the program called `name` would do."""
    if name == "federation-bench" and sys.argv[1] == "issuer":
        issue()
    elif name == "federation-bench" and sys.argv[1] == "manifests":
        os.makedirs(value("--directory"))
    elif name in ("federation-bench", "grpc-load"):
        load()
    elif name == "federation-server" and FAULT == "server-dies":
        print("no more memory", file=sys.stderr)
        sys.exit(70)
    else:
        serve("ready listen=127.0.0.1:" + ("1" if name == "federation-server" else "2"))


main(sys.argv.pop(1))
