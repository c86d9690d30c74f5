"""Talks to the server through the library h2, which raises where the server breaks a rule of the protocol: twenty
requests at once on one connection, then a gRPC call. Prints one JSON object an answer.

    strict_client.py PORT CA_FILE
"""

import json
import socket
import ssl
import sys

import h2.connection
import h2.events
from h2.config import H2Configuration


def main():
    context = ssl.create_default_context(cafile=sys.argv[2])
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
    connection = context.wrap_socket(plain, server_hostname="localhost")
    session = h2.connection.H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
    session.initiate_connection()

    def head(method, path, *more):
        return [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path), *more]

    def answers(count):
        """The fields of so many answers, trailers with them."""
        fields = {}
        while count:
            connection.sendall(session.data_to_send())
            data = connection.recv(65536)
            if not data:
                raise RuntimeError("the server closed")
            for event in session.receive_data(data):
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    fields.setdefault(event.stream_id, {}).update(event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    session.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    count -= 1
                elif isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
                    raise RuntimeError(f"the server gave up: {event}")
        return [fields[stream] for stream in sorted(fields)]

    def say(fields):
        print(json.dumps({name.lstrip(":"): value for name, value in fields.items()}), flush=True)

    for _ in range(20):
        stream = session.get_next_available_stream_id()
        session.send_headers(stream, head("POST", "/secretstore/app/secrets/password", ("content-length", "2")))
        session.send_data(stream, b"{}", end_stream=True)
    for fields in answers(20):
        say(fields)
    stream = session.get_next_available_stream_id()
    call = head("POST", "/federation.v1.FederationService/GetSecret", ("content-type", "application/grpc"), ("te", "trailers"))
    session.send_headers(stream, call)
    session.send_data(stream, b"\0\0\0\0\0", end_stream=True)
    for fields in answers(1):
        say(fields)


main()
