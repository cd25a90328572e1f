"""The connector: resolves a host itself, refuses what isn't public, and connects to the address that it checked."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Self

import httpcore
import httpx

from extract.fetching.addresses import HostOverrides, is_public

if TYPE_CHECKING:
    import ssl

Resolver = Callable[[str, int], Awaitable[list[str]]]


class ForbiddenAddress(Exception):
    """A host leads to an address that isn't one of the public internet."""


class ResolutionFailed(Exception):
    """A host name has no address."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, in the order of preference.

    Raises:
        ResolutionFailed: it has none.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ResolutionFailed(f"host {host} can't be resolved: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Network backend that connects to checked addresses only.

    The check is on the address that the connection is made to, so a name that resolves differently the second
    time can't pass, and every redirect to another host comes through here again.

    Args:
        overrides: hosts led elsewhere; these alone may be private.
        resolver: gives the addresses of a host.
        connector: makes the connection.
    """

    def __init__(
        self,
        overrides: HostOverrides,
        *,
        resolver: Resolver = resolve,
        connector: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._overrides = overrides
        self._resolve = resolver
        self._connector = connector or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a host.

        Raises:
            ForbiddenAddress: it leads to no public address and no override permits it.
            ResolutionFailed: it has no address.
            httpcore.ConnectError: no address took the connection.
            httpcore.ConnectTimeout: that took too long.
        """
        override = self._overrides.find(host)
        if override:
            address, override_port = override
            return await self._connector.connect_tcp(
                address, override_port or port, timeout, local_address, socket_options
            )
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"resolving {host} took more than {timeout:g} s") from error
        forbidden = [address for address in addresses if not is_public(address)]
        if forbidden:
            raise ForbiddenAddress(f"{host} leads to {forbidden[0]}, which is not a public address")
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in addresses:
            try:
                return await self._connector.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or ResolutionFailed(f"host {host} has no address")

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no URL leads to a socket file."""
        raise ForbiddenAddress(f"{path}: sockets of this machine are not fetched")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class HostPools:
    """A connection pool per host: one pool for many hosts looks at all its connections for each request.

    Args:
        backend: makes the connections.
        context: how certificates are verified.
        most: pools kept; beyond it the one that rested longest is closed.
    """

    def __init__(self, backend: GuardedBackend, context: ssl.SSLContext, *, most: int) -> None:
        self._backend = backend
        self._context = context
        self._most = most
        self._pools: OrderedDict[tuple[bytes, bytes, int | None], httpcore.AsyncConnectionPool] = OrderedDict()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request through the pool of its host."""
        origin = (request.url.scheme, request.url.host, request.url.port)
        if origin not in self._pools:
            await self._close_resting()
            self._pools[origin] = httpcore.AsyncConnectionPool(
                ssl_context=self._context, max_connections=2, keepalive_expiry=15.0, network_backend=self._backend
            )
        self._pools.move_to_end(origin)
        return await self._pools[origin].handle_async_request(request)

    async def _close_resting(self) -> None:
        resting = (
            origin
            for origin, pool in self._pools.items()
            if all(connection.is_idle() or connection.is_closed() for connection in pool.connections)
        )
        longest = next(resting, None) if len(self._pools) >= self._most else None
        if longest:
            await self._pools.pop(longest).aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    async def __aenter__(self) -> Self:
        """Begin without connections."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.aclose()


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx transport over a `GuardedBackend`; certificates are always verified.

    httpx has no public way to pass a network backend, so its connection pool is replaced after construction.
    """

    def __init__(self, backend: GuardedBackend, *, parallel_hosts: int) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context, trust_env=False)
        # the attribute is typed as one pool; all that httpx asks of it is here
        self._pool = HostPools(backend, context, most=4 * parallel_hosts)  # type: ignore[assignment]
