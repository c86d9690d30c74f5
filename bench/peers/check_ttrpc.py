"""Asks a ttrpc peer for one secret, by the bytes of the protocol, and says what is wrong with its answer.

usage: check_ttrpc.py HOST:PORT CA TOKENS VALUE_SIZE [refuses]

With `refuses`, a wrong token must be answered UNAUTHENTICATED.
"""

import socket
import ssl
import struct
import sys

REQUEST, RESPONSE, UNAUTHENTICATED = 1, 2, 16


def varint(number):
    encoded = b""
    while number >= 0x80:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def field(number, content):
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def request(token):
    secret = field(1, b"bench") + field(2, b"key-0")
    metadata = field(1, b"authorization") + field(2, b"Bearer " + token)
    service = field(1, b"federation.v1.FederationService") + field(2, b"GetSecret")
    return service + field(3, secret) + field(5, metadata)


def exactly(stream, count):
    content = stream.read(count)
    if len(content) < count:
        sys.exit("the peer closed the connection")
    return content


def call(stream, stream_id, token):
    """The one answer to a call, after its frame was sent in two parts."""
    message = request(token)
    frame = struct.pack(">IIBB", len(message), stream_id, REQUEST, 0) + message
    for part in frame[:7], frame[7:]:
        stream.write(part)
        stream.flush()
    length, answered_id, kind, flags = struct.unpack(">IIBB", exactly(stream, 10))
    if (answered_id, kind, flags) != (stream_id, RESPONSE, 0):
        sys.exit(f"a frame of stream {answered_id}, type {kind}, flags {flags}")
    return exactly(stream, length)


def main(address, ca, tokens, value_size, *refuses):
    host, port = address.rsplit(":", 1)
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["ttrpc"])
    size = int(value_size)
    with open(tokens, "rb") as lines:
        token = lines.readline().strip()
    with context.wrap_socket(socket.create_connection((host, int(port)), 10), server_hostname="localhost") as tls:
        if tls.selected_alpn_protocol() != "ttrpc":
            sys.exit("no ALPN protocol ttrpc")
        stream = tls.makefile("rwb")
        value = (b"key-0." * (size // 6 + 1))[:size]
        for stream_id in 1, 3:
            if call(stream, stream_id, token) != field(2, field(1, value)):
                sys.exit("another answer than the secret")
        if refuses and not call(stream, 5, b"x" + token).startswith(bytes([0x0A])):
            sys.exit("a wrong token got an answer")


main(*sys.argv[1:])
