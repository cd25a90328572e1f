"""Great Expectations as it is without Spark, whose frames no gate gives to it.

It imports Spark wherever it is installed. That costs each gate's task seconds, and Spark's Connect client ends the
process as done (``sys.exit(0)``) where its own requirements are missing and the process was started by ``python -c``,
as Airflow starts tasks on macOS (seen with pyspark 4.3.0; SPARK-55667 brought the check in).
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_SPARK = "pyspark"
_LOOKS_FOR_SPARK = "great_expectations.compatibility.pyspark"


class _Sparkless(SourceFileLoader):
    """Runs a module as if Spark weren't installed; who imports Spark later finds it."""

    def exec_module(self, module: ModuleType) -> None:
        imported = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == _SPARK}
        sys.modules[_SPARK] = None  # type: ignore[assignment] # Python's own sign for: not to be found
        try:
            super().exec_module(module)
        finally:
            del sys.modules[_SPARK]
            sys.modules.update(imported)


class _Finder(MetaPathFinder):
    """Finds the one module of Great Expectations that looks for Spark."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == _LOOKS_FOR_SPARK else None
        if spec and spec.origin:
            spec.loader = _Sparkless(fullname, spec.origin)
        return spec


def install() -> None:
    """Let Great Expectations find no Spark, from its first import on."""
    sys.meta_path.insert(0, _Finder())
