"""How near the fetcher comes to the rate that the delays permit, over many hosts at once, and whether it keeps them."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import SEED
from results import Measurement, Report

from extract.fetching.addresses import HostOverrides
from extract.fetching.archive import ArchiveWriter
from extract.fetching.exchange import WebExchange
from extract.fetching.fetcher import Fetcher
from extract.fetching.policy import FetchPolicy

_HOSTS, _PAGES = 20, 2_000
_DELAY, _LATENCY = 0.05, 0.02  # seconds
_BODY = 30_000  # bytes of a page: a small one, so that the loopback server isn't what is measured
_SHARE = 0.8

# A server in a process of its own: every answer waits as long as a network would; the arrivals are told at the end.
_SERVER = """
import asyncio, json, sys, time
latency, body = float(sys.argv[1]), sys.stdin.buffer.read()
seen, open_now, most = {}, {}, {}
async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            lines = head.decode("latin-1").split("\\r\\n")
            host = next(l.partition(":")[2].strip() for l in lines if l.lower().startswith("host:"))
            if lines[0].startswith("GET /told"):
                answer = json.dumps({"seen": seen, "most": most}).encode()
            else:
                seen.setdefault(host, []).append(time.monotonic())
                open_now[host] = open_now.get(host, 0) + 1
                most[host] = max(most.get(host, 0), open_now[host])
                await asyncio.sleep(latency)
                open_now[host] -= 1
                answer = b"" if lines[0].startswith("GET /robots.txt") else body
            status = b"404 Not Found" if not answer else b"200 OK"
            about = (status, len(answer))
            head = b"HTTP/1.1 %s\\r\\nContent-Type: text/html\\r\\nContent-Length: %d\\r\\n\\r\\n" % about
            writer.write(head + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def run() -> Report:
    """Fetch and archive 2,000 pages of 20 loopback hosts."""
    chance = random.Random(SEED)
    body = "".join(chance.choices("abcdefghij ", k=_BODY)).encode()
    command = [sys.executable, "-c", _SERVER, str(_LATENCY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(body)
        server.stdin.close()
        address = f"127.0.0.1:{int(server.stdout.readline())}"
        try:
            seconds, fetched, told = asyncio.run(_fetch(address))
        finally:
            server.terminate()
    arrivals = told["seen"].values()
    gaps = [later - earlier for times in arrivals for earlier, later in itertools.pairwise(times)]
    permitted = _HOSTS / _DELAY
    rate = fetched / seconds
    note = f"{rate:,.0f} of {permitted:,.0f} pages/s; {fetched:,} pages archived in {seconds:.1f} s"
    least, at_once = 1000 * min(gaps), max(told["most"].values())
    rows = (
        Measurement("rate, share of what the delays permit", 100 * rate / permitted, "%", 100 * _SHARE, note),
        Measurement("least time between two requests to a host", least, "ms", 1000 * _DELAY, "as the server saw it"),
        Measurement(
            "hosts that saw one request at a time",
            sum(n == 1 for n in told["most"].values()),
            "hosts",
            _HOSTS,
            f"most at once: {at_once}",
        ),
    )
    return Report(f"fetching from {_HOSTS} hosts, {1000 * _LATENCY:.0f} ms away, {1000 * _DELAY:.0f} ms apart", rows)


async def _fetch(address: str) -> tuple[float, int, dict]:
    policy = FetchPolicy(overrides=HostOverrides.parse(f"*={address}"), parallel_hosts=_HOSTS, min_delay_seconds=_DELAY)
    hosts = [f"http://host{number}.example" for number in range(_HOSTS)]

    async def read(host: str, fetcher: Fetcher) -> int:
        outcomes = [await fetcher.fetch(f"{host}/{number}") for number in range(_PAGES // _HOSTS)]
        return sum(outcome.is_ok for outcome in outcomes)

    with tempfile.TemporaryDirectory() as folder:
        archive = ArchiveWriter(Path(folder), load_input={}, user_agent=policy.user_agent)
        async with WebExchange(policy) as web:
            fetcher = Fetcher(web, policy, archive=archive)
            started = time.monotonic()
            counts = await asyncio.gather(*(read(host, fetcher) for host in hosts))
            archive.close()
            seconds = time.monotonic() - started
            told = await web.send("http://told.example/told", headers={}, max_bytes=10**8)
    return seconds, sum(counts), json.loads(told.body)
