"""Which columns of a batch are in memory together: all of them where they fit, else group by group.

Great Expectations needs whole columns, for uniqueness and for shares, but an expectation looks at few of them. So a
large batch is validated by column groups: results stay exact, and memory is bounded by the widest group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from great_expectations.expectations.expectation import Expectation

    from expectations.batch import Batch

BUDGET_BYTES = 64 * 2**20
"""Columns that are in memory together; a single expectation's columns may be more. Validation takes about three times
as much on top, since pandas copies what isn't NULL and what is bad."""
SHAPE = ("expect_table_columns_to_match_ordered_list", "expect_table_column_types_to_be")
"""Expectations on the columns themselves: rows are not needed."""


@dataclass(frozen=True)
class ColumnGroup:
    """Expectations that are evaluated together.

    Attributes:
        places: their places in the suite.
        columns: columns that are read for them.
        is_shape: whether the columns alone matter, without any row.
    """

    places: tuple[int, ...]
    columns: tuple[str, ...]
    is_shape: bool = False


def list_groups(
    expectations: Sequence[Expectation], batch: Batch, *, budget: float = BUDGET_BYTES
) -> list[ColumnGroup]:
    """Return the groups in which a suite is evaluated over a batch; each expectation is in exactly one."""
    every = tuple(batch.schema.names)
    size = {name: batch.bytes_per_row.get(name, 8.0) * batch.facts.rows for name in every}
    if sum(size.values()) <= budget:
        return [ColumnGroup(tuple(range(len(expectations))), every)]
    shape = [place for place, one in enumerate(expectations) if one.expectation_type in SHAPE]
    groups = [ColumnGroup(tuple(shape), every, is_shape=True)] if shape else []
    rank = {name: number for number, name in enumerate(every)}
    rest = [(columns_of(one, every), place) for place, one in enumerate(expectations) if place not in shape]
    columns: set[str] = set()
    places: list[int] = []
    # neighbours share columns, and an expectation on several stands beside those on its first
    for wanted, place in sorted(rest, key=lambda pair: [rank.get(name, -1) for name in pair[0]]):
        joined = columns | set(wanted)
        if places and sum(size.get(name, 0.0) for name in joined) > budget and not set(wanted) <= columns:
            groups.append(ColumnGroup(tuple(places), tuple(sorted(columns, key=rank.__getitem__))))
            joined, places = set(wanted), []
        columns = joined
        places.append(place)
    if places:
        groups.append(ColumnGroup(tuple(places), tuple(sorted(columns, key=rank.__getitem__))))
    return groups


def columns_of(expectation: Expectation, every: Sequence[str]) -> list[str]:
    """Return the columns that an expectation looks at; the first column where it only counts rows."""
    kwargs = expectation.configuration.kwargs
    named = [kwargs[name] for name in ("column", "column_A", "column_B", "published", "fetched") if kwargs.get(name)]
    found = [name for name in (*named, *(kwargs.get("column_list") or ())) if name in every]
    return found or [every[0]]
