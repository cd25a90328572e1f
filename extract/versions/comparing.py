"""What a version of the extractor gains, loses and changes against another one, on the articles that both have read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from extract.errors import InputError
from extract.versions.pairing import PLACE, TOLD, Paired, list_differing, pair_claims
from warehouse import lake
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.manifests import read_manifest
from warehouse.versions import find_version, list_sound, list_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from warehouse.settings import DataDirectory
    from warehouse.versions import Version

    Row = dict[str, Any]

_COLUMNS = ("article_id", *PLACE, *TOLD)
_ARTICLES_AT_ONCE = 5_000
_COUNTED = ("ordered", "delivered")

Kind = Literal["gained", "lost", "changed"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """One claim that two versions tell differently, or a field of it.

    Attributes:
        article_id: article.
        url: its address.
        kind: ``gained``: only the newer version makes it; ``lost``: only the older; ``changed``: a field differs.
        claim_id: claim, of the newer version where it makes it.
        supplier_code: supplier by that version.
        recipient_code: recipient by that version.
        weapon_family: weapon by that version.
        field_name: field that differs, or None.
        before: its value by the older version, as text.
        after: its value by the newer version.
        evidence_before: sentence that states the claim by the older version, or None.
        evidence_after: that by the newer version.
    """

    article_id: str
    url: str
    kind: Kind
    claim_id: str
    supplier_code: str | None
    recipient_code: str | None
    weapon_family: str
    field_name: str | None
    before: str | None
    after: str | None
    evidence_before: str | None
    evidence_after: str | None


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """Numbers of claims of one article in which something differs."""

    article_id: str
    url: str
    claims_before: int
    claims_after: int
    gained: int
    lost: int
    changed: int


@dataclass(frozen=True, slots=True)
class CountryYear:
    """A figure of one country and order year that differs: claims of orders and deliveries, domestic ones left out.

    Attributes:
        role: ``supplier`` or ``recipient``.
        country_code: country, NULL where none is told.
        order_year: year, None where none is told.
        claims_before: claims of the older version.
        claims_after: claims of the newer version.
        units_before: units that they tell, the most where a range is told.
        units_after: those of the newer version.
    """

    role: Literal["supplier", "recipient"]
    country_code: str | None
    order_year: int | None
    claims_before: int
    claims_after: int
    units_before: int
    units_after: int


@dataclass(frozen=True)
class VersionComparison:
    """Two versions beside each other.

    Attributes:
        older: version that is compared with.
        newer: version that is looked at.
        articles: articles that both have read.
        only_older: articles that only the older has read; they are left out.
        only_newer: articles that only the newer has read; they are left out.
        claims_before: claims of the older version in the articles that both have read.
        claims_after: claims of the newer version.
        unchanged: claims that both tell alike.
        changes: claims gained, lost and changed, article by article; a claim has a row for each field that differs.
        by_article: articles in which something differs.
        by_country_year: figures that differ.
    """

    older: str
    newer: str
    articles: int
    only_older: int
    only_newer: int
    claims_before: int
    claims_after: int
    unchanged: int
    changes: tuple[ClaimChange, ...]
    by_article: tuple[ArticleChange, ...]
    by_country_year: tuple[CountryYear, ...]

    def count(self, kind: Kind) -> int:
        """Return the number of claims of this kind."""
        return len({(one.article_id, one.claim_id) for one in self.changes if one.kind == kind})


def compare_versions(data: DataDirectory, older: str, newer: str) -> VersionComparison:
    """Compare the claims of two versions in the articles that both have read.

    Args:
        data: data directory.
        older: version to compare with.
        newer: version to look at.

    Raises:
        InputError: the two are the same, or have read no article both.
        LakeError: the lake has no claims of a version, or a file is damaged.
    """
    if older == newer:
        raise InputError(f"{older} is named twice: name two versions; python -m extract versions lists them")
    claims, articles = read_manifest(data, TRANSFER_CLAIMS), read_manifest(data, ARTICLES)
    known = list_versions(claims, articles)
    first, second = find_version(known, older), find_version(known, newer)
    urls, holders = _read_articles(data)
    read = [{one for one, loads in holders.items() if loads & version.articles} for version in (first, second)]
    both = read[0] & read[1]
    if not both:
        raise InputError(
            f"no article was read by {older} and by {newer}: {older} has read {len(read[0])}, {newer} {len(read[1])}; "
            "extract the articles of one with the other (python -m extract events), and let gate 2 settle the load"
        )
    present = frozenset(entry.load_id for entry in articles.loads)
    tables = [_read_claims(data, version, present, both) for version in (first, second)]
    counter = _Counter(urls)
    for before, after in _iterate_articles(*tables):
        counter.take(before, after)
    return VersionComparison(
        older,
        newer,
        len(both),
        len(read[0] - both),
        len(read[1] - both),
        tables[0].num_rows,
        tables[1].num_rows,
        counter.unchanged,
        tuple(counter.changes),
        tuple(counter.articles),
        counter.list_figures(),
    )


def _read_articles(data: DataDirectory) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return the address of each article, and the loads that hold it."""
    urls: dict[str, str] = {}
    holders: dict[str, set[str]] = {}
    for row in lake.read_current(data, ARTICLES.name, columns=["article_id", "load_id", "url"]).to_pylist():
        urls.setdefault(row["article_id"], row["url"])
        holders.setdefault(row["article_id"], set()).add(row["load_id"])
    return urls, holders


