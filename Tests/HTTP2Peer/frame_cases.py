"""Sections 3.4 to 4.3: the preface, the size of frames, and field blocks."""

from cases import case, connection
from peer import (
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PREFACE, PRIORITIZED, PRIORITY,
    RST_STREAM, SETTINGS, WINDOW_UPDATE, number, raw, settings,
)

TOO_LONG = bytes(16_385)
AS_LONG_AS_ALLOWED = bytes(16_384)


# 3.4: the preface. The control is every other case, which begins rightly.

@case("3.4", connection("PROTOCOL_ERROR"), greeting=b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
def no_preface(peer):
    """HTTP/1.1 instead of the preface"""


@case("3.4", connection("PROTOCOL_ERROR"), greeting=PREFACE[:-2] + b"XX" + settings())
def wrong_preface(peer):
    """a preface with a wrong end"""


@case("3.4", connection("PROTOCOL_ERROR"), greeting=PREFACE + raw(PING, 0, 0, bytes(8)))
def no_settings(peer):
    """a first frame that is not SETTINGS"""


@case("3.4", connection("PROTOCOL_ERROR"), greeting=PREFACE + settings(flags=1))
def only_acknowledgement(peer):
    """a first frame that acknowledges settings and gives none"""


# 4.2: sizes.

def padded_body(peer):
    stream = peer.open_request()
    peer.send(raw(DATA, 0, stream, AS_LONG_AS_ALLOWED))


@case("4.2", connection("FRAME_SIZE_ERROR"), legal=padded_body, differs="5.4.1: a stream error may end the connection")
def long_data(peer):
    """DATA longer than SETTINGS_MAX_FRAME_SIZE"""
    peer.send(raw(DATA, 0, peer.open_request(), TOO_LONG))


def long_block(peer):
    stream = peer.new_id()
    block = peer.block(peer.request_fields([("a", "x" * 16_200)]))
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM, stream, block))
    return stream


@case("4.2", connection("FRAME_SIZE_ERROR"), legal=long_block)
def long_headers(peer):
    """HEADERS longer than SETTINGS_MAX_FRAME_SIZE"""
    block = peer.block(peer.request_fields([("a", "x" * 16_400)]))
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM, peer.new_id(), block))


def continued(peer, second):
    """A block in three parts, the second of that many bytes."""
    stream = peer.new_id()
    block = peer.block(peer.request_fields([("a", "x" * 20_000)]))
    peer.send(
        raw(HEADERS, END_STREAM, stream, block[:900]) + raw(CONTINUATION, 0, stream, block[900:900 + second])
        + raw(CONTINUATION, END_HEADERS, stream, block[900 + second:])
    )
    return stream


@case("4.2", connection("FRAME_SIZE_ERROR"), legal=lambda peer: continued(peer, 16_384))
def long_continuation(peer):
    """CONTINUATION longer than SETTINGS_MAX_FRAME_SIZE"""
    continued(peer, 16_385)


@case("4.2", connection("FRAME_SIZE_ERROR"), legal=lambda peer: peer.send(settings(*[(0x99, 0)] * 30)))
def long_settings(peer):
    """SETTINGS longer than SETTINGS_MAX_FRAME_SIZE"""
    peer.send(settings(*[(0x99, 0)] * 2_731))


@case("4.2", connection("FRAME_SIZE_ERROR"), legal=lambda peer: peer.send(raw(0x99, 0, 0, AS_LONG_AS_ALLOWED)))
def long_unknown(peer):
    """a frame of an unknown type on stream 0, longer than SETTINGS_MAX_FRAME_SIZE"""
    peer.send(raw(0x99, 0, 0, TOO_LONG))


@case("4.2", connection("PROTOCOL_ERROR"), legal=lambda peer: peer.send(raw(DATA, PADDED, peer.open_request(), b"\0")),
      differs="5.4: a generic code may stand for a particular one")
def no_pad_length(peer):
    """PADDED DATA with no room for the pad length"""
    peer.send(raw(DATA, PADDED, peer.open_request(), b""))


def padded_request(peer):
    stream = peer.new_id()
    block = peer.block(peer.request_fields())
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM | PADDED, stream, b"\3" + block + bytes(3)))
    return stream


@case("4.2", connection("PROTOCOL_ERROR"), legal=padded_request, differs="5.4: a generic code may stand for a particular one")
def no_headers_pad_length(peer):
    """PADDED HEADERS with no room for the pad length"""
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM | PADDED, peer.new_id(), b""))


def prioritized_request(peer):
    stream = peer.new_id()
    block = peer.block(peer.request_fields())
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM | PRIORITIZED, stream, bytes(4) + b"\x0f" + block))
    return stream


@case("4.2", connection("FRAME_SIZE_ERROR"), legal=prioritized_request)
def no_priority(peer):
    """HEADERS whose priority fields are cut short"""
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM | PRIORITIZED, peer.new_id(), bytes(4)))


# 4.3: field blocks, which RFC 7541 says how to read.

