"""One HTTP/2 connection over TLS, of which every frame is ours to make: hyperframe writes whatever it is told, the
illegal included, and reads what comes back. hpack makes and reads header blocks."""

import socket
import ssl
from dataclasses import dataclass, field

from hpack import Decoder, Encoder
from hyperframe.frame import ExtensionFrame, Frame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITIZED = 0x20

CODES = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
]

WATCH = [("content-type", "application/grpc"), ("te", "trailers")]


def code_name(code):
    return CODES[code] if code < len(CODES) else f"code {code}"


def number(value, size=4):
    return value.to_bytes(size, "big")


def raw(kind, flags, stream, payload=b""):
    """A frame of any type with any payload on any stream."""
    frame = ExtensionFrame(type=kind, stream_id=stream, flag_byte=flags)
    frame.parse_body(memoryview(payload))
    return frame.serialize()


def settings(*pairs, flags=0, stream=0):
    return raw(SETTINGS, flags, stream, b"".join(number(key, 2) + number(value) for key, value in pairs))


@dataclass
class Stream:
    """What the server said on one stream."""

    fields: list = field(default_factory=list)
    trailers: list = field(default_factory=list)
    body: bytes = b""
    is_over: bool = False
    reset: int | None = None

    @property
    def status(self):
        return dict(self.fields).get(":status")

    @property
    def grpc_status(self):
        return dict(self.fields + self.trailers).get("grpc-status")


class Peer:
    """A client that has greeted the server, unless `greeting` says otherwise."""

    def __init__(self, port, ca_file, greeting=None):
        self.socket = self.connect(port, ca_file)
        self.encoder, self.decoder = Encoder(), Decoder()
        # Blocks that differ from one another only in what a case is about, whatever was sent before.
        self.encoder.header_table_size = 0
        self.next_id = 1
        self.streams = {}
        self.goaway = None
        self.is_closed = False
        self.server_settings = {}
        self.buffer = b""
        self.send(PREFACE + settings() if greeting is None else greeting)
        if greeting is None:
            self.until(lambda: self.server_settings)
            self.send(settings(flags=ACK))

    def connect(self, port, ca_file):
        context = ssl.create_default_context(cafile=ca_file)
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        secured = context.wrap_socket(plain, server_hostname="localhost")
        if secured.selected_alpn_protocol() != "h2":
            raise RuntimeError("the server does not speak h2")
        return secured

    # Sending

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            # The server has gone; what it said first is still to be read.
            pass

    def new_id(self):
        self.next_id += 2
        return self.next_id - 2

    def block(self, fields):
        return self.encoder.encode([tuple(pair) for pair in fields], huffman=False)

    def request_fields(self, more=(), method="GET", path="/", drop=()):
        head = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        return [pair for pair in head if pair[0] not in drop] + list(more)

    def headers(self, stream, fields, flags=END_HEADERS | END_STREAM):
        block = self.block(fields)
        if len(block) <= 16_384:
            return self.send(raw(HEADERS, flags, stream, block))
        parts = [block[start:start + 16_384] for start in range(0, len(block), 16_384)]
        self.send(raw(HEADERS, flags & ~END_HEADERS, stream, parts[0]))
        for index, part in enumerate(parts[1:], 2):
            self.send(raw(CONTINUATION, END_HEADERS if index == len(parts) else 0, stream, part))

    def request(self, more=(), is_last=True, **how):
        """A request on a new stream, whose number is returned."""
        stream = self.new_id()
        self.headers(stream, self.request_fields(more, **how), END_HEADERS | (END_STREAM if is_last else 0))
        return stream

    def open_request(self):
        """A request whose body is to come."""
        return self.request(is_last=False, method="POST", path="/secretstore/app/secrets/password")

    def half_closed(self):
        """A request that is whole and whose answer goes on: Watch of the health service."""
        stream = self.request(WATCH, is_last=False, method="POST", path="/grpc.health.v1.Health/Watch")
        self.send(raw(DATA, END_STREAM, stream, bytes(5)))
        self.until(lambda: self.stream(stream).body)
        return stream

    def closed(self):
        """A stream on which both sides have said everything."""
        stream = self.request()
        self.until(lambda: self.stream(stream).is_over)
        return stream

    # Receiving

    def stream(self, number):
        return self.streams.setdefault(number, Stream())

    def until(self, condition):
        """Reads until `condition` holds or nothing can follow. Whether it holds."""
        while not condition():
            if self.is_closed:
                return False
            try:
                more = self.socket.recv(65536)
            except TimeoutError:
                raise RuntimeError("the server says nothing and does not close") from None
            except OSError:
                more = b""
            if not more:
                self.is_closed = True
            self.buffer += more
            self.cut()
        return True

    def cut(self):
        while len(self.buffer) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
            if len(self.buffer) < 9 + length:
                return
            body, self.buffer = self.buffer[9:9 + length], self.buffer[9 + length:]
            frame.parse_body(memoryview(body))
            self.take(frame)

    def take(self, frame):
        kind = frame.type
        if kind == SETTINGS and "ACK" not in frame.flags:
            self.server_settings = dict(frame.settings) or {0: 0}
        elif kind == GOAWAY:
            self.goaway = frame
        elif kind == RST_STREAM:
            self.stream(frame.stream_id).reset = frame.error_code
        elif kind == HEADERS:
            stream = self.stream(frame.stream_id)
            (stream.trailers if stream.fields else stream.fields).extend(self.decoder.decode(frame.data))
            stream.is_over = stream.is_over or "END_STREAM" in frame.flags
        elif kind == DATA:
            stream = self.stream(frame.stream_id)
            stream.body += frame.data
            stream.is_over = stream.is_over or "END_STREAM" in frame.flags

    def probe(self):
        """Whether the connection still answers a plain request."""
        stream = self.stream(self.request())
        return self.until(lambda: stream.is_over)

    def close(self):
        self.socket.close()
