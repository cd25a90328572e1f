"""Reference data: the dbt seeds, read by Python from the same files that dbt loads."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pa_csv

from warehouse.errors import ContractError
from warehouse.settings import SEEDS

if TYPE_CHECKING:
    from pathlib import Path


@cache
def read_seed(name: str) -> pa.Table:
    """Read ``dbt_project/seeds/<name>.csv`` with every column as text; an empty cell is NULL.

    Args:
        name: file stem of the seed.

    Raises:
        ContractError: the file is missing or isn't valid CSV; the message names it.
    """
    path = SEEDS / f"{name}.csv"
    if not path.is_file():
        raise ContractError(f"seed {path.name} is missing in dbt_project/seeds/")
    try:
        columns = _header(path)
        return pa_csv.read_csv(
            path,
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
            parse_options=pa_csv.ParseOptions(newlines_in_values=False),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise ContractError(f"dbt_project/seeds/{path.name}: not valid CSV: {error}") from error


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return lines.readline().strip().split(",")
