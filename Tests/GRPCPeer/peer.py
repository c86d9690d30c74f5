"""Asks a federation server through grpcio, with stubs that grpcio-tools makes of our proto: a client that shares no
code with us. Prints one JSON object a question, in order."""

import json
import pathlib
import subprocess
import sys
import tempfile

import grpc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


def stubs(directory):
    """Generates and imports the modules of every proto; grpc/ is moved out of grpcio's own package."""
    sources = pathlib.Path(directory, "sources")
    for path in PROTO.rglob("*.proto"):
        name = str(path.relative_to(PROTO)).replace("grpc/", "standard/")
        target = sources / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())
    files = [str(path.relative_to(sources)) for path in sources.rglob("*.proto")]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{sources}", f"--python_out={directory}",
         f"--grpc_python_out={directory}", *files],
        check=True,
    )
    sys.path.insert(0, directory)
    from federation.v1 import federation_pb2, federation_pb2_grpc
    from standard.health.v1 import health_pb2
    from standard.reflection.v1 import reflection_pb2

    return federation_pb2, federation_pb2_grpc, health_pb2, reflection_pb2


def main():
    port, ca_file, token, generator_token, operator_token = sys.argv[1:6]
    with tempfile.TemporaryDirectory() as directory:
        pb, rpc, health, reflection = stubs(directory)
        from google.protobuf import descriptor_pb2

        certificates = pathlib.Path(ca_file).read_bytes()
        channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(certificates))
        service = rpc.FederationServiceStub(channel)

        def bearer(value):
            return (("authorization", f"Bearer {value}"),)

        def say(name, call):
            try:
                print(json.dumps({"name": name, "value": call()}, sort_keys=True), flush=True)
            except grpc.RpcError as error:
                print(
                    json.dumps({"name": name, "code": error.code().name, "details": error.details()}, sort_keys=True),
                    flush=True,
                )

        def get(who, compression=None, timeout=30, **fields):
            request = pb.GetSecretRequest(**{"store": "app", "name": "password", "ca_crt": certificates, **fields})
            metadata = bearer(who) if who else ()
            return service.GetSecret(request, metadata=metadata, timeout=timeout, compression=compression).value.decode()

        say("get", lambda: get(token))
        say("get again", lambda: get(token))
        say("get gzip", lambda: get(token, compression=grpc.Compression.Gzip))
        say("get nobody", lambda: get(None))
        say("get missing", lambda: get(token, name="100% ä"))
        say("get large", lambda: get(token, ca_crt=b"x" * 5_000_000))
        say(
            "authenticate",
            lambda: service.Authenticate(
                pb.AuthenticateRequest(ca_crt=certificates), metadata=bearer(token), timeout=30
            ).subject,
        )
        # gRPC binds nothing: the same channel without a token is nobody.
        say("authenticate binds nothing", lambda: get(None))
        place = {"namespace": "team", "kind": "Password", "name": "database", "ca_crt": certificates}
        say(
            "generate",
            lambda: len(
                service.Generate(pb.GenerateRequest(**place), metadata=bearer(generator_token), timeout=30)
                .values["password"]
            ),
        )
        say(
            "revoke self",
            lambda: str(
                service.RevokeSelf(pb.RevokeSelfRequest(**place), metadata=bearer(generator_token), timeout=30)
            ),
        )
        say(
            "revoke credentials",
            lambda: str(
                service.RevokeCredentials(
                    pb.RevokeCredentialsRequest(namespace="team", owner="app-0", ca_crt=certificates),
                    metadata=bearer(operator_token),
                    timeout=30,
                )
            ),
        )
        batch = pb.BatchGetSecretsRequest(
            secrets=[
                pb.SecretReference(store="app", name="password"),
                pb.SecretReference(store="other", name="password"),
            ],
            ca_crt=certificates,
        )
        say(
            "batch",
            lambda: [
                result.value.decode() or result.error.message
                for result in service.BatchGetSecrets(batch, metadata=bearer(token), timeout=30).results
            ],
        )
        checks = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health.HealthCheckRequest.SerializeToString,
            response_deserializer=health.HealthCheckResponse.FromString,
        )
        say("health", lambda: checks(health.HealthCheckRequest(), timeout=30).status)
        say("health unknown", lambda: checks(health.HealthCheckRequest(service="x"), timeout=30).status)
        for version in ("v1", "v1alpha"):
            ask = channel.stream_stream(
                f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                request_serializer=reflection.ServerReflectionRequest.SerializeToString,
                response_deserializer=reflection.ServerReflectionResponse.FromString,
            )

            def reflected():
                request = reflection.ServerReflectionRequest
                answers = list(
                    ask(
                        iter([
                            request(list_services=""),
                            request(file_containing_symbol="federation.v1.FederationService.GetSecret"),
                        ]),
                        timeout=30,
                    )
                )
                file = descriptor_pb2.FileDescriptorProto.FromString(
                    answers[1].file_descriptor_response.file_descriptor_proto[0]
                )
                return [len(answers[0].list_services_response.service), file.name]

            say(f"reflection {version}", reflected)


main()
