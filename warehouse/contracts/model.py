"""What a contract is: a table declared once, from which schema, dbt source and expectations follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

from warehouse.errors import ContractError

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    Attributes:
        name: snake_case, with the unit as its suffix where it is a measure.
        type: Arrow type, as stored in Parquet.
        description: one sentence for the catalogue.
        nullable: whether NULL is a legal value; NULL always means "not told", never zero.
        unit: unit of a number, or None.
        allowed: closed list of legal values, or empty for any.
        minimum: smallest legal number, or None.
        maximum: largest legal number, or None.
        pattern: regular expression that a text must match from its start to its end, or None.
    """

    name: str
    type: pa.DataType
    description: str
    nullable: bool = False
    unit: str | None = None
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None

    def __post_init__(self) -> None:
        """Refuse a name that SQL would need to quote."""
        if not _NAME.match(self.name):
            raise ContractError(f"column {self.name!r}: use lower case letters, digits and underscores")


@dataclass(frozen=True)
class Table:
    """One raw table of the lake.

    Attributes:
        name: folder under ``raw/`` and relation in schema ``raw``.
        version: raised when a column is removed or changes its meaning; new nullable columns keep it.
        grain: what one row is, as a sentence.
        columns: in storage order.
        key: column whose values are unique within a load and not null.
        description: what the table is for.
        loaded_at: column that tells when a row came in, by which the source's freshness is measured, or None.
        stale_after_days: age of the newest row from which the freshness check warns, or None for no check.
    """

    name: str
    version: int
    grain: str
    columns: tuple[Column, ...]
    key: str
    description: str
    loaded_at: str | None = None
    stale_after_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse duplicate columns and a key that isn't one of them."""
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ContractError(f"table {self.name}: a column is declared twice")
        if self.key not in names:
            raise ContractError(f"table {self.name}: key {self.key} is not a column")
        if self.loaded_at is not None and self.loaded_at not in names:
            raise ContractError(f"table {self.name}: loaded_at {self.loaded_at} is not a column")

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema, with each column's description and unit in the field's metadata."""
        return pa.schema(
            [
                pa.field(
                    column.name,
                    column.type,
                    nullable=column.nullable,
                    metadata={"description": column.description, "unit": column.unit or ""},
                )
                for column in self.columns
            ],
            metadata={"table": self.name, "version": str(self.version)},
        )

    def column(self, name: str) -> Column:
        """Return the column of this name.

        Raises:
            ContractError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(f"table {self.name} has no column {name}; see warehouse/contracts/{self.name}.py")

    def conform(self, table: pa.Table) -> pa.Table:
        """Return the rows with exactly this contract's columns, order and types.

        Only names and types are checked here; values are the gate's business, so that a bad value reaches
        quarantine with a report instead of an exception.

        Args:
            table: any Arrow table.

        Raises:
            ContractError: a column is missing, unknown, or can't be cast without loss.
        """
        expected = [column.name for column in self.columns]
        missing = [name for name in expected if name not in table.column_names]
        unknown = [name for name in table.column_names if name not in expected]
        if missing or unknown:
            raise ContractError(
                f"table {self.name}: missing columns {missing}, unknown columns {unknown}; "
                f"the contract is warehouse/contracts/{self.name}.py"
            )
        arrays = []
        for column in self.columns:
            try:
                arrays.append(table[column.name].cast(column.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise ContractError(f"{self.name}.{column.name}: can't be stored as {column.type}: {error}") from error
        relaxed = pa.schema(
            [f.with_nullable(True) for f in self.schema],
            metadata=self.schema.metadata,
        )
        return pa.table(arrays, schema=relaxed)
