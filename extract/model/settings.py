"""Which model is asked, where, and how hard: settings from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from warehouse.errors import SettingsError

PREFIX = "ARMSLEDGER_LLM_"


@dataclass(frozen=True)
class ModelSettings:
    """Settings of the model extractor.

    Attributes:
        model: name of the model, as the endpoint knows it.
        url: base address of the endpoint, without ``/chat/completions``.
        key: key of the endpoint; None for a server that asks for none.
        concurrency: requests under way at once.
        timeout_seconds: how long one request may take.
        retries: further tries of a request that met a fault of the endpoint.
        temperature: sampling temperature; None leaves it to the endpoint, as models that accept no other want it.
    """

    model: str
    url: str
    key: str | None = field(default=None, repr=False)
    concurrency: int = 4
    timeout_seconds: float = 120.0
    retries: int = 4
    temperature: float | None = 0.0

    @classmethod
    def from_environment(cls) -> ModelSettings:
        """Read ``ARMSLEDGER_LLM_MODEL``, ``URL``, ``KEY``, ``CONCURRENCY``, ``TIMEOUT``, ``RETRIES``, ``TEMPERATURE``.

        Model and address have no default: no article leaves the machine because a setting was forgotten.

        Raises:
            SettingsError: one is missing or can't be used; the message names it.
        """
        return cls(
            model=_required("MODEL", "the name of the model, as the endpoint knows it"),
            url=_check_url(_required("URL", "the endpoint's base address, for instance http://127.0.0.1:8000/v1")),
            key=os.environ.get(f"{PREFIX}KEY") or None,
            concurrency=int(_number("CONCURRENCY", "4", least=1, most=64, whole=True)),
            timeout_seconds=_number("TIMEOUT", "120", least=1, most=3600),
            retries=int(_number("RETRIES", "4", least=0, most=10, whole=True)),
            temperature=_temperature(),
        )


def _required(name: str, meaning: str) -> str:
    value = os.environ.get(f"{PREFIX}{name}", "").strip()
    if not value:
        raise SettingsError(f"{PREFIX}{name} is not set; the model extractor needs {meaning}")
    return value


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{PREFIX}URL={url}: no address; give one like http://127.0.0.1:8000/v1")
    if parts.username or parts.password or parts.query:
        raise SettingsError(f"{PREFIX}URL holds a name, password or query, which would be printed; use {PREFIX}KEY")
    return url.rstrip("/")


def _number(name: str, default: str, *, least: float, most: float, whole: bool = False) -> float:
    value = os.environ.get(f"{PREFIX}{name}") or default
    kind = "whole number" if whole else "number"
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not least <= number <= most or (whole and not number.is_integer()):
        raise SettingsError(f"{PREFIX}{name}={value}: set it to a {kind} from {least:g} to {most:g}")
    return number


def _temperature() -> float | None:
    if os.environ.get(f"{PREFIX}TEMPERATURE") == "none":
        return None
    return _number("TEMPERATURE", "0", least=0, most=2)
