"""Breaks rules of RFC 9113 and of gRPC one by one towards a running server, each on a connection of its own, and prints
one JSON object a case: `problem` is empty when the server did what it must.

    conformance.py PORT CA_FILE
"""

import json
import sys

import frame_cases  # noqa: F401 (registers)
import grpc_cases  # noqa: F401
import message_cases  # noqa: F401
import stream_cases  # noqa: F401
from cases import CASES, judge


def main():
    port, ca_file = int(sys.argv[1]), sys.argv[2]
    for case in CASES:
        try:
            problem = judge(case, port, ca_file)
        except Exception as error:  # the peer's own failure is the case's too
            problem = f"{type(error).__name__}: {error}"
        line = {"name": f"{case.section}: {case.name}", "expected": case.expect, "problem": problem}
        print(json.dumps(line | ({"differs": case.differs} if case.differs else {})), flush=True)


main()
