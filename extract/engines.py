"""Where extraction runs: in this process or on this machine's cores, or on the workers of a Spark cluster."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Literal

from extract.claims.batch import READ_COLUMNS
from extract.extractors import VARIABLE, read_mode
from warehouse.contracts import TRANSFER_CLAIMS
from warehouse.errors import SettingsError
from warehouse.spark.mapping import map_batches, map_items
from warehouse.spark.session import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.bulk.slices import MapSlices
    from extract.extractors import MapBatches

Engine = Literal["local", "spark"]


@contextlib.contextmanager
def open_extraction(engine: Engine) -> Iterator[MapBatches | None]:
    """Give what applies an extractor to batches of articles, in their order; None where the extractor itself does.

    Args:
        engine: ``local``: on this machine; ``spark``: on the workers, many batches at once.

    Raises:
        SettingsError: the extractor is a model, which runs in one process.
        SparkError: Spark isn't there or can't start.
    """
    if engine == "local":
        yield None
        return
    if read_mode() != "rules":
        raise SettingsError(f"{VARIABLE}={read_mode()}: a model runs in one process; unset it, or leave --engine out")
    with open_session("events") as session:
        yield functools.partial(map_batches, session, schema=TRANSFER_CLAIMS.schema, columns=READ_COLUMNS)


@contextlib.contextmanager
def open_archives(engine: Engine) -> Iterator[MapSlices | None]:
    """Give what reads the slices of an archive, in their order; None where the processes of this machine do.

    Args:
        engine: ``local`` or ``spark``; with Spark the archives must lie where the workers see them.

    Raises:
        SparkError: Spark isn't there or can't start.
    """
    if engine == "local":
        yield None
        return
    with open_session("warc") as session:
        yield functools.partial(map_items, session)