def block_case(name, illegal, legal=None):
    """A request whose block ends with `illegal`; `legal` is the like that can be read."""

    def send(peer, tail):
        stream = peer.new_id()
        peer.send(raw(HEADERS, END_HEADERS | END_STREAM, stream, peer.block(peer.request_fields()) + tail))
        return stream

    def broken(peer):
        send(peer, illegal)

    broken.__doc__ = name
    case("4.3", connection("COMPRESSION_ERROR"), legal=lambda peer: send(peer, legal))(broken)


literal = b"\x00\x01a\x01b"
block_case("a field indexed 0 (RFC 7541 6.1)", b"\x80", literal)
# 15 fields of the static table are the last one, `www-authenticate`, with the value as it stands there, which is empty.
block_case("an index past both tables (RFC 7541 2.3.3)", b"\xff\x20", b"\xb2")
block_case("a literal whose name's index is past both tables (RFC 7541 2.3.3)", b"\x0f\x60\x01b", b"\x0f\x23\x01b")
block_case("an index that is cut short (RFC 7541 5.1)", b"\xff", literal)
block_case("an integer without end (RFC 7541 5.1)", b"\xff" + b"\xff" * 12, literal)
block_case("a literal longer than the block (RFC 7541 5.2)", b"\x00\x01a\x05b", literal)
block_case("a literal without its value (RFC 7541 5.2)", b"\x00\x01a", literal)
block_case("Huffman's padding longer than 7 bits (RFC 7541 5.2)", b"\x00\x01a\x82\x1f\xff", b"\x00\x01a\x81\x1f")
block_case("Huffman's padding that is not of ones (RFC 7541 5.2)", b"\x00\x01a\x81\x18", b"\x00\x01a\x81\x1f")
block_case("Huffman's EOS within a string (RFC 7541 5.2)", b"\x00\x01a\x84\xff\xff\xff\xff", b"\x00\x01a\x81\x1f")
block_case("a table size after a field (RFC 7541 4.2)", b"\x20", literal)


def resized(size):
    def send(peer):
        stream = peer.new_id()
        peer.send(raw(HEADERS, END_HEADERS | END_STREAM, stream, size + peer.block(peer.request_fields())))
        return stream

    return send


@case("4.3.1", connection("COMPRESSION_ERROR"), legal=resized(b"\x3f\xe1\x1f"))
def large_table(peer):
    """a table size past SETTINGS_HEADER_TABLE_SIZE (RFC 7541 6.3)"""
    resized(b"\x3f\xe2\x1f")(peer)


@case("4.3", connection("COMPRESSION_ERROR"), legal=lambda peer: trailers(peer, peer.block([("a", "b")])))
def broken_trailers(peer):
    """trailers that cannot be decoded"""
    trailers(peer, b"\x80")


def trailers(peer, block):
    stream = peer.open_request()
    peer.send(raw(HEADERS, END_HEADERS | END_STREAM, stream, block))
    return stream


# Frames of a fixed size.

for name, kind, flags, size, on_stream in [
    ("PING shorter than 8 bytes", PING, 0, 7, False), ("PING longer than 8 bytes", PING, 0, 9, False),
    ("RST_STREAM shorter than 4 bytes", RST_STREAM, 0, 3, True),
    ("RST_STREAM longer than 4 bytes", RST_STREAM, 0, 5, True),
    ("WINDOW_UPDATE shorter than 4 bytes", WINDOW_UPDATE, 0, 3, False),
    ("WINDOW_UPDATE longer than 4 bytes, on a stream", WINDOW_UPDATE, 0, 5, True),
    ("SETTINGS of no multiple of 6 bytes", SETTINGS, 0, 7, False),
    ("GOAWAY shorter than 8 bytes", GOAWAY, 0, 7, False),
]:
    right = {PING: 8, RST_STREAM: 4, WINDOW_UPDATE: 4, SETTINGS: 0, GOAWAY: None}[kind]
    section = {PING: "6.7", RST_STREAM: "6.4", WINDOW_UPDATE: "6.9", SETTINGS: "6.5", GOAWAY: "4.2"}[kind]

    def send(peer, size, kind=kind, flags=flags, on_stream=on_stream):
        if size is not None:
            peer.send(raw(kind, flags, peer.open_request() if on_stream else 0, b"\1" * size))

    def wrong(peer, send=send, size=size):
        send(peer, size)

    wrong.__doc__ = name
    # A GOAWAY of the peer's own is no control: it would be the end of what it asks.
    case(section, connection("FRAME_SIZE_ERROR"), legal=lambda peer, send=send, right=right: send(peer, right))(wrong)


@case("6.5", connection("FRAME_SIZE_ERROR"), legal=lambda peer: peer.send(settings((0x99, 0))))
def giving_acknowledgement(peer):
    """SETTINGS that acknowledge and give"""
    peer.send(settings((0x99, 0), flags=ACK))


@case("6.3", connection("FRAME_SIZE_ERROR"), legal=lambda peer: peer.send(raw(PRIORITY, 0, peer.open_request(), bytes(5))),
      differs="5.4.1: a stream error may end the connection")
def short_priority(peer):
    """PRIORITY of another length than 5"""
    peer.send(raw(PRIORITY, 0, peer.open_request(), number(0)))
