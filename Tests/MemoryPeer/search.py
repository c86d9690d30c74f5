"""Looks for secrets in a core dump of a running process.

usage: search.py PID whole|default <needles

Each line of stdin is a needle: a name, a tab, and its bytes in hexadecimal. Prints one JSON object for each needle: its
name, how often pieces of it are in the dump, raw or encoded, and what stands around the first of them.

The dump is gdb's. A default one has of the process's memory what the kernel would write; a whole one has it also where the
process has chosen less (/proc/PID/coredump_filter). Memory marked MADV_DONTDUMP is in neither. The threads' registers, which
a core has in its notes, are not looked at: each holds some of what its thread copied last.
"""

import base64
import json
import mmap
import os
import re
import struct
import subprocess
import sys
import tempfile
import urllib.parse

# Long enough that no such piece of random text turns up by chance, short enough to find what was half overwritten.
PIECE = 14
PIECES = 12


def forms(secret):
    """The secret as it may be written, by name of the writing."""
    yield "raw", secret
    yield "reversed", secret[::-1]
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + secret)
        # Its first and last characters depend on what stands beside the secret.
        yield f"base64 at {shift}", encoded[4:-4]
        yield f"base64url at {shift}", encoded[4:-4].replace(b"+", b"-").replace(b"/", b"_")
    yield "hexadecimal", secret.hex().encode()
    yield "hexadecimal in capitals", secret.hex().upper().encode()
    yield "percent-encoded", urllib.parse.quote_from_bytes(secret, safe="").encode()
    yield "JSON", json.dumps(secret.decode("latin-1"))[1:-1].encode()


def pieces(text):
    if len(text) <= PIECE:
        return {text}
    last = len(text) - PIECE
    return {text[last * step // PIECES :][:PIECE] for step in range(PIECES + 1)}


PAGE = 4096
LOAD = 1


def compact(core, memory):
    """Writes what is in the core's segments to the file `memory`, but for pages of zeros, which are most of them."""
    with open(core, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as dump:
        headers, size, count = struct.unpack_from("<Q", dump, 32) + struct.unpack_from("<HH", dump, 54)
        for number in range(count):
            kind, _, start, _, _, length = struct.unpack_from("<IIQQQQ", dump, headers + number * size)
            if kind != LOAD:
                continue
            for offset in range(start, start + length, PAGE):
                page = dump[offset : min(offset + PAGE, start + length)]
                if page.count(0) != len(page):
                    memory.write(page)
    memory.flush()


def search(core, needles):
    wanted = {}
    for name, secret in needles:
        for form, text in forms(secret):
            for piece in pieces(text):
                wanted.setdefault(piece, (name, form))
    hits = {name: [] for name, _ in needles}
    if os.path.getsize(core) == 0:
        return hits
    with open(core, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as dump:
        for piece, offset in found(core, dump, wanted):
            name, form = wanted[piece]
            around = dump[max(0, offset - 48) : offset + PIECE + 48]
            hits[name].append(f"{form}: {around!r}")
    return hits


def found(core, dump, wanted):
    """Each place of each piece. grep looks for all pieces of text at once, which Python cannot."""
    lines = [piece for piece in wanted if re.fullmatch(rb"[\x20-\x7e]+", piece)]
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(lines))
        patterns.flush()
        grep = subprocess.run(
            ["grep", "--text", "--only-matching", "--byte-offset", "--fixed-strings", f"--file={patterns.name}", core],
            env={"LC_ALL": "C"},
            stdout=subprocess.PIPE,
        )
    if grep.returncode > 1:
        sys.exit("grep failed")
    for line in grep.stdout.split(b"\n")[:-1]:
        offset, piece = line.split(b":", 1)
        yield piece, int(offset)
    for piece in wanted.keys() - set(lines):
        offset = dump.find(piece)
        while offset >= 0:
            yield piece, offset
            offset = dump.find(piece, offset + 1)


def dump(process, extent, core):
    settings = ["-ex", "set use-coredump-filter off"] if extent == "whole" else []
    commands = [*settings, "-ex", f"attach {process}", "-ex", f"gcore {core}", "-ex", "detach"]
    gdb = subprocess.run(
        ["gdb", "--nx", "--batch", "--readnever", *commands],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if not os.path.exists(core):
        sys.exit(f"gdb: {gdb.stdout}")


def main():
    needles = []
    for line in sys.stdin:
        name, text = line.rstrip("\n").split("\t")
        needles.append((name, bytes.fromhex(text)))
    with tempfile.TemporaryDirectory() as directory:
        core = f"{directory}/core"
        dump(sys.argv[1], sys.argv[2], core)
        with tempfile.NamedTemporaryFile() as memory:
            compact(core, memory)
            os.remove(core)
            hits = search(memory.name, needles)
        for name, places in hits.items():
            print(json.dumps({"name": name, "count": len(places), "first": places[0] if places else ""}))


main()
