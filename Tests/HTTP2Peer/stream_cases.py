"""Sections 5 and 6: streams and their states, and the frames one by one."""

from cases import IGNORED, case, connection, stream
from peer import (
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PRIORITY, PUSH_PROMISE, RST_STREAM,
    WATCH, WINDOW_UPDATE, number, raw, settings,
)

MAY_END_ALL = "5.4.1: a stream error may end the connection"


# 5.1: idle.

def on_open(kind, payload):
    """The frame where it is allowed, on an open stream."""
    return lambda peer: peer.send(raw(kind, 0, peer.open_request(), payload))


@case("5.1", connection("PROTOCOL_ERROR"), legal=on_open(DATA, b"x"))
def idle_data(peer):
    """DATA on an idle stream"""
    peer.send(raw(DATA, 0, peer.next_id + 100, b"x"))


@case("5.1", connection("PROTOCOL_ERROR"), legal=on_open(RST_STREAM, number(8)))
def idle_reset(peer):
    """RST_STREAM on an idle stream"""
    peer.send(raw(RST_STREAM, 0, peer.next_id + 100, number(8)))


@case("5.1", connection("PROTOCOL_ERROR"), legal=on_open(WINDOW_UPDATE, number(1)))
def idle_window(peer):
    """WINDOW_UPDATE on an idle stream"""
    peer.send(raw(WINDOW_UPDATE, 0, peer.next_id + 100, number(1)))


@case("5.1", connection("PROTOCOL_ERROR"), legal=on_open(PRIORITY, bytes(5)))
def server_data(peer):
    """DATA on a stream that only the server could open"""
    peer.send(raw(DATA, 0, 2, b"x"))


# 5.1: half-closed (remote), and closed.

def while_answered(kind, payload):
    return lambda peer: peer.send(raw(kind, 0, peer.half_closed(), payload))


@case("5.1", connection("STREAM_CLOSED"), legal=while_answered(WINDOW_UPDATE, number(1)), differs=MAY_END_ALL)
def late_data(peer):
    """DATA on a half-closed (remote) stream"""
    peer.send(raw(DATA, 0, peer.half_closed(), b"x"))


@case("5.1", connection("STREAM_CLOSED"), legal=while_answered(PRIORITY, bytes(5)), differs=MAY_END_ALL)
def late_headers(peer):
    """HEADERS on a half-closed (remote) stream"""
    peer.headers(peer.half_closed(), [("a", "b")])


@case("5.1", connection("PROTOCOL_ERROR"), legal=while_answered(RST_STREAM, number(8)))
def late_continuation(peer):
    """CONTINUATION on a half-closed (remote) stream"""
    peer.send(raw(CONTINUATION, END_HEADERS, peer.half_closed(), peer.block([("a", "b")])))


@case("6.1", IGNORED, legal=lambda peer: peer.send(raw(RST_STREAM, 0, peer.closed(), number(8))),
      differs="5.1 lets an endpoint read and drop whatever comes on closed streams")
def closed_data(peer):
    """DATA on a closed stream"""
    peer.send(raw(DATA, 0, peer.closed(), b"x"))


# 5.1.1 and 5.1.2: numbers, and how many at once.

@case("5.1.1", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.request())
def even(peer):
    """a request on an even stream"""
    peer.headers(2, peer.request_fields())


def skipping(peer):
    peer.next_id += 10
    return peer.request()


@case("5.1.1", connection("PROTOCOL_ERROR"), legal=skipping)
def lower(peer):
    """a request on a stream below one that was opened, and that was skipped then"""
    peer.headers(skipping(peer) - 4, peer.request_fields())


@case("5.1.1", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.request())
def reused(peer):
    """a second request on a stream that is closed"""
    peer.headers(peer.closed(), peer.request_fields())


@case("5.1.2", connection("PROTOCOL_ERROR"), legal=lambda peer: [peer.open_request() for _ in range(100)][:0] or None,
      differs=MAY_END_ALL)
def too_many(peer):
    """more streams than SETTINGS_MAX_CONCURRENT_STREAMS, which the peer has acknowledged"""
    for _ in range(29):
        peer.open_request()


# 5.5 and 4.3: what comes between the parts of a field block.