def _read_claims(data: DataDirectory, version: Version, present: frozenset[str], both: set[str]) -> pa.Table:
    """Read the claims of a version in these articles, in the order of articles and of the text."""
    sound = list_sound((*version.current, *version.beside), version.version, present)
    wanted = pa.array(sorted(both), pa.string())
    columns = list(_COLUMNS)
    parts = [
        part.filter(pc.is_in(part["article_id"], value_set=wanted))
        for part in lake.iterate_promoted(data, TRANSFER_CLAIMS.name, sound, columns=columns)
    ]
    empty = pa.schema([TRANSFER_CLAIMS.schema.field(name) for name in columns]).empty_table()
    order = [(name, "ascending") for name in ("article_id", "evidence_field", "evidence_start", "claim_id")]
    return pa.concat_tables([empty, *parts], promote_options="permissive").sort_by(order)


def _iterate_articles(older: pa.Table, newer: pa.Table) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield the claims of each article in both versions, some thousand articles read at once."""
    ids = sorted({*pc.unique(older["article_id"]).to_pylist(), *pc.unique(newer["article_id"]).to_pylist()})
    for start in range(0, len(ids), _ARTICLES_AT_ONCE):
        some = ids[start : start + _ARTICLES_AT_ONCE]
        wanted = pa.array(some, pa.string())
        grouped = [_group(table.filter(pc.is_in(table["article_id"], value_set=wanted))) for table in (older, newer)]
        for article_id in some:
            yield grouped[0].get(article_id, []), grouped[1].get(article_id, [])


def _group(table: pa.Table) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in table.to_pylist():
        groups.setdefault(row["article_id"], []).append(row)
    return groups


class _Counter:
    """Takes the articles one by one, and keeps what differs."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls
        self._figures: tuple[Counter[_Key], ...] = tuple(Counter() for _ in range(4))
        self.changes: list[ClaimChange] = []
        self.articles: list[ArticleChange] = []
        self.unchanged = 0

    def take(self, older: list[Row], newer: list[Row]) -> None:
        """Take an article's claims in both versions."""
        for rows, number in ((older, 0), (newer, 1)):
            for key, units in _list_figures(rows):
                self._figures[number][key] += 1
                self._figures[number + 2][key] += units
        found = pair_claims(older, newer)
        article_id = (older or newer)[0]["article_id"]
        url = self._urls[article_id]
        changed = [(a, b) for a, b in found.pairs if list_differing(a, b)]
        self.unchanged += len(found.pairs) - len(changed)
        self.changes += _list_changes(url, found)
        if changed or found.lost or found.gained:
            counts = len(found.gained), len(found.lost), len(changed)
            self.articles.append(ArticleChange(article_id, url, len(older), len(newer), *counts))

    def list_figures(self) -> tuple[CountryYear, ...]:
        """Return the figures that differ, by role, country and year."""
        keys = sorted(set().union(*self._figures), key=lambda key: (key[0], key[1] or "", key[2] or 0))
        all_figures = (CountryYear(*key, *(part[key] for part in self._figures)) for key in keys)
        return tuple(
            one for one in all_figures if (one.claims_before, one.units_before) != (one.claims_after, one.units_after)
        )


_Key = tuple[Literal["supplier", "recipient"], str | None, int | None]


def _list_figures(rows: Iterable[Row]) -> Iterator[tuple[_Key, int]]:
    for row in rows:
        if row["status"] in _COUNTED and not row["is_domestic"]:
            units = row["quantity_max"] or row["quantity_min"] or 0
            yield ("supplier", row["supplier_code"], row["order_year"]), units
            yield ("recipient", row["recipient_code"], row["order_year"]), units


def _list_changes(url: str, found: Paired) -> Iterator[ClaimChange]:
    for row in found.lost:
        yield _as_change(url, row, "lost", (row["evidence_text"], None))
    for row in found.gained:
        yield _as_change(url, row, "gained", (None, row["evidence_text"]))
    for before, after in found.pairs:
        evidence = before["evidence_text"], after["evidence_text"]
        for name in list_differing(before, after):
            change = _as_change(url, after, "changed", evidence)
            yield replace(change, field_name=name, before=_as_text(before[name]), after=_as_text(after[name]))


def _as_change(url: str, row: Row, kind: Kind, evidence: tuple[str | None, str | None]) -> ClaimChange:
    who = row["supplier_code"], row["recipient_code"], row["weapon_family"]
    return ClaimChange(row["article_id"], url, kind, row["claim_id"], *who, None, None, None, *evidence)


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return f"{value:.0f}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


__all__ = ["KINDS", "ArticleChange", "ClaimChange", "CountryYear", "VersionComparison", "compare_versions"]
