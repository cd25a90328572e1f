"""Rules beside model on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from warehouse import ops

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.model.comparing import Difference
    from warehouse.settings import DataDirectory

_KINDS = {"only_rules": "only the rules claim it", "only_model": "only the model claims it"}


@dataclass(frozen=True, slots=True)
class Line:
    """One difference, as it is shown."""

    article: str
    supplier: str | None
    recipient: str | None
    weapon: str
    kind: str
    field_name: str | None
    rules_value: str | None
    model_value: str | None
    evidence: str

    @classmethod
    def of(cls, article: str, one: Difference) -> Line:
        """Make the line of a difference."""
        claim = one.claim
        return cls(
            article=article,
            supplier=claim.supplier_code,
            recipient=claim.recipient_code,
            weapon=claim.weapon_family,
            kind=one.kind,
            field_name=one.field_name,
            rules_value=one.rules_value,
            model_value=one.model_value,
            evidence=claim.evidence_text,
        )


def read_lines(data: DataDirectory, load_id: str | None) -> tuple[str | None, tuple[Line, ...]]:
    """Read the differences of a claims load from ``ops.extractor_differences``.

    Args:
        data: data directory.
        load_id: claims load; by default the last one that a model was compared on.

    Returns:
        The load, None if there is none; and its differences.
    """
    compared = [row for row in ops.read(data, "model_usage").to_pylist() if row["extractor_mode"] == "both"]
    told = [row for row in compared if load_id in (None, row["load_id"])]
    if not told:
        return None, ()
    last = told[-1]
    lines = [
        Line(
            article=row["url"],
            supplier=row["supplier_code"],
            recipient=row["recipient_code"],
            weapon=row["weapon_family"],
            kind=row["kind"],
            field_name=row["field_name"],
            rules_value=row["rules_value"],
            model_value=row["model_value"],
            evidence=row["evidence_text"],
        )
        for row in ops.read(data, "extractor_differences").to_pylist()
        if row["load_id"] == last["load_id"]
    ]
    return last["load_id"], tuple(dict.fromkeys(lines))  # a run that was killed and made anew told the same twice


def build_table(lines: Iterable[Line], title: str) -> Table:
    """Build the table of differences, one row each."""
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in ("article", "claim", "differs in", "rules", "model", "evidence"):
        table.add_column(name, overflow="fold")
    for line in lines:
        claim = f"{line.supplier or '?'} → {line.recipient or '?'}: {line.weapon}"
        what = line.field_name or _KINDS[line.kind]
        cells = (line.article, claim, what, line.rules_value or "", line.model_value or "", line.evidence)
        table.add_row(*(escape(cell) for cell in cells))
    return table