def in_parts(between, on=None):
    def send(peer):
        stream = peer.new_id()
        block = peer.block(peer.request_fields())
        peer.send(
            raw(HEADERS, END_STREAM, stream, block[:5]) + (between(peer) if between else b"")
            + raw(CONTINUATION, END_HEADERS, stream, block[5:])
        )
        return stream

    return send


for name, section, between in [
    ("an extension frame within a field block", "5.5", lambda peer: raw(0x99, 0, 0, b"x")),
    ("PING within a field block", "6.2", lambda peer: raw(PING, 0, 0, bytes(8))),
    ("PRIORITY within a field block", "6.2", lambda peer: raw(PRIORITY, 0, peer.next_id - 2, bytes(5))),
    ("SETTINGS within a field block", "6.2", lambda peer: settings()),
    ("WINDOW_UPDATE within a field block", "6.2", lambda peer: raw(WINDOW_UPDATE, 0, 0, number(1))),
    ("another stream's CONTINUATION within a field block", "6.2",
     lambda peer: raw(CONTINUATION, 0, peer.next_id, b"")),
    ("another stream's HEADERS within a field block", "6.2",
     lambda peer: raw(HEADERS, END_HEADERS | END_STREAM, peer.new_id(), peer.block(peer.request_fields()))),
    ("DATA after CONTINUATION without END_HEADERS", "6.10",
     lambda peer: raw(CONTINUATION, 0, peer.next_id - 2, b"") + raw(DATA, 0, peer.next_id - 2, b"x")),
]:
    def broken(peer, between=between):
        in_parts(between)(peer)

    broken.__doc__ = name
    case(section, connection("PROTOCOL_ERROR"), legal=in_parts(None))(broken)


# 6.10: CONTINUATION that continues nothing.

@case("6.10", connection("PROTOCOL_ERROR"), legal=in_parts(None))
def lone_continuation(peer):
    """CONTINUATION after a block that was whole"""
    peer.send(raw(CONTINUATION, END_HEADERS, peer.open_request(), peer.block([("a", "b")])))


@case("6.10", connection("PROTOCOL_ERROR"), legal=in_parts(None))
def continuation_after_data(peer):
    """CONTINUATION after DATA"""
    opened = peer.open_request()
    peer.send(raw(DATA, 0, opened, b"x") + raw(CONTINUATION, END_HEADERS, opened, b""))


# Frames on stream 0, and on others than 0.

for name, section, kind, payload in [
    ("DATA on stream 0", "6.1", DATA, b"x"), ("PRIORITY on stream 0", "6.3", PRIORITY, bytes(5)),
    ("RST_STREAM on stream 0", "6.4", RST_STREAM, number(8)),
]:
    def on_zero(peer, kind=kind, payload=payload):
        peer.send(raw(kind, 0, 0, payload))

    on_zero.__doc__ = name
    case(section, connection("PROTOCOL_ERROR"), legal=on_open(kind, payload))(on_zero)


@case("6.2", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.request())
def headers_on_zero(peer):
    """HEADERS on stream 0"""
    peer.headers(0, peer.request_fields())


@case("6.10", connection("PROTOCOL_ERROR"), legal=in_parts(None))
def continuation_on_zero(peer):
    """CONTINUATION on stream 0"""
    peer.send(raw(CONTINUATION, END_HEADERS, 0, peer.block([("a", "b")])))


for name, section, kind, payload in [
    ("SETTINGS on a stream", "6.5", 4, b""), ("PING on a stream", "6.7", PING, bytes(8)),
    ("GOAWAY on a stream", "6.8", GOAWAY, bytes(8)),
]:
    def on_stream(peer, kind=kind, payload=payload):
        peer.send(raw(kind, 0, peer.open_request(), payload))

    def rightly(peer, kind=kind, payload=payload):
        # GOAWAY with NO_ERROR says that the server should open no stream, which it does not do anyway.
        peer.send(raw(kind, 0, 0, payload))

    on_stream.__doc__ = name
    case(section, connection("PROTOCOL_ERROR"), legal=None if kind == GOAWAY else rightly)(on_stream)


# Padding.

@case("6.1", connection("PROTOCOL_ERROR"),
      legal=lambda peer: peer.send(raw(DATA, PADDED, peer.open_request(), b"\2x" + bytes(2))))
