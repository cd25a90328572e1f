"""Pools: how many tasks of a kind run at once. They lie in Airflow's database, so each start of Airflow sets them."""

from __future__ import annotations

import os

from warehouse.errors import SettingsError

SOURCES_POOL = "sources"
"""Pool of the tasks that fetch: slow hosts hold its slots, and the rest of the machine is free for the other tasks."""
SLOTS_SETTING = "ARMSLEDGER_SOURCE_SLOTS"
SLOTS = 3
"""One less than the tasks that a machine runs at once: a build never waits for a slow host."""
DESCRIPTION = "sources that are fetched at once"


def read_slots() -> int:
    """Return how many sources are fetched at once.

    Raises:
        SettingsError: the setting is no whole number from 1.
    """
    setting = os.environ.get(SLOTS_SETTING) or str(SLOTS)
    if not setting.isdecimal() or int(setting) < 1:
        raise SettingsError(f"{SLOTS_SETTING}={setting}: set it to a whole number from 1")
    return int(setting)


def set_pools() -> None:
    """Make the pools, or give them their present size, in the database of this process's Airflow."""
    from airflow.models.pool import Pool

    Pool.create_or_update_pool(SOURCES_POOL, read_slots(), DESCRIPTION, include_deferred=False)


if __name__ == "__main__":
    set_pools()
