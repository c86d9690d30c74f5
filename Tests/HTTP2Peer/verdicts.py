"""Shows that a verdict can fail: servers of a few lines answer every connection in one fixed way, and `outcome` must say
which. The connection to the server under test is one of them, for the verdict that nothing was wrong.

    verdicts.py PORT CA_FILE
"""

import json
import socket
import sys
import threading

from cases import outcome
from hpack import Encoder
from peer import END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM, Peer, number, raw, settings


class Scripted(Peer):
    """A peer of a server that says `script` and closes."""

    def __init__(self, script):
        self.script = script
        super().__init__(0, "")

    def connect(self, port, ca_file):
        ours, theirs = socket.socketpair()

        def serve():
            theirs.sendall(settings((3, 100)) + self.script)
            theirs.shutdown(socket.SHUT_WR)

        threading.Thread(target=serve, daemon=True).start()
        ours.settimeout(20)
        return ours


def answer(stream, status):
    return raw(HEADERS, END_HEADERS | END_STREAM, stream, Encoder().encode([(":status", status)], huffman=False))


def main():
    # Stream 1 is what a case is about, stream 3 the probe after it.
    made = [
        ("another code", raw(GOAWAY, 0, 0, number(0) + number(2)), "GOAWAY INTERNAL_ERROR, closed"),
        ("a reset", raw(RST_STREAM, 0, 1, number(7)) + answer(3, "200"), "RST_STREAM REFUSED_STREAM, goes on"),
        ("an answer", answer(1, "400") + answer(3, "200"), "answered 400, goes on"),
        ("nothing", answer(3, "200"), "ignored, goes on"),
        ("silence", b"", "closed without a word"),
    ]
    for name, script, told in made:
        peer = Scripted(script)
        print(json.dumps({"name": name, "made": told, "seen": outcome(peer, peer.new_id())}), flush=True)
    peer = Peer(int(sys.argv[1]), sys.argv[2])
    print(json.dumps({"name": "the server", "made": "ignored, goes on", "seen": outcome(peer, None)}), flush=True)


main()
