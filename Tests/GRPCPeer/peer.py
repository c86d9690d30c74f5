"""Asks a federation server through grpcio, with stubs that grpcio-tools makes of our proto: a client that shares no
code with us. Prints one JSON object a question, in order.

    peer.py PORT CA_FILE TOKEN GENERATOR_TOKEN OPERATOR_TOKEN
"""

import json
import pathlib
import sys
import threading

import grpc
import stubs
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

pb, rpc = stubs.federation()


def bearer(value):
    return (("authorization", f"Bearer {value}"),)


def say(name, call):
    try:
        answer = {"name": name, "value": call()}
    except grpc.RpcError as error:
        answer = {"name": name, "code": error.code().name, "details": error.details()}
    except grpc.FutureCancelledError:
        answer = {"name": name, "code": "CANCELLED", "details": ""}
    print(json.dumps(answer, sort_keys=True), flush=True)


class Questions:
    def __init__(self, channel, certificates, token, generator_token, operator_token):
        self.channel, self.certificates = channel, certificates
        self.token, self.generator_token, self.operator_token = token, generator_token, operator_token
        self.service = rpc.FederationServiceStub(channel)

    def request(self, **fields):
        return pb.GetSecretRequest(**{"store": "app", "name": "password", "ca_crt": self.certificates, **fields})

    def get(self, who, compression=None, timeout=30, metadata=(), **fields):
        metadata = (bearer(who) if who else ()) + metadata
        return self.service.GetSecret(
            self.request(**fields), metadata=metadata, timeout=timeout, compression=compression
        ).value.decode()

    def secrets(self):
        token = self.token
        say("get", lambda: self.get(token))
        say("get again", lambda: self.get(token))
        say("get gzip", lambda: self.get(token, compression=grpc.Compression.Gzip))
        say("get nobody", lambda: self.get(None))
        say("get missing", lambda: self.get(token, name="100% ä"))
        say("get large", lambda: self.get(token, ca_crt=b"x" * 5_000_000))
        # As long as a message may be: what is refused is the field.
        head = self.request(ca_crt=b"").ByteSize()
        say("get largest", lambda: self.get(token, ca_crt=b"x" * (4_194_304 - head - 5)))
        say("get too large by a byte", lambda: self.get(token, ca_crt=b"x" * (4_194_304 - head - 4)))
        say("authenticate", lambda: self.service.Authenticate(
            pb.AuthenticateRequest(ca_crt=self.certificates), metadata=bearer(token), timeout=30).subject)
        # gRPC binds nothing: the same channel without a token is nobody.
        say("authenticate binds nothing", lambda: self.get(None))
        batch = pb.BatchGetSecretsRequest(
            secrets=[pb.SecretReference(store=store, name="password") for store in ("app", "other")],
            ca_crt=self.certificates)
        say("batch", lambda: [
            result.value.decode() or result.error.message
            for result in self.service.BatchGetSecrets(batch, metadata=bearer(token), timeout=30).results])
        data = json.dumps([{"secretKey": "made", "remoteRef": {"key": "password"}}]).encode()
        say("resolve", lambda: {key: value.decode() for key, value in self.service.ResolveExternalSecret(
            pb.ResolveExternalSecretRequest(store="app", data_json=data, ca_crt=self.certificates),
            metadata=bearer(token), timeout=30).data.items()})

    def generators(self):
        place = {"namespace": "team", "kind": "Password", "name": "database", "ca_crt": self.certificates}
        own = {"metadata": bearer(self.generator_token), "timeout": 30}
        say("generate", lambda: len(self.service.Generate(pb.GenerateRequest(**place), **own).values["password"]))
        say("revoke self", lambda: str(self.service.RevokeSelf(pb.RevokeSelfRequest(**place), **own)))
        say("revoke credentials", lambda: str(self.service.RevokeCredentials(
            pb.RevokeCredentialsRequest(namespace="team", owner="app-0", ca_crt=self.certificates),
            metadata=bearer(self.operator_token), timeout=30)))

    def metadata(self):
        more = (("trace-bin", b"\0\xff"), ("x-ordinary", "text"))
        say("metadata", lambda: self.get(self.token, metadata=more))
        say("metadata twice", lambda: self.get(self.token, metadata=bearer(self.token)))
        say("metadata too large", lambda: self.get(self.token, metadata=(("x-large", "x" * 40_000),)))

        def received():
            value, call = self.service.GetSecret.with_call(self.request(), metadata=bearer(self.token), timeout=30)
            return [dict(call.initial_metadata()), dict(call.trailing_metadata()), call.code().name, value.value.decode()]

        say("metadata received", received)

    def unfinished(self):
        """Calls whose request never becomes whole, so that nothing but the caller's clock or will ends them."""
        never = threading.Event()

        def requests():
            never.wait()
            yield self.request()

        call = self.channel.stream_unary(
            "/federation.v1.FederationService/GetSecret",
            request_serializer=pb.GetSecretRequest.SerializeToString,
            response_deserializer=pb.GetSecretResponse.FromString)
        say("deadline", lambda: call(requests(), metadata=bearer(self.token), timeout=0.3).value.decode())

        def cancelled():
            running = call.future(requests(), metadata=bearer(self.token), timeout=30)
            running.cancel()
            return running.result().value.decode()

        say("cancelled", cancelled)
        never.set()
        say("after both", lambda: self.get(self.token))

    def health(self):
        service = health_pb2_grpc.HealthStub(self.channel)
        name = health_pb2.HealthCheckResponse.ServingStatus.Name
        request = health_pb2.HealthCheckRequest
        say("health", lambda: name(service.Check(request(), timeout=30).status))
        say("health of a service", lambda: name(
            service.Check(request(service="federation.v1.FederationService"), timeout=30).status))
        say("health unknown", lambda: service.Check(request(service="x"), timeout=30).status)

        def watched(service_name):
            watch = service.Watch(request(service=service_name), timeout=30)
            first = name(next(watch).status)
            watch.cancel()
            return first

        say("health watched", lambda: watched(""))
        say("health watched unknown", lambda: watched("x"))

    def reflection(self):
        """Builds the service from nothing but what the server tells of it, and calls it so."""
        database = ProtoReflectionDescriptorDatabase(self.channel)
        say("reflection services", lambda: sorted(database.get_services()))
        pool = DescriptorPool(database)

        def methods():
            found = pool.FindServiceByName("federation.v1.FederationService")
            ours = pb.DESCRIPTOR.services_by_name["FederationService"]
            return [[method.name, method.input_type.full_name, method.output_type.full_name, method.server_streaming]
                    for method in found.methods] == [
                [method.name, method.input_type.full_name, method.output_type.full_name, method.server_streaming]
                for method in ours.methods]

        say("reflection methods", methods)

        def called():
            method = pool.FindMethodByName("federation.v1.FederationService.GetSecret")
            asked, answered = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
            call = self.channel.unary_unary(
                f"/{method.containing_service.full_name}/{method.name}",
                request_serializer=asked.SerializeToString, response_deserializer=answered.FromString)
            request = asked(store="app", name="password", ca_crt=self.certificates)
            return call(request, metadata=bearer(self.token), timeout=30).value.decode()

        say("reflection call", called)

        def unknown():
            try:
                return database.FindFileByName("none.proto").name
            except KeyError:
                return "none"

        say("reflection unknown", unknown)


def main():
    port, ca_file = sys.argv[1:3]
    certificates = pathlib.Path(ca_file).read_bytes()
    channel = grpc.secure_channel(
        f"localhost:{port}", grpc.ssl_channel_credentials(certificates),
        # The server's word on what is too large is asked for, not the library's own.
        options=[("grpc.max_send_message_length", -1), ("grpc.max_metadata_size", 100_000)])
    questions = Questions(channel, certificates, *sys.argv[3:6])
    questions.secrets()
    questions.generators()
    questions.metadata()
    questions.unfinished()
    questions.health()
    questions.reflection()
    channel.close()


main()
