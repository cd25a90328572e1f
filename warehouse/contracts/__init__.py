"""Contracts: each table of the lake is declared once, here.

To add a column, add it to its table's file and run ``make contracts``; the tests name what is still missing.
"""

from warehouse.contracts.articles import ARTICLES
from warehouse.contracts.history import HISTORY_TABLES
from warehouse.contracts.model import Column, Table
from warehouse.contracts.ops import OPS_TABLES
from warehouse.contracts.register_deliveries import REGISTER_DELIVERIES
from warehouse.contracts.reviews import REVIEWS
from warehouse.contracts.transfer_claims import TRANSFER_CLAIMS
from warehouse.errors import ContractError

RAW_TABLES: tuple[Table, ...] = (ARTICLES, TRANSFER_CLAIMS, REGISTER_DELIVERIES, REVIEWS)


def raw_table(name: str) -> Table:
    """Return the contract of a raw table.

    Raises:
        ContractError: no raw table has this name; the message lists those that exist.
    """
    for table in RAW_TABLES:
        if table.name == name:
            return table
    raise ContractError(f"no raw table {name!r}; there are: {', '.join(t.name for t in RAW_TABLES)}")


__all__ = [
    "ARTICLES",
    "HISTORY_TABLES",
    "OPS_TABLES",
    "RAW_TABLES",
    "REGISTER_DELIVERIES",
    "REVIEWS",
    "TRANSFER_CLAIMS",
    "Column",
    "Table",
    "raw_table",
]
