"""What keeps a request from bringing a response, by name; and how long a host asks to wait."""

from __future__ import annotations

import email.utils
from datetime import UTC
from typing import TYPE_CHECKING

import httpcore
import httpx

from extract.fetching.network import ForbiddenAddress, ResolutionFailed
from extract.fetching.outcomes import Response
from warehouse import clock

if TYPE_CHECKING:
    from datetime import datetime

    from extract.fetching.policy import FetchPolicy

_BAD_URL = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.LocalProtocolError)
FAILURES = (
    ForbiddenAddress,
    ResolutionFailed,
    TimeoutError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpcore.LocalProtocolError,
)


def name_failure(error: Exception, policy: FetchPolicy) -> tuple[str, str]:
    """Return reason and detail of a request that brought no response."""
    told = str(error) or type(error).__name__
    is_tls = isinstance(error, httpx.ConnectError) and ("certificate" in told.lower() or "ssl" in told.lower())
    cases: tuple[tuple[bool, str, str], ...] = (
        (isinstance(error, ForbiddenAddress), "forbidden_address", told),
        (isinstance(error, ResolutionFailed), "dns_failed", told),
        (isinstance(error, httpx.ConnectTimeout), "timeout_connect", f"no connection in {policy.connect_seconds:g} s"),
        (isinstance(error, httpx.TimeoutException), "timeout_read", f"silence of {policy.read_seconds:g} s"),
        (isinstance(error, TimeoutError), "timeout_total", f"not complete within {policy.total_seconds:g} s"),
        (is_tls, "tls_failed", told),
        (isinstance(error, _BAD_URL), "bad_url", told),
        (True, "connection_failed", told),
    )
    return next((reason, detail) for holds, reason, detail in cases if holds)


def failed(
    url: str, reason: str, detail: str, status: int | None = None, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Return what stands in place of a response."""
    return Response(url, whole_seconds(), status, headers, failure=reason, detail=detail)


def whole_seconds() -> datetime:
    """Return now, UTC, as precisely as an archive keeps it."""
    return clock.now().replace(microsecond=0)


def reason_of(response: Response) -> str:
    """Return the name of what came: a failure, or the status."""
    return response.failure or f"http_{response.status}"


def retry_after(response: Response) -> float | None:
    """Return the seconds that a Retry-After header asks for, None where there is none that can be read."""
    value = (response.header("retry-after") or "").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - clock.now()).total_seconds())
