"""Holds server.py to Google's own client: reads the line that it printed, argument one, and prints what the client saw."""

import base64
import json
import sys
import urllib.request

from google.api_core import exceptions
from google.auth import identity_pool
from google.auth.transport.requests import Request
from google.cloud import secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceRestTransport,
)
from google.oauth2 import service_account

world = json.loads(sys.argv[1])
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
PARENT = f"projects/{world['project']}"


def control(what, **asked):
    body = json.dumps(asked).encode()
    urllib.request.urlopen(urllib.request.Request(f"{world['url']}/control/{what}", body)).read()


def client(credentials):
    transport = SecretManagerServiceRestTransport(
        host=world["url"].removeprefix("http://"), url_scheme="http", credentials=credentials
    )
    return secretmanager.SecretManagerServiceClient(transport=transport)


def read(client, secret, version="latest"):
    try:
        answer = client.access_secret_version(name=f"{PARENT}/secrets/{secret}/versions/{version}")
        return [answer.payload.data.decode(), answer.name.split("/")[-1]]
    except exceptions.GoogleAPICallError as error:
        return type(error).__name__


for value in ["one", "two"]:
    control("put", secret="checked", data=base64.b64encode(value.encode()).decode())
control("put", secret="denied", data="", labels={"team": "a", "env": "prod"})
control("deny", secret="denied")
account = service_account.Credentials.from_service_account_info(world["account"], scopes=SCOPES)
by_account = client(account)
print(json.dumps({"latest": read(by_account, "checked"), "first": read(by_account, "checked", "1")}))
print(json.dumps({"missing": read(by_account, "none"), "denied": read(by_account, "denied")}))
control("state", secret="checked", version=1, state="DISABLED")
print(json.dumps({"disabled": read(by_account, "checked", "1")}))
names = [secret.name.split("/")[-1] for secret in by_account.list_secrets(request={"parent": PARENT, "page_size": 1})]
print(json.dumps({"names": sorted(names)}))
request = {"parent": PARENT, "filter": "labels.team=a AND labels.env=prod"}
print(json.dumps({"labelled": [secret.name.split("/")[-1] for secret in by_account.list_secrets(request=request)]}))
for kind in ["external", "impersonating"]:
    credentials = identity_pool.Credentials.from_info(world[kind], scopes=SCOPES)
    credentials.refresh(Request())
    print(json.dumps({kind: read(client(credentials), "checked")}))
