"""Which extractor runs: the project's rules, a model, or both. All have one interface."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from extract import cores
from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from warehouse.settings import Settings

    BatchFunction = Callable[[pa.RecordBatch], pa.RecordBatch]
    MapBatches = Callable[[BatchFunction, Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]

Mode = Literal["rules", "llm", "both"]
VARIABLE = "ARMSLEDGER_EXTRACTOR"


def _nothing_to_tell(load_id: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Extractor:
    """What turns articles into claims.

    Attributes:
        version: a claims load of another version is replaced.
        run: batch of articles to batch of claims.
        tell: called once when all batches of a claims load are through, with the load's id: appends to ``ops`` what
            else happened, and returns it in words for the terminal.
        apply: what applies ``run`` to batches on this machine, in their order.
    """

    version: str
    run: BatchFunction
    tell: Callable[[str], tuple[str, ...]] = _nothing_to_tell
    apply: MapBatches = map


def read_mode() -> Mode:
    """Read ``ARMSLEDGER_EXTRACTOR``: ``rules`` (the default), ``llm`` or ``both``.

    Raises:
        SettingsError: it is something else.
    """
    value = os.environ.get(VARIABLE) or "rules"
    if value not in get_args(Mode):
        raise SettingsError(f"{VARIABLE}={value}: set it to {', '.join(get_args(Mode))}")
    return cast("Mode", value)


def build_extractor(settings: Settings) -> Extractor:
    """Return the extractor that the environment asks for.

    Raises:
        SettingsError: a setting is missing or can't be used.
    """
    mode = read_mode()
    if mode == "rules":
        from extract import claims  # noqa: PLC0415 - its lexicon takes a while to build

        on_cores = functools.partial(cores.map_batches, prepare=claims.load, columns=claims.READ_COLUMNS)
        return Extractor(claims.EXTRACTOR_VERSION, claims.extract_claims, apply=on_cores)
    from extract.model.extractor import build_model_extractor  # noqa: PLC0415 - only where it is asked for

    return build_model_extractor(settings, mode)
