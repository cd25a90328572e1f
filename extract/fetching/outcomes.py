"""What a request came to. Every request ends in exactly one outcome with a named reason."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import responses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

OK = "ok"
NOT_MODIFIED = "not_modified"

RETRYABLE = frozenset(
    {
        "connection_failed",
        "dns_failed",
        "host_unavailable",
        "timeout_connect",
        "timeout_read",
        "timeout_total",
        "tls_failed",
        "truncated_body",
        "robots_unavailable",
        "http_408",
        "http_425",
        "http_429",
        "http_500",
        "http_502",
        "http_503",
        "http_504",
    }
)
"""Reasons that may be gone at the next try; every other failure is final for the page."""


@dataclass(frozen=True)
class Response:
    """One HTTP response as it came over the wire, or the failure in its place.

    Attributes:
        url: URL requested.
        received_at: when, UTC, whole seconds, so that an archived response gives the same.
        status: HTTP status, None where no response came.
        headers: names in lower case, in their order.
        body: bytes as sent, still content-encoded.
        failure: named reason where no usable response came, or None.
        detail: what happened, in plain words, or None.
    """

    url: str
    received_at: datetime
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    failure: str | None = None
    detail: str | None = None

    def header(self, name: str) -> str | None:
        """Return the first header of this name (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True)
class FetchOutcome:
    """What a fetch came to, after redirects, robots and decompression.

    Attributes:
        url: URL asked for.
        final_url: URL that answered, after redirects.
        reason: ``ok``, ``not_modified`` or a named failure.
        fetched_at: when the answer came, UTC.
        status: HTTP status of the last response, None where none came.
        headers: headers of the last response, names in lower case.
        body: content, decompressed; empty unless ``ok``.
        detail: what went wrong, in plain words, or None.
    """

    url: str
    final_url: str
    reason: str
    fetched_at: datetime
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    detail: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether there is content."""
        return self.reason == OK

    @property
    def is_retryable(self) -> bool:
        """Whether a later load should try again."""
        return self.reason in RETRYABLE

    def header(self, name: str) -> str | None:
        """Return the first header of this name (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


def describe_status(status: int) -> str:
    """Return a status with its name.

    >>> describe_status(404)
    '404 Not Found'
    """
    return f"{status} {responses.get(status, '')}".rstrip()
