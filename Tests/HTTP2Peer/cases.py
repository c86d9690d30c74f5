"""What a case is, and how one is judged."""

from dataclasses import dataclass
from typing import Callable

from peer import Peer, code_name

CASES = []


@dataclass
class Case:
    """A rule of RFC 9113: `illegal` breaks it and must be met with `expect`; `legal` is as much like it as can be, on
    the same connection before it, and must not be. Each gives the stream that it is about, if any; the one that `legal`
    gives must be answered. `differs` says why another answer than the one that the rule names is right."""

    name: str
    section: str
    expect: str
    illegal: Callable
    legal: Callable | None
    greeting: bytes | None
    differs: str


def case(section, expect, legal=None, greeting=None, differs=""):
    """Registers the function that breaks the rule which its docstring tells."""

    def register(function):
        CASES.append(
            Case(function.__doc__, section, expect, function, legal, greeting, differs)
        )
        return function

    return register


def connection(code):
    return f"GOAWAY {code}, closed"


def stream(code):
    return f"RST_STREAM {code}, goes on"


def status(number):
    return f"answered {number}, goes on"


IGNORED = "ignored, goes on"
CLOSED = "closed without a word"


def outcome(peer, stream):
    """What the server did, told apart: an end of the connection with or without a code, a reset, an answer, nothing."""
    lives = peer.probe()
    if peer.goaway is not None:
        code = code_name(peer.goaway.error_code)
        # After GOAWAY for an error the connection must end (RFC 9113 section 5.4.1).
        return f"GOAWAY {code}, " + ("closed" if peer.until(lambda: False) or peer.is_closed else "left open")
    if not lives:
        return CLOSED
    said = peer.stream(stream) if stream else None
    if said is not None and said.reset:
        return f"RST_STREAM {code_name(said.reset)}, goes on"
    if said is not None and said.grpc_status is not None:
        return f"grpc-status {said.grpc_status}, goes on"
    if said is not None and said.status is not None:
        return f"answered {said.status}, goes on"
    return IGNORED


def judge(case, port, ca_file):
    """The case's complaint, or nothing when it holds."""
    if case.greeting is not None:
        return judge_greeting(case, port, ca_file)
    peer = Peer(port, ca_file)
    try:
        about = case.legal(peer) if case.legal is not None else None
        if about is not None:
            peer.until(lambda: peer.stream(about).is_over or peer.stream(about).reset)
        control = outcome(peer, about)
        if control != IGNORED if about is None else not control.startswith(("answered", "grpc-status")):
            return f"the legal form: {control}"
        got = outcome(peer, case.illegal(peer))
        return "" if got == case.expect else f"{got}; expected: {case.expect}"
    finally:
        peer.close()


def judge_greeting(case, port, ca_file):
    """What must not begin a connection; the control is every other case's."""
    peer = Peer(port, ca_file, greeting=case.greeting)
    try:
        got = outcome(peer, case.illegal(peer))
        return "" if got == case.expect else f"{got}; expected: {case.expect}"
    finally:
        peer.close()
