"""Stands in for dbt's macros while sqlfluff renders a model: each gives SQL of the same shape."""

from __future__ import annotations


def type_string() -> str:
    """Name of the text type."""
    return "string"


def type_bigint() -> str:
    """Name of the 64-bit integer type."""
    return "bigint"


def type_int() -> str:
    """Name of the integer type."""
    return "int"


def concat(fields: list[str]) -> str:
    """Text of these expressions, joined."""
    return " || ".join(fields)


def hash(field: str) -> str:
    """Hash of an expression."""
    return f"md5({field})"


def datediff(first: str, second: str, part: str) -> str:
    """Difference of two timestamps."""
    return f"date_diff('{part}', {first}, {second})"


def date_trunc(part: str, field: str) -> str:
    """Timestamp cut to a part."""
    return f"date_trunc('{part}', {field})"


def generate_series(upper_bound: int) -> str:
    """Numbers from 1 to a bound."""
    return f"select generate_series as generated_number from generate_series(1, {upper_bound})"


def dateadd(part: str, interval: str, field: str) -> str:
    """Timestamp moved by a number of parts."""
    return f"date_add({field}, {interval}, '{part}')"
