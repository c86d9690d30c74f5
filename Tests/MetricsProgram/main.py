#!/usr/bin/env python3
"""A program with metrics behind a login, in the manner of Prometheus.

The login is JSON in the file of --web.config.file, read at each request; what the environment had at the start is what it
tells as its metric.
"""

import argparse
import base64
import http.server
import json
import os


class Handler(http.server.BaseHTTPRequestHandler):
    login_file = ""
    environment = {}

    def do_GET(self):
        with open(self.login_file, encoding="utf-8") as file:
            login = json.load(file)
        wanted = base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode()
        status = 200 if self.headers.get("Authorization") == f"Basic {wanted}" else 401
        body = f"login_at_start {self.environment['password']}\n".encode() if status == 200 else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--web.config.file", dest="login", required=True)
    parser.add_argument("--web.listen-address", dest="address", required=True)
    arguments = parser.parse_args()
    Handler.login_file = arguments.login
    Handler.environment = json.loads(os.environ["METRICS_LOGIN"])
    host, _, port = arguments.address.rpartition(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    print(f"ready {server.server_address[1]}", flush=True)
    server.serve_forever()


main()
