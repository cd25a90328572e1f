"""Web archives from the web: politely, to guarded addresses only, and from where a broken download ended."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from extract.errors import SourceUnreachable
from extract.fetching.exchange import WebExchange
from extract.fetching.fetcher import Fetcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.bulk.places import ArchivePlace
    from extract.fetching.outcomes import FetchOutcome
    from extract.fetching.policy import FetchPolicy
    from warehouse.settings import DataDirectory


@contextmanager
def local_file(data: DataDirectory, place: ArchivePlace, policy: FetchPolicy) -> Iterator[Path]:
    """Give the file of an archive for this block; one from the web is downloaded, and removed when the block went well.

    Args:
        data: data directory; downloads lie there.
        place: archive.
        policy: fetcher's settings.

    Raises:
        SourceUnreachable: it couldn't be downloaded; what came is kept, and the next try goes on from there.
    """
    if not place.is_remote:
        yield Path(place.location)
        return
    data.downloads.mkdir(parents=True, exist_ok=True)
    target = data.downloads / f"{place.load_id}.warc.gz"
    outcome = asyncio.run(_download(place.location, target, policy))
    if not outcome.is_ok:
        raise SourceUnreachable(place.source.id, outcome.reason, f"{place.location}: {outcome.detail}")
    yield target
    target.unlink()


async def _download(url: str, target: Path, policy: FetchPolicy) -> FetchOutcome:
    async with WebExchange(policy) as web:
        return await Fetcher(web, policy, archive=None).download(url, target, web)
