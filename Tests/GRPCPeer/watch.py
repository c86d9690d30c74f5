"""Watches a secret, hands in a fresh token within the stream, waits for one change and cancels; then asks for the secret
alone. Prints a line for each thing that happened.

    watch.py PORT CA_FILE TOKEN FRESH_TOKEN STORE NAME
"""

import pathlib
import queue
import sys

import grpc
import stubs


def main():
    port, ca_file, token, fresh, store, name = sys.argv[1:7]
    pb, rpc = stubs.federation()
    certificates = pathlib.Path(ca_file).read_bytes()
    channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(certificates))
    service = rpc.FederationServiceStub(channel)

    requests = queue.SimpleQueue()
    requests.put(pb.WatchSecretsRequest(
        secrets=[pb.SecretReference(store=store, name=name)], ca_crt=certificates))
    watch = service.WatchSecrets(
        iter(requests.get, None), metadata=(("authorization", f"Bearer {token}"),), timeout=60)
    changes = (answer for answer in watch if answer.WhichOneof("event") != "heartbeat")

    first = next(changes)
    requests.put(pb.WatchSecretsRequest(token=fresh.encode()))
    print("current", first.secret, first.value.decode(), flush=True)
    second = next(changes)
    print("changed", second.secret, second.value.decode(), second.revision > first.revision, flush=True)
    watch.cancel()
    print("watch", watch.code().name, flush=True)
    requests.put(None)

    request = pb.GetSecretRequest(store=store, name=name, ca_crt=certificates)
    answer = service.GetSecret(request, metadata=(("authorization", f"Bearer {fresh}"),), timeout=60)
    print("alone", answer.value.decode(), flush=True)
    channel.close()


main()
