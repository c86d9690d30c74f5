"""200 clients that are slow and 200 that send garbage, all at once, until SIGTERM or the end of stdin.

usage: peers.py PORT CA

Prints `ready` when each has been connected once, and counts at the end. Half of the slow ones never end the TLS handshake,
half never end the head of an HTTP request. The others send random bytes in place of TLS, of ttrpc, HTTP/2 and HTTP/1.

Its processor time comes after everybody else's (SCHED_IDLE): real attackers have machines of their own, and must not be
measured by what they take from the good client's.
"""

import asyncio
import os
import random
import signal
import ssl
import sys

SLOW = 200
GARBAGE = 200
HANDSHAKE = bytes.fromhex("1603010200010001fc0303") + bytes(501)
PROTOCOLS = [None, "ttrpc", "h2", "http/1.1"]

port, authority = int(sys.argv[1]), sys.argv[2]
counts = {"slow": 0, "garbage": 0, "ended": 0}
connected = set()
ready = asyncio.Event()


def tls(protocol):
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols([protocol])
    return context


CONTEXTS = {protocol: tls(protocol) for protocol in PROTOCOLS if protocol}


async def connect(protocol):
    context = CONTEXTS.get(protocol)
    name = "localhost" if context else None
    return await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)


def note(number, kind):
    counts[kind] += 1
    connected.add(number)
    if len(connected) == SLOW + GARBAGE:
        ready.set()


async def slow(number):
    protocol = "http/1.1" if number % 2 else None
    text = b"POST /secretstore/fake/secrets/key-1 HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 4096 if protocol else HANDSHAKE
    while True:
        try:
            reader, writer = await connect(protocol)
            note(number, "slow")
            for byte in text:
                writer.write(bytes([byte]))
                await writer.drain()
                if reader.at_eof():
                    break
                await asyncio.sleep(1)
        except (OSError, asyncio.IncompleteReadError):
            pass
        counts["ended"] += 1
        await asyncio.sleep(1)


async def garbage(number):
    await asyncio.sleep(random.random() * 2)
    while True:
        protocol = random.choice(PROTOCOLS)
        try:
            reader, writer = await connect(protocol)
            note(number, "garbage")
            writer.write(os.urandom(random.randrange(1, 4096)))
            await writer.drain()
            try:
                await asyncio.wait_for(reader.read(), 1)
            except asyncio.TimeoutError:
                pass
            writer.close()
        except (OSError, ssl.SSLError):
            pass
        counts["ended"] += 1
        await asyncio.sleep(1 + random.random() * 2)


async def main():
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tasks = [asyncio.create_task(slow(number)) for number in range(SLOW)]
    tasks += [asyncio.create_task(garbage(SLOW + number)) for number in range(GARBAGE)]
    await ready.wait()
    print("ready", flush=True)
    await stop.wait()
    print(" ".join(f"{name}={count}" for name, count in counts.items()), flush=True)
    os._exit(0)


os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
asyncio.run(main())
