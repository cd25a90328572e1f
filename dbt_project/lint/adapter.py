"""Stands in for dbt's adapter while sqlfluff renders a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def dispatch(name: str, package: str) -> Callable[..., str]:
    """Return a macro that renders as a call of a function of its name."""
    del package
    return lambda *arguments: f"{name}({', '.join(str(argument) for argument in arguments)})"
