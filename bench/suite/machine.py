"""What the figures were measured on: without it they mean nothing."""

import os
import platform
import re
import subprocess


def first_line(command):
    """What a program says of its version, or why it does not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"not known: {error}"
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else "not known"


def cpu_model(cpuinfo):
    """The model in the text of /proc/cpuinfo."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return found[1] if found else platform.machine()


def memory_mib(meminfo):
    """All memory, from the text of /proc/meminfo."""
    found = re.search(r"^MemTotal:\s*(\d+) kB", meminfo, re.MULTILINE)
    return int(found[1]) // 1024 if found else None


def _text(path):
    with open(path) as file:
        return file.read()


def debian_version(package):
    """The installed version of a Debian package."""
    return first_line(["dpkg-query", "-W", "-f", "${Version}\n", package])


def description(command, commit):
    """The machine, its software, and the command that measured."""
    return {
        "cpu": cpu_model(_text("/proc/cpuinfo")),
        "cores": os.cpu_count(),
        "memory_mib": memory_mib(_text("/proc/meminfo")),
        "kernel": platform.release(),
        "load_average_at_start": os.getloadavg()[0],
        "openssl": first_line(["openssl", "version"]),
        "swift": first_line(["swift", "--version"]),
        "go": first_line(["go", "version"]),
        "nginx": first_line(["nginx", "-v"]),
        "grpc_cpp": debian_version("libgrpc++-dev"),
        "commit": commit,
        "command": command,
    }
