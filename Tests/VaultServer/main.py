"""A stand-in for HashiCorp Vault: the endpoints that federation-server uses, in memory, over HTTPS.

hvac.py beside it holds it to Vault's own client. Knobs that Vault has not are below /control: GET tells what was asked,
POST {"sealed", "standby", "failures", "status", "ttl", "lease_seconds", "revoke_status", "forget_tokens", "forget_leases",
"index"} sets how the server behaves, and {"keys", "accounts"} which service accounts may log in: their cluster's keys, and
{"role", "audience"} by `sub`.
"""

import argparse
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

from joserfc import jwt
from joserfc.jwk import KeySet

ROOT = "root-token"


class Refusal(Exception):
    def __init__(self, status, *errors, warnings=None):
        super().__init__(status)
        self.status = status
        self.body = {"warnings": warnings} if warnings else {"errors": list(errors)}


class Vault:
    """What the server knows. One lock for all of it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.secrets = {}  # (namespace, mount, path) -> versions, or one value in KV v1
        self.mounts = {"secret": 2, "kv1": 1}
        self.tokens = {ROOT: {"ttl": 0, "made": time.monotonic(), "renewable": False}}
        self.leases = {}
        self.knobs = {"sealed": False, "standby": False, "failures": 0, "status": 500, "ttl": 3600, "index": None}
        self.knobs |= {"lease_seconds": 60, "revoke_status": 0}
        self.counts = {}
        self.users = {"app": "correct horse"}
        self.roles = {"role-id": "secret-id"}
        self.jwts = {"good-jwt": "federation"}
        self.keys = None
        self.accounts = {}
        self.custom_metadata = {}  # as secrets, of KV v2

    # Tokens

    def token(self, text):
        token = self.tokens.get(text)
        if token is None or (token["ttl"] and time.monotonic() > token["made"] + token["ttl"]):
            raise Refusal(403, "permission denied")
        return token

    def issue(self):
        text = "hvs." + secrets.token_urlsafe(24)
        self.tokens[text] = {"ttl": self.knobs["ttl"], "made": time.monotonic(), "renewable": True}
        return {"auth": self.auth(text)}

    def auth(self, text):
        token = self.tokens[text]
        return {
            "client_token": text,
            "accessor": "accessor",
            "policies": ["default"],
            "lease_duration": token["ttl"],
            "renewable": token["renewable"],
        }

    # KV

    def mount(self, path):
        name, _, rest = path.partition("/")
        if name not in self.mounts:
            raise Refusal(404, f'no handler for route "{path}". route entry not found.')
        return name, self.mounts[name], rest

    def kv(self, method, namespace, path, query, body):
        mount, version, rest = self.mount(path)
        wants_list = method == "LIST" or (method == "GET" and query.get("list") == ["true"])
        if version == 1:
            if wants_list:
                return self.listing(namespace, mount, rest)
            return self.kv1(method, (namespace, mount, rest), body)
        kind, _, key = rest.partition("/")
        if kind == "metadata" and wants_list:
            return self.listing(namespace, mount, key)
        if kind == "metadata" and method == "GET":
            return self.all_metadata((namespace, mount, key))
        if kind == "metadata" and method in ("PUT", "POST"):
            self.custom_metadata[(namespace, mount, key)] = body.get("custom_metadata") or {}
            return None
        if kind == "metadata" and method == "DELETE":
            self.custom_metadata.pop((namespace, mount, key), None)
            self.secrets.pop((namespace, mount, key), None)
            return None
        if kind != "data":
            raise Refusal(404, warnings=["Invalid path for a versioned K/V secrets engine. See the API docs."])
        return self.kv2(method, (namespace, mount, key), query, body)

    def kv1(self, method, place, body):
        if method in ("PUT", "POST"):
            self.secrets[place] = body
            return None
        if method == "DELETE":
            self.secrets.pop(place, None)
            return None
        if place not in self.secrets:
            raise Refusal(404)
        return {"data": self.secrets[place]}

    def kv2(self, method, place, query, body):
        if method in ("PUT", "POST"):
            versions = self.secrets.setdefault(place, [])
            versions.append({"data": body["data"], "deleted": False})
            return {"data": self.metadata(versions, len(versions))}
        versions = self.secrets.get(place)
        if not versions:
            raise Refusal(404)
        if method == "DELETE":
            versions[-1]["deleted"] = True
            return None
        number = int(query.get("version", ["0"])[0]) or len(versions)
        if number > len(versions):
            raise Refusal(404)
        version = versions[number - 1]
        answer = {"data": {"data": version["data"], "metadata": self.metadata(versions, number)}}
        if version["deleted"]:
            answer["data"]["data"] = None
            return answer, 404
        return answer

    def all_metadata(self, place):
        if place not in self.secrets:
            raise Refusal(404)
        versions = self.secrets[place]
        numbers = range(1, len(versions) + 1)
        return {
            "data": {
                "custom_metadata": self.custom_metadata.get(place),
                "current_version": len(versions),
                "versions": {str(number): self.metadata(versions, number) for number in numbers},
            }
        }

    @staticmethod
    def metadata(versions, number):
        return {
            "version": number,
            "created_time": "2024-01-01T00:00:00Z",
            "deletion_time": "2024-01-01T00:00:00Z" if versions[number - 1]["deleted"] else "",
            "destroyed": False,
            "custom_metadata": None,
        }

    def listing(self, namespace, mount, folder):
        prefix = folder.rstrip("/") + "/" if folder.strip("/") else ""
        names = set()
        for place_namespace, place_mount, path in self.secrets:
            if (place_namespace, place_mount) != (namespace, mount) or not path.startswith(prefix):
                continue
            first, slash, _ = path[len(prefix) :].partition("/")
            names.add(first + slash)
        if not names:
            raise Refusal(404)
        return {"data": {"keys": sorted(names)}}

    # Logins

    def login(self, path, body, certificate):
        parts = path.split("/")
        if path == "auth/approle/login":
            if self.roles.get(body.get("role_id")) != body.get("secret_id"):
                raise Refusal(400, "invalid role or secret ID")
        elif path in ("auth/kubernetes/login", "auth/jwt/login"):
            if self.jwts.get(body.get("jwt")) != body.get("role") and not self.is_account(body):
                raise Refusal(403, "permission denied")
        elif path == "auth/cert/login":
            if not certificate:
                raise Refusal(400, "client certificate must be supplied")
        elif parts[:3] == ["auth", "userpass", "login"] and len(parts) == 4:
            name = urllib.parse.unquote(parts[3])
            if name not in self.users or self.users[name] != body.get("password"):
                raise Refusal(400, "invalid username or password")
        else:
            raise Refusal(404)
        return self.issue()

    def is_account(self, body):
        """Whether a service account's token may log in to the role."""
        try:
            claims = jwt.decode(body["jwt"], self.keys, algorithms=["RS256"]).claims
            account = self.accounts[claims["sub"]]
        except Exception:
            return False
        is_for = account["audience"] in claims["aud"] and account["role"] == body.get("role")
        return is_for and claims["exp"] > time.time()

    # Everything

    def answer(self, method, path, query, headers, body, certificate):
        if path == "sys/health":
            status = 503 if self.knobs["sealed"] else 429 if self.knobs["standby"] else 200
            return {"initialized": True, "sealed": self.knobs["sealed"], "standby": self.knobs["standby"]}, status
        if self.knobs["sealed"]:
            raise Refusal(503, "Vault is sealed")
        if self.knobs["standby"]:
            raise Refusal(473)
        if self.knobs["failures"] > 0:
            self.knobs["failures"] -= 1
            raise Refusal(self.knobs["status"], "told to fail")
        if self.knobs["index"] and headers.get("X-Vault-Index") not in (None, self.knobs["index"]):
            raise Refusal(412, "required index state not present")
        if path.startswith("auth/") and "login" in path.split("/"):
            return self.login(path, body, certificate)
        text = headers.get("X-Vault-Token", "")
        token = self.token(text)
        namespace = headers.get("X-Vault-Namespace", "")
        if path == "auth/token/lookup-self":
            left = token["made"] + token["ttl"] - time.monotonic() if token["ttl"] else 0
            return {"data": {"ttl": int(left), "renewable": token["renewable"], "policies": ["default"]}}
        if path == "auth/token/renew-self":
            if not token["renewable"]:
                raise Refusal(400, "lease is not renewable")
            token["made"] = time.monotonic()
            return {"auth": self.auth(text)}
        # A namespace may stand before it.
        if path.endswith("auth/token/create"):
            return self.issue()
        if path == "auth/token/revoke-self":
            del self.tokens[text]
            return None
        if path.startswith("database/creds/"):
            return self.lease(path)
        if path == "sys/leases/revoke":
            if self.knobs["revoke_status"]:
                raise Refusal(self.knobs["revoke_status"], "told to fail")
            # Vault has nothing to do for a lease that it does not know, and says so by success.
            self.leases.pop(body.get("lease_id"), None)
            return None
        if path == "sys/leases/lookup":
            lease = self.leases.get(body.get("lease_id"))
            if lease is None:
                raise Refusal(400, "invalid lease")
            return {"data": {"id": body["lease_id"], "ttl": 60}}
        if text != ROOT and "/denied/" in "/" + path:
            raise Refusal(403, "1 error occurred: permission denied")
        return self.kv(method, namespace, path, query, body)

    def lease(self, path):
        role = path.removeprefix("database/creds/")
        if role == "missing":
            raise Refusal(400, "unknown role: missing")
        lease = f"{path}/{secrets.token_urlsafe(18)}"
        user = {"username": f"v-{role}-{secrets.token_hex(4)}", "password": secrets.token_urlsafe(18)}
        if role == "odd":
            # What no Secret could have as a key.
            user["pass word"] = user.pop("password")
        self.leases[lease] = user
        return {"lease_id": lease, "renewable": True, "lease_duration": self.knobs["lease_seconds"], "data": user}

    def control(self, method, body):
        if method == "POST":
            if body.pop("forget_tokens", False):
                self.tokens = {ROOT: self.tokens[ROOT]}
            if body.pop("forget_leases", False):
                self.leases = {}
            self.users.update(body.pop("users", {}))
            self.accounts.update(body.pop("accounts", {}))
            if "keys" in body:
                self.keys = KeySet.import_key_set(body.pop("keys"))
            self.knobs.update(body)
        counted = {"counts": self.counts, "leases": sorted(self.leases), "tokens": len(self.tokens)}
        return counted | self.knobs


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    vault = Vault()

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        body = json.loads(raw) if raw else {}
        certificate = self.connection.getpeercert(binary_form=True)
        vault, status = self.vault, None
        with vault.lock:
            if url.path == "/control":
                answer = vault.control(self.command, body)
            else:
                path = urllib.parse.unquote(url.path.removeprefix("/v1/"))
                counted = f"{self.command} {path}"
                vault.counts[counted] = vault.counts.get(counted, 0) + 1
                try:
                    answer = vault.answer(
                        self.command, path, urllib.parse.parse_qs(url.query), self.headers, body, certificate
                    )
                    if isinstance(answer, tuple):
                        answer, status = answer
                except Refusal as refusal:
                    answer, status = refusal.body, refusal.status
        self.reply(answer, status or (204 if answer is None else 200))

    def reply(self, answer, status):
        text = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if self.vault.knobs["index"]:
            self.send_header("X-Vault-Index", self.vault.knobs["index"])
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = do_LIST = handle_any

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        pass  # Clients may leave whenever they like.


class TLSHandshakes(Server):
    """Shakes hands in the connection's own thread: one that says nothing must not hold up the others."""

    context = None

    def finish_request(self, request, client_address):
        request.settimeout(60)
        with self.context.wrap_socket(request, server_side=True) as connection:
            self.RequestHandlerClass(connection, client_address, self)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("certificate")
    parser.add_argument("key")
    parser.add_argument("client_ca")
    arguments = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.key)
    context.load_verify_locations(arguments.client_ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    TLSHandshakes.context = context
    server = TLSHandshakes(("127.0.0.1", 0), Handler)
    print(f"ready {server.server_address[1]}", flush=True)
    server.serve_forever()


main()
