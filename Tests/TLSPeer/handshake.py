"""Shakes hands with a TLS server and prints what came of it, as one JSON object: `version`, whether the server `answered` a
request, and else the `alert` by which it ended the handshake.

usage: handshake.py PORT CA [CERTIFICATE KEY]

The server is on 127.0.0.1 and is called localhost.
"""

import json
import socket
import ssl
import sys

port, authority, *shown = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
context.set_alpn_protocols(["http/1.1"])
if shown:
    context.load_cert_chain(*shown)
found = {"version": "", "answered": False, "alert": ""}
with socket.create_connection(("127.0.0.1", int(port)), timeout=60) as plain:
    try:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            found["version"] = connection.version()
            # In TLS 1.3 a client learns only now what the server thinks of its certificate.
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            found["answered"] = connection.recv(5) == b"HTTP/"
    except ssl.SSLError as error:
        found["alert"] = error.reason
print(json.dumps(found))
