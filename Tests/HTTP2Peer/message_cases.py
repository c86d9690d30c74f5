"""Section 8: malformed requests, which are stream errors of type PROTOCOL_ERROR (8.1.1)."""

from cases import case, stream
from peer import DATA, END_HEADERS, END_STREAM, HEADERS, raw

MALFORMED = stream("PROTOCOL_ERROR")
SECRET = "/secretstore/app/secrets/password"


def malformed(section, name, illegal, legal, expect=MALFORMED, differs=""):
    """Requests made by functions that give the stream."""

    def broken(peer):
        return illegal(peer)

    broken.__doc__ = name
    case(section, expect, legal=legal, differs=differs)(broken)


def with_fields(*fields):
    return lambda peer: peer.request(fields)


def with_head(*head):
    """All fields as given, pseudo-header fields too."""

    def send(peer):
        number = peer.new_id()
        peer.headers(number, head)
        return number

    return send


def with_raw_field(name, value):
    """A field that hpack's encoder would not write: each string as it is."""

    def send(peer):
        number = peer.new_id()
        field = b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value
        peer.send(raw(HEADERS, END_HEADERS | END_STREAM, number, peer.block(peer.request_fields()) + field))
        return number

    return send


METHOD, SCHEME, AUTHORITY, PATH = (
    (":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/"),
)
WHOLE = with_head(METHOD, SCHEME, AUTHORITY, PATH)


# 8.1: the parts of a message.

def body(*parts, length=None, trailers=None, trailer_flags=END_HEADERS | END_STREAM):
    def send(peer):
        more = [] if length is None else [("content-length", str(length))]
        number = peer.request(more, is_last=False, method="POST", path=SECRET)
        for index, part in enumerate(parts):
            is_last = index + 1 == len(parts) and trailers is None
            peer.send(raw(DATA, END_STREAM if is_last else 0, number, part))
        if trailers is not None:
            peer.headers(number, trailers, trailer_flags)
        return number

    return send


TRAILERS = body(b"x", trailers=[("a", "b")])
malformed("8.1", "a second HEADERS that does not end the request",
          body(b"x", trailers=[("a", "b")], trailer_flags=END_HEADERS), TRAILERS)
malformed("8.1", "pseudo-header fields in trailers", body(b"x", trailers=[(":path", "/")]), TRAILERS)
malformed("8.1.1", "more content than content-length", body(b"abc", length=2), body(b"ab", length=2))
malformed("8.1.1", "less content than content-length", body(b"a", length=2), body(b"ab", length=2))
malformed("8.1.1", "no content where content-length says some",
          lambda peer: peer.request([("content-length", "1")]), lambda peer: peer.request([("content-length", "0")]))
malformed("8.1.1", "less content than content-length, before trailers",
          body(b"a", length=2, trailers=[("a", "b")]), body(b"ab", length=2, trailers=[("a", "b")]))
malformed("8.1.1", "a content-length that is no number", body(b"a", length="1x"), body(b"a", length=1))
malformed("8.1.1", "two content-lengths", with_fields(("content-length", "0"), ("content-length", "0")),
          with_fields(("content-length", "0")))

# 8.2.1: names and values.

for name, bad in [("an uppercase letter", b"Aa"), ("a space", b"a b"), ("a colon", b"a:b"), ("DEL", b"a\x7f"),
                  ("a byte past ASCII", b"a\xe4"), ("NUL", b"a\0"), ("nothing", b"")]:
    malformed("8.2.1", f"a field name with {name}", with_raw_field(bad, b"v"), with_raw_field(b"ab", b"v"))
for name, bad in [("NUL", b"a\0b"), ("LF", b"a\nb"), ("CR", b"a\rb")]:
    malformed("8.2.1", f"a field value with {name}", with_raw_field(b"a", bad), with_raw_field(b"a", b"a\tb"))
for name, bad in [("begins with a space", b" v"), ("ends with a tab", b"v\t")]:
    malformed("8.2.1", f"a field value that {name}", with_raw_field(b"a", bad), with_raw_field(b"a", b"v"),
              expect="answered 401, goes on",
              differs="read without the white space, as over HTTP/1: the same question, the same answer")

# 8.2.2: fields of a connection.

for name in ["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]:
    value = {"connection": "close", "transfer-encoding": "chunked", "upgrade": "h2c"}.get(name, "x")
    malformed("8.2.2", f"the field {name}", with_fields((name, value)), with_fields(("x-" + name, value)))
malformed("8.2.2", "te other than trailers", with_fields(("te", "gzip")), with_fields(("te", "trailers")))

# 8.3: pseudo-header fields.

malformed("8.3", "an unknown pseudo-header field", with_head(METHOD, SCHEME, AUTHORITY, PATH, (":a", "b")), WHOLE)
malformed("8.3", "a response's pseudo-header field", with_head(METHOD, SCHEME, AUTHORITY, PATH, (":status", "200")), WHOLE)
malformed("8.3", "a pseudo-header field after a regular one", with_head(METHOD, SCHEME, AUTHORITY, ("a", "b"), PATH),
          with_head(METHOD, SCHEME, AUTHORITY, PATH, ("a", "b")))
for pair in (METHOD, SCHEME, AUTHORITY, PATH):
    malformed("8.3", f"{pair[0]} twice", with_head(METHOD, SCHEME, AUTHORITY, PATH, pair), WHOLE)
for pair in (METHOD, SCHEME, PATH):
    head = [other for other in (METHOD, SCHEME, AUTHORITY, PATH) if other != pair]
    malformed("8.3.1", f"no {pair[0]}", with_head(*head), WHOLE)
malformed("8.3.1", "neither :authority nor host", with_head(METHOD, SCHEME, PATH),
          with_head(METHOD, SCHEME, PATH, ("host", "localhost")))
malformed("8.3.1", "an empty :path", with_head(METHOD, SCHEME, AUTHORITY, (":path", "")), WHOLE)
malformed("8.3.1", "a :path that begins with no slash", with_head(METHOD, SCHEME, AUTHORITY, (":path", "a")), WHOLE)
malformed("8.3.1", "an asterisk for another method than OPTIONS", with_head(METHOD, SCHEME, AUTHORITY, (":path", "*")),
          with_head((":method", "OPTIONS"), SCHEME, AUTHORITY, (":path", "*")))
malformed("8.3.1", "a :method that is no token", with_head((":method", "G T"), SCHEME, AUTHORITY, PATH), WHOLE)
malformed("8.3.1", ":authority with userinfo", with_head(METHOD, SCHEME, (":authority", "u@localhost"), PATH), WHOLE)
malformed("8.3.1", "host that is not :authority", with_fields(("host", "elsewhere")), with_fields(("host", "localhost")))

# 8.5: CONNECT, whose legal form is answered like any other request that this server does not know.

CONNECT = (":method", "CONNECT")
TUNNEL = with_head(CONNECT, AUTHORITY)
malformed("8.5", "CONNECT with :scheme and :path", with_head(CONNECT, SCHEME, AUTHORITY, PATH),
          TUNNEL)
malformed("8.5", "CONNECT without :authority", with_head(CONNECT), TUNNEL)
