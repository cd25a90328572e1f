"""What dbt does with a built candidate: freshness of its sources, then the catalogue's page; a child process.

``python -m warehouse.building.dbt_closing DBT-OPTIONS…``; the exit code is 0 unless one of both couldn't run.
"""

from __future__ import annotations

import sys

_COMMANDS = (("source", "freshness"), ("docs", "generate", "--static"))


def main(options: list[str]) -> int:
    """Run both commands with these options of dbt; a source that stands still is no failure."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds to import

    for command in _COMMANDS:
        outcome = dbtRunner().invoke(["--no-use-colors", *command, *options])
        if outcome.exception or not outcome.success:
            print(outcome.exception or f"dbt {' '.join(command)} failed")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
