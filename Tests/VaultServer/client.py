"""Holds the stand-in to Vault's client hvac: each endpoint that federation-server uses, one JSON line for each."""

import json
import sys

import hvac
from hvac import exceptions

url, ca, certificate, key = sys.argv[1:]


def say(name, value):
    print(json.dumps({"case": name, "ok": bool(value)}))


def refused(error, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except error:
        return True
    return False


root = hvac.Client(url=url, token="root-token", verify=ca)
say("authenticated", root.is_authenticated())
say("not authenticated", not hvac.Client(url=url, token="wrong", verify=ca).is_authenticated())

v2 = root.secrets.kv.v2
first = v2.create_or_update_secret(path="hvac/ä b", secret={"a": "1"})
second = v2.create_or_update_secret(path="hvac/ä b", secret={"a": "2"})
say("kv2 versions", (first["data"]["version"], second["data"]["version"]) == (1, 2))
read = v2.read_secret_version(path="hvac/ä b", raise_on_deleted_version=True)
say("kv2 newest", read["data"]["data"] == {"a": "2"} and read["data"]["metadata"]["version"] == 2)
old = v2.read_secret_version(path="hvac/ä b", version=1, raise_on_deleted_version=True)
say("kv2 older", old["data"]["data"] == {"a": "1"})
v2.create_or_update_secret(path="hvac/deeper/x", secret={"b": "c"})
say("kv2 list", v2.list_secrets(path="hvac")["data"]["keys"] == ["deeper/", "ä b"])
say("kv2 missing", refused(exceptions.InvalidPath, v2.read_secret_version, path="none", raise_on_deleted_version=True))
v2.update_metadata(path="hvac/deeper/x", custom_metadata={"team": "a"})
metadata = v2.read_secret_metadata(path="hvac/deeper/x")["data"]
say("kv2 metadata", (metadata["custom_metadata"], metadata["current_version"]) == ({"team": "a"}, 1))
say("kv2 no metadata", v2.read_secret_metadata(path="hvac/ä b")["data"]["custom_metadata"] is None)
v2.delete_latest_version_of_secret(path="hvac/deeper/x")
say(
    "kv2 deleted",
    refused(exceptions.InvalidPath, v2.read_secret_version, path="hvac/deeper/x", raise_on_deleted_version=True),
)

v1 = root.secrets.kv.v1
v1.create_or_update_secret(path="hvac", secret={"a": "1"}, mount_point="kv1")
say("kv1 read", v1.read_secret(path="hvac", mount_point="kv1")["data"] == {"a": "1"})
say("kv1 list", v1.list_secrets(path="", mount_point="kv1")["data"]["keys"] == ["hvac"])

other = hvac.Client(url=url, token="root-token", verify=ca, namespace="team")
say("namespaces", refused(exceptions.InvalidPath, other.secrets.kv.v2.read_secret_version, path="hvac/ä b", raise_on_deleted_version=True))

login = hvac.Client(url=url, verify=ca)
say("approle", login.auth.approle.login(role_id="role-id", secret_id="secret-id")["auth"]["client_token"])
say("approle in use", login.is_authenticated())
say("renewal", login.auth.token.renew_self()["auth"]["lease_duration"] > 0)
say("lookup", login.auth.token.lookup_self()["data"]["ttl"] > 0)
say("approle refused", refused(exceptions.InvalidRequest, login.auth.approle.login, role_id="role-id", secret_id="x"))
say("userpass", login.auth.userpass.login(username="app", password="correct horse")["auth"]["client_token"])
say("userpass refused", refused(exceptions.InvalidRequest, login.auth.userpass.login, username="app", password="x"))
say("jwt", login.auth.jwt.jwt_login(role="federation", jwt="good-jwt")["auth"]["client_token"])
say("jwt refused", refused(exceptions.Forbidden, login.auth.jwt.jwt_login, role="federation", jwt="bad"))
say("kubernetes", login.auth.kubernetes.login(role="federation", jwt="good-jwt")["auth"]["client_token"])
say("cert", login.auth.cert.login(cert_pem=certificate, key_pem=key)["auth"]["client_token"])

lease = root.secrets.database.generate_credentials(name="app")
say("database", lease["data"]["username"] and lease["lease_id"])
say("lease", root.sys.read_lease(lease_id=lease["lease_id"])["data"]["id"] == lease["lease_id"])
root.sys.revoke_lease(lease_id=lease["lease_id"])
say("revoked", refused(exceptions.InvalidRequest, root.sys.read_lease, lease_id=lease["lease_id"]))
root.sys.revoke_lease(lease_id=lease["lease_id"])
say("revoked twice", True)
say("health", root.sys.read_health_status(method="GET")["sealed"] is False)
