"""The pinned floors of the scores: ``python tests/evaluation/floors.py`` raises them to what is measured now.

Lowering one is a decision: it needs ``ARMSLEDGER_LOWER_FLOORS=1`` in the environment, and its reason in the commit.
"""

from __future__ import annotations

import os
import sys
import tomllib
from typing import TYPE_CHECKING

from measures import HERE, measure_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from measures import Result, Share

FILE = HERE / "floors.toml"
FLAG = "ARMSLEDGER_LOWER_FLOORS"
# Below what is measured, so that one changed claim of a set of about 120 fails no test.
_MARGIN = 0.01
_PINNED = ("precision", "recall", "status", "quantity", "value", "order_year", "delivery_year", "all_fields")

Floors = dict[str, dict[str, float]]


def read_floors(path: Path = FILE) -> Floors:
    """Read the floors: set -> measure -> number; names with ``max_`` are ceilings.

    Args:
        path: TOML file.
    """
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_measures(results: list[Result], hard: Share) -> Floors:
    """Bring what was measured into the form of the floors.

    Args:
        results: of the sets.
        hard: false positives on the hard negatives.
    """
    measured = {
        result.name: {
            **{name: round(result.shares[name].rate, 4) for name in _PINNED},
            "max_inversions": float(result.inversions),
            "max_negatives": round(result.shares["negatives"].rate, 4),
        }
        for result in results
    }
    return {**measured, "hard-negatives": {"max_rate": round(hard.rate, 4)}}


def find_breaches(measured: Floors, floors: Floors) -> list[str]:
    """Tell every number that is worse than its floor.

    Args:
        measured: numbers now.
        floors: pinned numbers.
    """
    return [
        f"{name}: {key} is {measured[name][key]}, pinned at {floor}"
        for name, pinned in floors.items()
        for key, floor in pinned.items()
        if _is_worse(key, measured[name][key], floor)
    ]


def _is_worse(key: str, value: float, floor: float) -> bool:
    return value > floor if key.startswith("max_") else value < floor


def renew_floors(measured: Floors, floors: Floors, *, environment: Mapping[str, str]) -> Floors:
    """Pin what is measured, less a margin; a floor stays where that would lower it.

    Args:
        measured: numbers now.
        floors: pinned numbers.
        environment: environment variables; with the flag, floors are lowered too.

    Returns:
        New floors.
    """
    may_lower = environment.get(FLAG) == "1"
    renewed: Floors = {}
    for name, values in measured.items():
        renewed[name] = {}
        for key, value in values.items():
            # a count has no margin, a rate has
            margin = 0.0 if key == "max_inversions" else _MARGIN
            wanted = round(value + margin, 3) if key.startswith("max_") else round(max(0.0, value - margin), 3)
            old = floors.get(name, {}).get(key)
            keeps = old is not None and not may_lower and _is_worse(key, wanted, old)
            renewed[name][key] = old if keeps and old is not None else wanted
    return renewed


def write_floors(floors: Floors, path: Path = FILE) -> None:
    """Write the floors.

    Args:
        floors: set -> measure -> number.
        path: TOML file, replaced.
    """
    lines = [
        "# Scores may not fall below these (max_: rise above). Raised by: python tests/evaluation/floors.py",
        f"# Lowered only with {FLAG}=1, and with the reason in the commit.",
    ]
    for name, values in floors.items():
        lines += ["", f"[{name}]", *(f"{key} = {value}" for key, value in values.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Renew the file; tell what stays below its floor.

    Returns:
        1 if a measured number is worse than its floor, else 0.
    """
    floors = read_floors() if FILE.exists() else {}
    measured = read_measures(*measure_all())
    renewed = renew_floors(measured, floors, environment=os.environ)
    write_floors(renewed)
    for name, values in renewed.items():
        for key, value in values.items():
            old = floors.get(name, {}).get(key)
            if old != value:
                print(f"{name}: {key} {old} -> {value}")
    breaches = find_breaches(measured, renewed)
    for breach in breaches:
        print(f"{breach}; lower it with {FLAG}=1 if that is meant", file=sys.stderr)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
