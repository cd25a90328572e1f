"""The JSON schema of an answer, made from the contract of the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.contracts import TRANSFER_CLAIMS

if TYPE_CHECKING:
    from warehouse.contracts import Column

COMPUTED = frozenset(
    {
        "article_id",
        "claim_id",
        "confidence",
        "evidence_end",
        "evidence_field",
        "evidence_start",
        "extractor_version",
        "is_domestic",
        "load_id",
        "ordinal",
        "recipient_type",
        "rule_id",
        "supplier_type",
        "weapon_family",
    }
)
"""Columns that follow from the article, the seeds or the run; every other column is asked of the model."""

WORDS = {
    "quantity_text": "Words of the article that tell the number of units, exactly as written; null if none do.",
    "value_text": "Words of the article that tell the value, exactly as written; null if none do.",
}
"""Asked beside the contract: a number is believed only with its words."""


def build_answer_schema() -> dict[str, Any]:
    """Return the schema of a whole answer: an object with the list ``claims``.

    Only what every endpoint's structured output knows is used: types, closed lists, required fields. Patterns and
    ranges of the contract are checked on the finished claim.
    """
    return _object({"claims": {"type": "array", "items": build_claim_schema()}})


def build_claim_schema() -> dict[str, Any]:
    """Return the schema of one claim."""
    asked = [column for column in TRANSFER_CLAIMS.columns if column.name not in COMPUTED]
    properties = {column.name: _property(column) for column in asked}
    for name, description in WORDS.items():
        properties[name] = {"type": ["string", "null"], "description": description}
    return _object(properties)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _property(column: Column) -> dict[str, Any]:
    kind = _json_type(column.type)
    result: dict[str, Any] = {
        "type": [kind, "null"] if column.nullable else kind,
        "description": column.description,
    }
    if column.allowed:
        result["enum"] = [*column.allowed, *([None] if column.nullable else [])]
    return result


def _json_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "number" if pa.types.is_floating(kind) else "string"
