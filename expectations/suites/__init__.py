"""Suites as code, one module per table, all with the same skeleton: ``build_batch`` and ``build_suite``."""

from types import ModuleType

from expectations.suites import articles, register_deliveries, reviews, transfer_claims

LOAD_SUITES: dict[str, ModuleType] = {
    "articles": articles,
    "transfer_claims": transfer_claims,
    "register_deliveries": register_deliveries,
    "reviews": reviews,
}
"""Raw table -> its suite's module."""
