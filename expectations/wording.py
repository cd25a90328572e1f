"""How an expectation says how strict it is, why it is there, and where its number comes from."""

from __future__ import annotations

from typing import Any


def must(reason: str, *, source: str | None = None, is_waivable: bool = True) -> dict[str, Any]:
    """Return the arguments of a critical expectation: a row that breaks it is set aside, or its load stops.

    Args:
        reason: what would go wrong, one sentence.
        source: origin of the number, for every expectation that has one.
        is_waivable: whether a reviewer may let such a row pass all the same.

    >>> must("An article without text tells nothing.")["severity"]
    'critical'
    """
    arguments = _explain("critical", reason, source)
    if not is_waivable:
        arguments["meta"]["is_waivable"] = False
    return arguments


def should(reason: str, *, source: str | None = None) -> dict[str, Any]:
    """Return the arguments of an expectation that warns: a load that breaks it goes on and is reported.

    Args:
        reason: what may have gone wrong, one sentence.
        source: origin of the number, for every expectation that has one.

    >>> should("The text is short.", source="a measurement")["meta"]
    {'reason': 'The text is short.', 'source': 'a measurement'}
    """
    return _explain("warning", reason, source)


def _explain(severity: str, reason: str, source: str | None) -> dict[str, Any]:
    meta: dict[str, Any] = {"reason": reason}
    if source:
        meta["source"] = source
    return {"severity": severity, "meta": meta, "notes": f"{reason} ({source})" if source else reason}
