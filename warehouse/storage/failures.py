"""Failures of object storage: which ones pass by themselves, and how the others are told."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import botocore.exceptions as boto
import stamina

from warehouse.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)
_PASSING = ("SlowDown", "RequestTimeout", "OperationAborted", "RequestTimeTooSkewed", "InternalError")
_LOST = ("PreconditionFailed", "ConditionalRequestConflict")
_UNREACHABLE = (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError, boto.ResponseStreamingError)
_LONGEST_WAIT = 10.0  # seconds between two tries
_TOO_MANY = 429
_FAULT = 500


# retries are told here; stamina's own hook would print them to the standard output where structlog is there
stamina.instrumentation.set_on_retry_hooks(())


class Conflict(Exception):
    """A conditional write lost: another one has changed the object since it was read."""


class Absent(Exception):
    """There is no such object."""


def call(
    action: Callable[[], Any], *, place: str, endpoint: str, patience: float, unreachable_patience: float | None = None
) -> Any:
    """Do one request, again with growing waits while the server is at fault or out of reach.

    Args:
        action: one request; safe to repeat.
        place: bucket and key, for messages.
        endpoint: the server, for messages.
        patience: seconds after which a failure is told.
        unreachable_patience: the same for a server out of reach, if it differs.

    Raises:
        Conflict: a condition didn't hold.
        Absent: there is no such object.
        StorageError: the failure lasts, or isn't one that passes; the message names the setting to look at.
    """
    began = time.monotonic()

    def is_worth_another(error: Exception) -> bool:
        is_early = unreachable_patience is None or time.monotonic() - began < unreachable_patience
        is_worth_it = _is_passing(error) and (is_early or not _is_unreachable(error))
        if is_worth_it:
            _LOG.warning("%s: %s; trying again", place, type(error).__name__ if _is_unreachable(error) else error)
        return is_worth_it

    tries = stamina.retry_context(
        on=is_worth_another,
        attempts=None if patience else 1,
        timeout=patience or None,
        wait_initial=0.2,
        wait_max=_LONGEST_WAIT,
        wait_jitter=0.3,
    )
    try:
        for attempt in tries:
            with attempt:
                return action()
    except boto.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _LOST:
            raise Conflict(place) from error
        if code in ("NoSuchKey", "404", "NotFound"):
            raise Absent(place) from error
        raise StorageError(_tell(error, place=place, endpoint=endpoint, patience=patience)) from error
    except boto.BotoCoreError as error:
        waited = time.monotonic() - began
        raise StorageError(_tell_client(error, place=place, endpoint=endpoint, waited=waited)) from error
    raise AssertionError("unreachable")


def _is_passing(error: Exception) -> bool:
    if isinstance(error, boto.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = error.response.get("Error", {}).get("Code", "")
        return code not in _LOST and (status >= _FAULT or status == _TOO_MANY or code in _PASSING)
    return _is_unreachable(error)


def _is_unreachable(error: Exception) -> bool:
    return isinstance(error, _UNREACHABLE)


def _tell(error: boto.ClientError, *, place: str, endpoint: str, patience: float) -> str:
    code = error.response.get("Error", {}).get("Code", "unknown")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchBucket":
        return f"ARMSLEDGER_DATA: there is no bucket of {place} at {endpoint}; make it, or name another one"
    if status in (401, 403) or code in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "ExpiredToken"):
        return (
            f"{place}: {endpoint} refuses access ({code}); check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "and that they may read, write, list and delete there"
        )
    if status >= _FAULT or status == _TOO_MANY:
        return (
            f"{place}: {endpoint} has answered {status} ({code}) for {patience:.0f} seconds; what is published is as "
            "it was. Run the command again when the storage is well; ARMSLEDGER_S3_PATIENCE says how long to wait"
        )
    if code == "NotImplemented":
        return (
            f"{place}: {endpoint} doesn't know conditional writes (If-Match, If-None-Match), without which two writers "
            "could lose one another's load; use a storage that does"
        )
    return f"{place}: {endpoint} answers {status} {code}; check ARMSLEDGER_DATA and AWS_ENDPOINT_URL"


def _tell_client(error: Exception, *, place: str, endpoint: str, waited: float) -> str:
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return f"{place}: no keys for {endpoint}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, _UNREACHABLE):
        return (
            f"{place}: {endpoint} can't be reached ({type(error).__name__}, for {waited:.0f} seconds); check "
            "AWS_ENDPOINT_URL and the network. What is published is as it was"
        )
    return f"{place}: {endpoint} can't be used ({type(error).__name__}: {error}); check the AWS_* settings"
