"""Connections are kept for the hosts in use, and closed for those that have rested longest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scripted_server import Answer, ScriptedServer

from extract.fetching.addresses import HostOverrides
from extract.fetching.exchange import WebExchange
from extract.fetching.policy import FetchPolicy

if TYPE_CHECKING:
    from extract.fetching.network import HostPools


def test_a_load_of_very_many_hosts_keeps_few_connections(server: ScriptedServer) -> None:
    policy = FetchPolicy(overrides=HostOverrides.parse(f"*={server.address}"), parallel_hosts=1, min_delay_seconds=0)
    hosts = [f"host{number}.example" for number in range(12)]
    for host in hosts:
        server.add(f"{host}/a", Answer(host.encode()))

    async def run() -> tuple[list[bytes], int]:
        async with WebExchange(policy) as web:
            replies = [await web.send(f"http://{host}/a", headers={}, max_bytes=100) for host in (*hosts, hosts[0])]
            pools: HostPools = web._client._transport._pool  # type: ignore[attr-defined]
            return [reply.body for reply in replies], len(pools._pools)

    bodies, kept = asyncio.run(run())
    assert bodies == [host.encode() for host in (*hosts, hosts[0])]
    assert kept == 4
