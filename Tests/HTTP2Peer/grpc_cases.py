"""gRPC over HTTP/2: calls that break its rules. Nobody is authorized here, so the control, the same call rightly made, is
answered UNAUTHENTICATED."""

import gzip

from cases import case, stream
from peer import DATA, END_HEADERS, END_STREAM, raw

SERVICE = "/federation.v1.FederationService/"
GET = SERVICE + "GetSecret"
HEAD = {"content-type": "application/grpc", "te": "trailers"}
# GetSecretRequest{store: "app", name: "password"}
MESSAGE = b"\x0a\x03app\x12\x08password"


def framed(message, flag=0, length=None):
    return bytes([flag]) + (len(message) if length is None else length).to_bytes(4, "big") + message


def call(body=framed(MESSAGE), path=GET, method="POST", more=(), **head):
    """A call; `head` changes fields of its head, underscores for dashes and None for leaving one out."""
    fields = HEAD | {name.replace("_", "-"): value for name, value in head.items()}
    fields = [pair for pair in fields.items() if pair[1] is not None] + list(more)

    def send(peer):
        number = peer.new_id()
        peer.headers(number, peer.request_fields(fields, method=method, path=path), END_HEADERS)
        # Within a frame's size, whose bound is no part of this; what is too long is told by its length.
        peer.send(raw(DATA, END_STREAM, number, body))
        return number

    return send


def refused(name, code, illegal, legal=call(), differs=""):
    """A call that is answered with a gRPC code, or with whatever else `code` tells."""

    def broken(peer):
        return illegal(peer)

    broken.__doc__ = name
    expect = f"grpc-status {code}, goes on" if isinstance(code, int) else code
    case("gRPC", expect, legal=legal, differs=differs)(broken)


CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED = 1, 2, 3, 4
RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAUTHENTICATED = 8, 12, 13, 16
NOT_GRPC = "answered 415, goes on"

# Content types.
for value in ["application/json", "application/grpcx", "application/grpc+json", "text/plain", None]:
    refused(f"content-type {value}", NOT_GRPC, call(content_type=value))
for value in ["application/grpc+proto", "application/grpc;charset=utf-8", "Application/GRPC"]:
    refused(f"content-type {value}, which is right", UNAUTHENTICATED, call(content_type=value))

# `te`, which tells proxies that would lose trailers.
refused("te other than trailers", stream("PROTOCOL_ERROR"), call(te="gzip"))
refused("no te", UNAUTHENTICATED, call(te=None), differs="a call that came whole needs no proof that it would have")

# What is called, and how.
refused("a path without a method", UNIMPLEMENTED, call(path="/federation.v1.FederationService"))
refused("a path with an empty method", UNIMPLEMENTED, call(path=SERVICE))
refused("a path with an empty service", UNIMPLEMENTED, call(path="//GetSecret"))
refused("a path with a third part", UNIMPLEMENTED, call(path=GET + "/more"))
refused("a path with a query", UNIMPLEMENTED, call(path=GET + "?a=b"))
refused("an unknown method", UNIMPLEMENTED, call(path=SERVICE + "GetSecrets"))
refused("a method in other case", UNIMPLEMENTED, call(path=SERVICE + "getSecret"))
refused("an unknown service", UNIMPLEMENTED, call(path="/federation.v2.FederationService/GetSecret"))
refused("GET", "answered 405, goes on", call(method="GET"))
refused("PUT", "answered 405, goes on", call(method="PUT"))

# Messages.
refused("no message", INTERNAL, call(b""))
refused("half a length", INTERNAL, call(b"\0\0"))
refused("a message cut short", INTERNAL, call(framed(MESSAGE, length=len(MESSAGE) + 1)))
refused("two messages", INTERNAL, call(framed(MESSAGE) * 2))
refused("a byte after the message", INTERNAL, call(framed(MESSAGE) + b"\0"))
refused("a flag of 2", INTERNAL, call(framed(MESSAGE, flag=2)))
refused("a compressed message without grpc-encoding", INTERNAL, call(framed(gzip.compress(MESSAGE), flag=1)))
refused("a compressed message with grpc-encoding identity", INTERNAL,
        call(framed(gzip.compress(MESSAGE), flag=1), grpc_encoding="identity"))
