"""What docker-compose.yml says of each service, so that `make cluster` needs no second list of settings."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<more>[^}]*))?\}")


@dataclass(frozen=True)
class Service:
    """A service of the file.

    Attributes:
        command: words of its command line; none where the image has its own.
        environment: its environment.
    """

    command: tuple[str, ...]
    environment: dict[str, str]


def read_services(path: Path, values: Mapping[str, str]) -> dict[str, Service]:
    """Read the services by name.

    Args:
        path: the compose file.
        values: what its variables stand for.

    Raises:
        SettingsError: a variable without default has no value; the message is the file's own.
    """
    services = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    return {
        name: Service(
            tuple(fill_in(str(word), values) for word in service.get("command", ())),
            {key: fill_in(str(value), values) for key, value in service.get("environment", {}).items()},
        )
        for name, service in services.items()
    }


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of variables, as docker-compose does.

    >>> fill_in("a ${X:-b} ${Y} $$HOME", {"Y": "c"})
    'a b c $HOME'
    """

    def value(found: re.Match[str]) -> str:
        if found["name"] is None:
            return "$"
        told = values.get(found["name"], "")
        if told or found["kind"] is None:
            return told
        if found["kind"] == "?":
            raise SettingsError(f"{found['name']} is not set: {found['more']}")
        return str(found["more"])

    return _VARIABLE.sub(value, text)


def make_secrets() -> dict[str, str]:
    """Make a value for each variable of docker-compose.yml that is a secret."""
    names = (
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "AIRFLOW_JWT_SECRET",
        "AIRFLOW_SECRET_KEY",
        "AIRFLOW_ADMIN_PASSWORD",
    )
    fernet_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {
        "COMPOSE_PROJECT_NAME": "armsledger",
        **{name: secrets.token_urlsafe(32) for name in names},
        "AIRFLOW_FERNET_KEY": fernet_key,
    }
