"""Expectations on whole tables."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation


class ExpectTableColumnTypesToBe(BatchExpectation):
    """Each column has its Arrow type.

    The built-in check of one column's type compares Python types, which says ``datetime`` of any timestamp.

    Attributes:
        types: column -> Arrow type as text, for instance ``timestamp[us, tz=UTC]``.
    """

    types: dict[str, str]
    description: str | None = "Each column has the type that the contract declares."
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.column_types",)
    success_keys: ClassVar[tuple[str, ...]] = ("types",)

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        found = {
            column["name"]: str(getattr(column["type"], "pyarrow_dtype", column["type"]))
            for column in metrics["table.column_types"]
        }
        wrong = {name: found.get(name, "(no column)") for name, told in self.types.items() if found.get(name) != told}
        details = "; ".join(f"{name} is {kind}, not {self.types[name]}" for name, kind in wrong.items())
        return {
            "success": not wrong,
            "result": {"observed_value": details or f"{len(self.types)} columns as declared", "details": details},
        }
