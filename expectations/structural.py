"""Expectations that follow from a contract: what a schema can say, nobody writes by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import great_expectations.expectations as gxe

from expectations.custom.columns import ExpectValuesToBeWithinLimits
from expectations.custom.tables import ExpectTableColumnTypesToBe
from expectations.wording import must

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

    from warehouse.contracts import Column, Table

CONTRACT = "the table's contract"


def _must(reason: str) -> dict[str, Any]:
    """Return the arguments of an expectation that the contract makes: no waiver covers what would break the build."""
    return must(reason, source=CONTRACT, is_waivable=False)


def build_structural_expectations(table: Table, *, reference_columns: tuple[str, ...] = ()) -> list[Expectation]:
    """Derive the expectations of one raw table, all critical.

    Columns exist, in order and with their types; NULL only where allowed; the key is unique; closed lists, limits and
    patterns hold. NULL passes each check but the one for NULL.

    Args:
        table: contract.
        reference_columns: columns that the gate appends behind the contract's.
    """
    names = [column.name for column in table.columns]
    expectations: list[Expectation] = [
        gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=[*names, *reference_columns],
            **_must("Readers rely on the columns and their order."),
        ),
        ExpectTableColumnTypesToBe(
            types={column.name: str(column.type) for column in table.columns},
            **_must("A column of another type breaks the build of the warehouse."),
        ),
        gxe.ExpectColumnValuesToBeUnique(column=table.key, **_must("The key names one row in all later stages.")),
    ]
    for column in table.columns:
        expectations += _for_column(column)
    return expectations


def _for_column(column: Column) -> list[Expectation]:
    expectations: list[Expectation] = []
    if not column.nullable:
        expectations.append(gxe.ExpectColumnValuesToNotBeNull(column=column.name, **_must("Every row tells this.")))
    if column.allowed:
        expectations.append(
            gxe.ExpectColumnValuesToBeInSet(
                column=column.name,
                value_set=list(column.allowed),
                **_must("Later stages know these values and no others."),
            )
        )
    if column.minimum is not None or column.maximum is not None:
        expectations.append(
            ExpectValuesToBeWithinLimits(
                column=column.name,
                min_value=column.minimum,
                max_value=column.maximum,
                **_must("A number outside these limits has another unit or is misread."),
            )
        )
    if column.pattern is not None:
        expectations.append(
            gxe.ExpectColumnValuesToMatchRegex(
                column=column.name,
                regex=rf"\A(?:{column.pattern})\Z",
                **_must("Identifiers and codes have one form, or they don't join."),
            )
        )
    return expectations
