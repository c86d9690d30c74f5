"""Asks the server for a secret over HTTP/2 with a token that it lets HPACK index (RFC 7541 section 6.2.1), as gRPC clients do,
so that the server's table keeps it. Prints the status and goes on holding the connection until it is ended.

usage: indexing_client.py PORT CA <request

stdin is a JSON object: the path, the token and the body.
"""

import json
import signal
import socket
import ssl
import sys

import h2.connection
import h2.events
from h2.config import H2Configuration


def main():
    request = json.load(sys.stdin)
    context = ssl.create_default_context(cafile=sys.argv[2])
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
    connection = context.wrap_socket(plain, server_hostname="localhost")
    # h2 would mark the token as never to be indexed.
    config = H2Configuration(client_side=True, header_encoding="utf-8", normalize_outbound_headers=False)
    session = h2.connection.H2Connection(config)
    session.initiate_connection()
    body = request["body"].encode()
    head = [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", request["path"]),
        ("authorization", f"Bearer {request['token']}"),
        ("content-length", str(len(body))),
    ]
    # The second time, the token is an index.
    for stream in (1, 3):
        session.send_headers(stream, head)
        session.send_data(stream, body, end_stream=True)
        connection.sendall(session.data_to_send())
        print(json.dumps({"status": status(session, connection, stream)}), flush=True)
    signal.pause()


def status(session, connection, stream):
    found = None
    while True:
        data = connection.recv(65536)
        if not data:
            raise RuntimeError("the server closed")
        for event in session.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                found = dict(event.headers)[":status"]
            elif isinstance(event, h2.events.StreamEnded) and event.stream_id == stream:
                return found


main()
