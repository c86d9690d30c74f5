"""A Workload API over a Unix socket, on grpcio, that gives what a file says: read when it starts and at every SIGHUP, which
pushes it to all who listen. The file is JSON, its bytes in base64:

    {"svids": [{"id": …, "svid": …, "key": …, "bundle": …}], "federated": {"spiffe://other.org": …}}
    {"code": "PERMISSION_DENIED"}      ends every call so

    agent.py SOCKET FILE
"""

import base64
import concurrent.futures
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import grpc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
socket, path = sys.argv[1:]

directory = tempfile.TemporaryDirectory()
subprocess.run(
    [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}/spiffe/workload", f"--python_out={directory.name}",
     f"--grpc_python_out={directory.name}", "workload.proto"],
    check=True,
)
sys.path.insert(0, directory.name)
import workload_pb2 as pb  # noqa: E402
import workload_pb2_grpc as rpc  # noqa: E402

changed = threading.Condition()
version = 0


def say(**line):
    print(json.dumps(line), flush=True)


def answer():
    said = json.loads(pathlib.Path(path).read_text())
    if "code" in said:
        return None, grpc.StatusCode[said["code"]]
    raw = base64.b64decode
    return pb.X509SVIDResponse(
        svids=[
            pb.X509SVID(
                spiffe_id=svid["id"], x509_svid=raw(svid["svid"]), x509_svid_key=raw(svid["key"]),
                bundle=raw(svid["bundle"]))
            for svid in said["svids"]
        ],
        federated_bundles={domain: raw(bundle) for domain, bundle in said.get("federated", {}).items()},
    ), None


class Agent(rpc.SpiffeWorkloadAPIServicer):
    def FetchX509SVID(self, request, context):
        # The standard's protection against requests that a workload is tricked into.
        if ("workload.spiffe.io", "true") not in [(key, value) for key, value in context.invocation_metadata()]:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "security header missing from request")
        seen = -1
        while context.is_active():
            with changed:
                changed.wait_for(lambda: version != seen)
                seen = version
                message, code = answer()
            if code:
                context.abort(code, "no identity issued")
            yield message
            say(event="pushed", version=seen)


def push(*_):
    # A signal's handler must not wait for a lock that the thread it interrupts may hold.
    threading.Thread(target=announce, daemon=True).start()


def announce():
    global version
    with changed:
        version += 1
        changed.notify_all()


signal.signal(signal.SIGHUP, push)
server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=16))
rpc.add_SpiffeWorkloadAPIServicer_to_server(Agent(), server)
server.add_insecure_port(f"unix:{socket}")
server.start()
say(event="ready")
threading.Event().wait()