refused("grpc-encoding gzip and no gzip in it", INTERNAL, call(framed(MESSAGE, flag=1), grpc_encoding="gzip"))
refused("gzip that is cut short", INTERNAL, call(framed(gzip.compress(MESSAGE)[:-4], flag=1), grpc_encoding="gzip"))
refused("gzip of 5 MB", RESOURCE_EXHAUSTED,
        call(framed(gzip.compress(bytes(5_000_000)), flag=1), grpc_encoding="gzip"))
refused("gzip, rightly", UNAUTHENTICATED, call(framed(gzip.compress(MESSAGE), flag=1), grpc_encoding="gzip"))
refused("an unknown grpc-encoding", UNIMPLEMENTED, call(grpc_encoding="zstd"))
refused("a message longer than 4 MiB", RESOURCE_EXHAUSTED, call(framed(MESSAGE, length=4_194_305)))
refused("a length past 2^31", RESOURCE_EXHAUSTED, call(framed(MESSAGE, length=0xFFFF_FFFF)))
refused("a message that is no protobuf", INVALID_ARGUMENT, call(framed(b"\xff\xff\xff")))
refused("protobuf with a field cut short", INVALID_ARGUMENT, call(framed(MESSAGE[:-1])))

# Deadlines.
for value in ["S", "5", "123456789S", "-1S", "+1S", "1.5S", "1 S", "1x", "0x1S", "٣S"]:
    refused(f"grpc-timeout {value!r}", INTERNAL, call(grpc_timeout=value))
refused("grpc-timeout of nothing", INTERNAL, call(grpc_timeout=""))
refused("a deadline that has passed", DEADLINE_EXCEEDED, call(grpc_timeout="0S"))
refused("the longest grpc-timeout", UNAUTHENTICATED, call(grpc_timeout="99999999H"))

# Metadata.
refused("-bin metadata that is no base64", UNAUTHENTICATED, call(more=[("x-bin", "!!!"), ("authorization-bin", "%")]),
        differs="metadata that no handler reads is not decoded either")
refused("two authorizations", INVALID_ARGUMENT, call(more=[("authorization", "Bearer a"), ("authorization", "Bearer a")]))
refused("two workload tokens", INVALID_ARGUMENT, call(more=[("x-workload-token", "a"), ("x-workload-token", "b")]))
refused("metadata of more than 32 KiB", RESOURCE_EXHAUSTED, call(more=[(f"m{index}", "x" * 800) for index in range(44)]))
refused("a name in upper case", stream("PROTOCOL_ERROR"), call(more=[("X-A", "b")]))

# Streaming calls.
WATCH = "/grpc.health.v1.Health/Watch"
CHECK = "/grpc.health.v1.Health/Check"
refused("Check with two messages", INTERNAL, call(framed(b"") * 2, path=CHECK), legal=call(framed(b""), path=CHECK))
refused("Check with none", INTERNAL, call(b"", path=CHECK), legal=call(framed(b""), path=CHECK))
refused("Check with a message cut short", INTERNAL, call(b"\0\0\0\0\5a", path=CHECK), legal=call(framed(b""), path=CHECK))
refused("Watch with two messages", INTERNAL, call(framed(b"") * 2, path=WATCH), legal=call(framed(b""), path=CHECK))
refused("a method that health has not", UNIMPLEMENTED, call(framed(b""), path="/grpc.health.v1.Health/List"),
        legal=call(framed(b""), path=CHECK))
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
refused("reflection with no protobuf", INVALID_ARGUMENT, call(framed(b"\xff"), path=REFLECTION),
        legal=call(framed(b"\x3a\x00"), path=REFLECTION))