def data_of_padding(peer):
    """DATA with padding as long as all of its payload"""
    peer.send(raw(DATA, PADDED, peer.open_request(), b"\4x" + bytes(2)))


@case("6.2", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.request())
def headers_of_padding(peer):
    """HEADERS with padding longer than what is left of its payload"""
    block = peer.block(peer.request_fields())
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM | PADDED, peer.new_id(), bytes([len(block) + 1]) + block))


# 6.5.2: values of settings. 6.6 and 8.4: push.

MAXIMUM = (1 << 31) - 1
for name, code, key, wrong, right in [
    ("SETTINGS_ENABLE_PUSH of 2", "PROTOCOL_ERROR", 2, 2, 1),
    ("SETTINGS_INITIAL_WINDOW_SIZE past 2^31-1", "FLOW_CONTROL_ERROR", 4, MAXIMUM + 1, MAXIMUM),
    ("SETTINGS_MAX_FRAME_SIZE below 16,384", "PROTOCOL_ERROR", 5, 16_383, 16_384),
    ("SETTINGS_MAX_FRAME_SIZE past 2^24-1", "PROTOCOL_ERROR", 5, 1 << 24, (1 << 24) - 1),
]:
    def wrongly(peer, key=key, wrong=wrong):
        peer.send(settings((key, wrong)))

    wrongly.__doc__ = name
    case("6.5.2", connection(code), legal=lambda peer, key=key, right=right: peer.send(settings((key, right))))(wrongly)


@case("8.4", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.request())
def push(peer):
    """PUSH_PROMISE from a client"""
    block = peer.block(peer.request_fields())
    peer.send(raw(PUSH_PROMISE, END_HEADERS, peer.open_request(), number(2) + block))


# 6.9: windows.

@case("6.9", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.send(raw(WINDOW_UPDATE, 0, 0, number(1))))
def no_increment(peer):
    """WINDOW_UPDATE of 0 for the connection"""
    peer.send(raw(WINDOW_UPDATE, 0, 0, number(0)))


@case("6.9", connection("PROTOCOL_ERROR"), legal=on_open(WINDOW_UPDATE, number(1)), differs=MAY_END_ALL)
def no_stream_increment(peer):
    """WINDOW_UPDATE of 0 for a stream"""
    peer.send(raw(WINDOW_UPDATE, 0, peer.open_request(), number(0)))


@case("6.9.1", connection("FLOW_CONTROL_ERROR"),
      legal=lambda peer: peer.send(raw(WINDOW_UPDATE, 0, 0, number(MAXIMUM - 65_535))))
def large_window(peer):
    """a window of the connection past 2^31-1"""
    peer.send(raw(WINDOW_UPDATE, 0, 0, number(1_000_000)))


@case("6.9.1", stream("FLOW_CONTROL_ERROR"),
      legal=lambda peer: peer.send(raw(WINDOW_UPDATE, 0, peer.open_request(), number(MAXIMUM - 65_535))))
def large_stream_window(peer):
    """a window of a stream past 2^31-1"""
    opened = peer.open_request()
    peer.send(raw(WINDOW_UPDATE, 0, opened, number(MAXIMUM)))
    return opened


@case("6.9.2", connection("FLOW_CONTROL_ERROR"), legal=lambda peer: peer.send(settings((4, 100_000))))
def large_windows(peer):
    """SETTINGS_INITIAL_WINDOW_SIZE that carries an open stream's window past 2^31-1"""
    peer.send(raw(WINDOW_UPDATE, 0, peer.open_request(), number(MAXIMUM - 200_000)) + settings((4, 500_000)))


# 8.3 of RFC 9218 is no part of this set; 3.2.1 of RFC 9218 and RFC 8441 add settings with rules of their own.

@case("RFC 8441 3", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.send(settings((8, 0))))
def connect_protocol(peer):
    """SETTINGS_ENABLE_CONNECT_PROTOCOL of 2"""
    peer.send(settings((8, 2)))


@case("RFC 9218 2.1", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.send(settings((9, 0))))
def no_priorities(peer):
    """SETTINGS_NO_RFC7540_PRIORITIES of 2"""
    peer.send(settings((9, 2)))
