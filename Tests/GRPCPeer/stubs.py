"""The stubs of our proto, made by grpcio-tools when they are asked for."""

import pathlib
import subprocess
import sys
import tempfile

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


def federation():
    """Messages and stubs of federation.v1. Health and reflection come from grpcio's own packages, which know nothing of
    our copies of those protos."""
    directory = tempfile.mkdtemp()
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", f"--python_out={directory}",
         f"--grpc_python_out={directory}", "federation/v1/federation.proto"],
        check=True,
    )
    sys.path.insert(0, directory)
    from federation.v1 import federation_pb2, federation_pb2_grpc

    return federation_pb2, federation_pb2_grpc
