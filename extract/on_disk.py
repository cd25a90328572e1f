"""Sources on disk: what is new in a folder of files or files of articles becomes articles."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from extract.article_files import parse_row, read_rows
from extract.collect import Collection, Ledger
from extract.folders import parse_file, read_files
from extract.parsing.page import Unusable
from extract.parsing.urls import article_id
from extract.state import Refusal, SourceState

if TYPE_CHECKING:
    from datetime import datetime

    from extract.collect import Baseline
    from extract.fetching.archive import ArchiveWriter
    from extract.fetching.policy import FetchPolicy
    from extract.sources import Source

_READERS = {"folder": (read_files, parse_file), "articles": (read_rows, parse_row)}


def collect_on_disk(
    source: Source,
    policy: FetchPolicy,
    *,
    baseline: Baseline,
    archive: ArchiveWriter | None,
    archived: dict[str, tuple[bytes, datetime]] | None = None,
) -> Collection:
    """Read the files of a folder, or the rows of files of articles, that are new.

    An article that was read once stays the article it was, though its file changes later; what was refused is looked
    at again once its content has changed.

    Args:
        source: folder or files of articles.
        policy: caps on a file or row, and on the rows of a load; further ones wait for the next.
        baseline: where the load starts.
        archive: where each new file or row is kept, or None in a replay.
        archived: content of a replay, by URL, in place of what is on disk.

    Raises:
        SourceUnreachable: there is no such folder or file.
    """
    read, parse = _READERS[source.kind]
    state, known = baseline.state, baseline.known
    ledger = Ledger(known)
    present: set[str] = set()
    done: set[str] = set()
    is_whole = archived is None
    found_items = (
        read(source, policy, known, ledger.refusals)
        if archived is None
        else ((url, content, moment) for url, (content, moment) in archived.items())
    )
    for url, content, read_at in found_items:
        page = article_id(url)
        key = article_id(f"{url}#{hashlib.sha256(content).hexdigest()}")
        present.add(key)
        if page in known or key in state.settled:
            continue
        if page in ledger.articles:
            ledger.refusals.append(Refusal(url, "duplicate", "same_url", "stands in this source already"))
            continue
        if len(done) >= policy.max_rows and archived is None:
            is_whole = False
            break
        if archive:
            archive.add_file(url, content, read_at)
        found = parse(content, url=url, read_at=read_at)
        ledger.settle(key if isinstance(found, Unusable) else page, url, found)
        done.add(page)
    kept = {key: why for key, why in state.settled.items() if key in present or not is_whole}
    return Collection(
        articles=tuple(ledger.articles.values()),
        refusals=tuple(ledger.refusals),
        state=SourceState({}, (), {**kept, **ledger.settled}),
        done=frozenset(done),
    )
