"""No request reaches an address that isn't public, unless an override leads there; nothing here touches a network."""

from __future__ import annotations

import asyncio
from typing import Any

import httpcore
import pytest

from extract.fetching.addresses import HostOverrides, is_public
from extract.fetching.network import ForbiddenAddress, GuardedBackend, ResolutionFailed
from warehouse.errors import SettingsError


class RecordingConnector(httpcore.AsyncNetworkBackend):
    """Notes where a connection would go, and refuses it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        self.asked.append((host, port))
        raise httpcore.ConnectError("refused by the test")


def ask(host: str, addresses: list[str], overrides: str = "") -> tuple[list[tuple[str, int]], Exception]:
    """Connect to a host that resolves to these addresses; return the connections tried and the error."""
    connector = RecordingConnector()

    async def resolver(name: str, port: int) -> list[str]:
        return addresses

    backend = GuardedBackend(HostOverrides.parse(overrides), resolver=resolver, connector=connector)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the caller looks at what came
        asyncio.run(backend.connect_tcp(host, 80, timeout=5))
    return connector.asked, caught.value


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.7",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b:1::a00:1",
        "fec0::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_public(address)
    asked, error = ask("www.innocent.example", [address])
    assert isinstance(error, ForbiddenAddress)
    assert asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0x7f.1", "017700000001", "127.1", "0", "::1"])
def test_other_spellings_of_an_address_are_refused_too(host: str) -> None:
    connector = RecordingConnector()
    backend = GuardedBackend(HostOverrides(), connector=connector)
    with pytest.raises((ForbiddenAddress, ResolutionFailed)):
        asyncio.run(backend.connect_tcp(host, 80, timeout=5))
    assert connector.asked == []


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_public_addresses_are_connected_to_as_checked(address: str) -> None:
    asked, error = ask("www.innocent.example", [address])
    assert isinstance(error, httpcore.ConnectError)
    assert asked == [(address, 80)]


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    asked, error = ask("www.innocent.example", ["93.184.215.14", "10.0.0.1"])
    assert isinstance(error, ForbiddenAddress)
    assert asked == []


def test_all_addresses_are_tried_in_turn() -> None:
    asked, _ = ask("www.innocent.example", ["93.184.215.14", "93.184.215.15"])
    assert asked == [("93.184.215.14", 80), ("93.184.215.15", 80)]


def test_name_without_address_fails_by_name() -> None:
    _, error = ask("www.innocent.example", [])
    assert isinstance(error, ResolutionFailed)


def test_override_leads_its_host_elsewhere_and_no_other() -> None:
    overrides = "*.paper.example=127.0.0.1:8080, www.own.example=10.1.1.1"
    assert ask("www.paper.example", [], overrides)[0] == [("127.0.0.1", 8080)]
    assert ask("WWW.Paper.Example", [], overrides)[0] == [("127.0.0.1", 8080)]
    assert ask("www.own.example", [], overrides)[0] == [("10.1.1.1", 80)]
    asked, error = ask("127.0.0.1", ["127.0.0.1"], overrides)
    assert (asked, type(error)) == ([], ForbiddenAddress)


def test_exact_override_goes_before_a_wider_one() -> None:
    overrides = HostOverrides.parse("*=127.0.0.1:1,*.example=127.0.0.1:2,a.example=127.0.0.1:3")
    assert [overrides.find(host) for host in ("a.example", "b.example", "c.test")] == [
        ("127.0.0.1", 3),
        ("127.0.0.1", 2),
        ("127.0.0.1", 1),
    ]


@pytest.mark.parametrize(
    "text", ["a.example", "=127.0.0.1", "a.example=", "a.example=127.0.0.1:http", "a.example=127.0.0.1:²"]
)
def test_override_of_another_form_is_an_error(text: str) -> None:
    with pytest.raises(SettingsError, match="ARMSLEDGER_HOST_OVERRIDES"):
        HostOverrides.parse(text)
