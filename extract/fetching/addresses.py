"""Which network address a host name may lead to: overrides first, then public addresses only."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from warehouse.errors import SettingsError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# all that IANA has given to unicast on the internet; elsewhere lie forms that lead to private hosts: ::10.0.0.1,
# 64:ff9b:1::/48 (NAT64 of one's own network), fec0::/10
_IPV6_UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True)
class HostOverrides:
    """Host names that are led to another address, as ``/etc/hosts`` does; the only way to a private address.

    Attributes:
        rules: pattern -> (address, port or None for the port of the URL). A pattern is a host name,
            ``*.suffix`` for all names below it, or ``*`` for every host.
    """

    rules: tuple[tuple[str, str, int | None], ...] = ()

    @classmethod
    def parse(cls, text: str) -> HostOverrides:
        """Read ``host=address:port`` pairs with commas between them.

        >>> HostOverrides.parse("*.example=127.0.0.1:8080").find("www.a.example")
        ('127.0.0.1', 8080)

        Raises:
            SettingsError: a pair has another form.
        """
        rules = []
        for pair in filter(None, (part.strip() for part in text.split(","))):
            pattern, _, target = pair.partition("=")
            address, _, port = target.partition(":")
            if not pattern or not address or (port and not port.isdecimal()):
                raise SettingsError(f"ARMSLEDGER_HOST_OVERRIDES: {pair!r} must be host=address or host=address:port")
            rules.append((pattern.strip().lower(), address.strip(), int(port) if port else None))
        return cls(tuple(rules))

    def find(self, host: str) -> tuple[str, int | None] | None:
        """Return address and port for a host, None where no rule holds; an exact rule goes before a wider one."""
        host = host.lower()
        widths = {host: 0, "*": 2}
        matches = [
            (widths.get(pattern, 1), address, port)
            for pattern, address, port in self.rules
            if pattern in widths or (pattern.startswith("*.") and host.endswith(pattern[1:]))
        ]
        if not matches:
            return None
        _, address, port = min(matches, key=lambda match: match[0])
        return address, port


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet.

    Addresses that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are judged by that one too.

    >>> [is_public(a) for a in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        embedded = [v4 for v4 in inner if v4 is not None]
        if embedded:
            return all(is_public(str(v4)) for v4 in embedded)
        if ip not in _IPV6_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast
