"""Watches a server's health while it drains, with a call in flight whose request is not whole: its first message leaves
once the server has said that it is NOT_SERVING. Prints a line for each thing that happened.

    drain.py PORT CA_FILE TOKEN STORE NAME
"""

import pathlib
import sys
import threading

import grpc
import stubs
from grpc_health.v1 import health_pb2, health_pb2_grpc


def main():
    port, ca_file, token, store, name = sys.argv[1:6]
    pb, _ = stubs.federation()
    certificates = pathlib.Path(ca_file).read_bytes()
    channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(certificates))
    health = health_pb2_grpc.HealthStub(channel)
    status = health_pb2.HealthCheckResponse.ServingStatus.Name
    print("check", status(health.Check(health_pb2.HealthCheckRequest(), timeout=60).status), flush=True)

    drains = threading.Event()

    def requests():
        drains.wait()
        yield pb.GetSecretRequest(store=store, name=name, ca_crt=certificates)

    call = channel.stream_unary(
        "/federation.v1.FederationService/GetSecret",
        request_serializer=pb.GetSecretRequest.SerializeToString,
        response_deserializer=pb.GetSecretResponse.FromString,
    ).future(requests(), metadata=(("authorization", f"Bearer {token}"),), timeout=60)

    watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=60)
    try:
        for answer in watch:
            print("watch", status(answer.status), flush=True)
            if answer.status == health_pb2.HealthCheckResponse.NOT_SERVING:
                drains.set()
    except grpc.RpcError as error:
        print("watch", error.code().name, flush=True)
    print("in flight", call.result().value.decode(), flush=True)
    channel.close()


main()
