"""What a build hands to its child process on Spark: the files of the tables that dbt reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.parquet import Part

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class SparkInput:
    """A Parquet file, or the rows of it that count.

    Attributes:
        path: file, under the path that the workers know too.
        column: column that tells which rows count; None for all.
        values: its values in the rows that count.
    """

    path: str
    column: str | None = None
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, file: Path | Part) -> SparkInput:
        """Describe a file or a part of one."""
        return cls(str(file.path), file.column, file.values) if isinstance(file, Part) else cls(str(file))
