"""Suites as code, one module per table, all with the same skeleton: ``build_batch`` and ``build_suite``."""

from types import ModuleType

from expectations.suites import articles, transfer_claims

LOAD_SUITES: dict[str, ModuleType] = {"articles": articles, "transfer_claims": transfer_claims}
"""Raw table -> its suite's module."""
