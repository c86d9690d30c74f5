"""Stands in for Google's Secret Manager by REST, its token endpoint, STS and IAM credentials, on a loopback port.

Prints one JSON line: the URL, a service account's key, a credential configuration of workload identity federation, whose
token file is the argument, and another that impersonates a service account. `client.py` holds it to Google's own client.

What a test does to it: POST /control/put {secret, data, labels}, which adds a version, /control/state {secret, version, state},
/control/deny {secret} and /control/forget, which ends every access token.
"""

import base64
import json
import re
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwk, jwt

PROJECT = "example-project"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
IAM_SCOPE = "https://www.googleapis.com/auth/iam"
AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider"
JWT_TOKEN = "urn:ietf:params:oauth:token-type:jwt"
ACCOUNT = f"reader@{PROJECT}.iam.gserviceaccount.com"
IMPERSONATE = f"/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken"
GOOD_SUBJECT_TOKEN = "good.web.token"

key = jwk.generate_key("RSA", 2048, {"kid": "key-1"})
lock = threading.Lock()
secrets = {}
labels = {}
denied = set()
tokens = {}


class Failure(Exception):
    def __init__(self, code, status):
        self.code, self.status = code, status


def issue(kind):
    token = f"ya29.{uuid.uuid4()}"
    tokens[token] = kind
    return token


def by_assertion(form):
    claims = jwt.decode(form["assertion"], key, algorithms=["RS256"]).claims
    now = time.time()
    good = (
        claims["iss"] == ACCOUNT
        and claims["aud"] == "https://oauth2.googleapis.com/token"
        and claims["scope"] == SCOPE
        and claims["iat"] - 60 <= now <= claims["exp"] <= claims["iat"] + 3600
    )
    if not good:
        raise ValueError("claims")
    return issue("account")


def by_exchange(form):
    good = {
        "audience": AUDIENCE,
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "subject_token": GOOD_SUBJECT_TOKEN,
        "subject_token_type": JWT_TOKEN,
    }
    if {name: form.get(name) for name in good} != good or form.get("scope") not in [SCOPE, IAM_SCOPE]:
        raise ValueError("exchange")
    return issue("federated")


def token(body):
    form = dict(parse_qsl(body))
    try:
        if form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return {"access_token": by_assertion(form), "expires_in": 3599, "token_type": "Bearer"}
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange"
        return {
            "access_token": by_exchange(form),
            "expires_in": 3599,
            "token_type": "Bearer",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        }
    except Exception as error:
        raise Failure(400, "invalid_grant") from error


def impersonate(body, bearer):
    if tokens.get(bearer) != "federated" or SCOPE not in json.loads(body)["scope"]:
        raise Failure(403, "PERMISSION_DENIED")
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return {"accessToken": issue("account"), "expireTime": end}


def access(secret, version):
    if secret in denied:
        raise Failure(403, "PERMISSION_DENIED")
    versions = secrets.get(secret, [])
    number = len(versions) if version == "latest" else int(version) if version.isdecimal() else 0
    if not 1 <= number <= len(versions):
        raise Failure(404, "NOT_FOUND")
    if versions[number - 1]["state"] != "ENABLED":
        raise Failure(400, "FAILED_PRECONDITION")
    name = f"projects/1/secrets/{secret}/versions/{number}"
    return {"name": name, "payload": {"data": versions[number - 1]["data"]}}


def listing(query):
    size, start = int(query.get("pageSize", ["25000"])[0]), int(query.get("pageToken", ["0"])[0] or 0)
    wanted = [condition.split("=", 1) for condition in query.get("filter", [""])[0].split(" AND ") if condition]
    for field, _ in wanted:
        if not re.fullmatch(r"labels\.[a-z0-9_-]+", field):
            raise Failure(400, "INVALID_ARGUMENT")
    names = sorted(
        name
        for name in secrets
        if all(labels.get(name, {}).get(field.removeprefix("labels.")) == value for field, value in wanted)
    )
    found = [{"name": f"projects/1/secrets/{name}", "labels": labels.get(name, {})} for name in names]
    page = {"secrets": found[start : start + size]}
    if start + size < len(names):
        page["nextPageToken"] = str(start + size)
    return page | {"totalSize": len(names)}


def control(what, asked):
    if what == "put":
        secrets.setdefault(asked["secret"], []).append({"data": asked["data"], "state": "ENABLED"})
        labels.setdefault(asked["secret"], {}).update(asked.get("labels", {}))
    elif what == "state":
        secrets[asked["secret"]][asked["version"] - 1]["state"] = asked["state"]
    elif what == "deny":
        denied.add(asked["secret"])
    elif what == "forget":
        tokens.clear()
    return {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self, body):
        target = urlsplit(self.path)
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if target.path == "/token":
            return token(body)
        if target.path == IMPERSONATE:
            return impersonate(body, bearer)
        if target.path.startswith("/control/"):
            return control(target.path.removeprefix("/control/"), json.loads(body or "{}"))
        if tokens.get(bearer) is None:
            raise Failure(401, "UNAUTHENTICATED")
        root = rf"/v1/projects/{PROJECT}/secrets"
        if found := re.fullmatch(rf"{root}/([\w-]+)/versions/([\w-]+):access", target.path):
            return access(*found.groups())
        if target.path == root:
            return listing(parse_qs(target.query))
        raise Failure(404, "NOT_FOUND")

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        try:
            with lock:
                value = self.serve(body)
            self.answer(200, value)
        except Failure as failure:
            if failure.status == "invalid_grant":
                self.answer(failure.code, {"error": failure.status, "error_description": "Google's own words"})
            else:
                error = {"code": failure.code, "message": "Google's own words", "status": failure.status}
                self.answer(failure.code, {"error": error})

    do_GET = do_POST = handle_request


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
url = f"http://127.0.0.1:{server.server_address[1]}"
account = {
    "type": "service_account",
    "project_id": PROJECT,
    "private_key_id": "key-1",
    "private_key": key.as_pem(private=True).decode(),
    "client_email": ACCOUNT,
    "client_id": "1",
    "token_uri": f"{url}/token",
}
external = {
    "type": "external_account",
    "audience": AUDIENCE,
    "subject_token_type": JWT_TOKEN,
    "token_url": f"{url}/token",
    "credential_source": {"file": sys.argv[1]},
}
impersonating = external | {"service_account_impersonation_url": f"{url}{IMPERSONATE}"}
print(
    json.dumps(
        {"url": url, "project": PROJECT, "account": account, "external": external, "impersonating": impersonating}
    ),
    flush=True,
)
server.serve_forever()
