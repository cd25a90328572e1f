"""Versions of the extractor in the lake: whose a load of claims is, which articles a version has read, who is current.

The claims of several versions lie side by side, each through gate 2. One of them is current for an article; making
another one current is one change of the manifest, and the way back is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse import lake, ops
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError
from warehouse.manifests import Manifest, change_manifest, read_manifest
from warehouse.staging import staging_lock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.manifests import LoadEntry
    from warehouse.settings import DataDirectory

WITHOUT_CLAIMS = "inputs_without_claims"
"""Key of the claims manifest's state: article loads that gave no claim, by extractor version."""


@dataclass(frozen=True)
class Version:
    """One version of the extractor in the lake.

    Attributes:
        version: its name, a column of every claim.
        articles: article loads that it has read and that are in the lake.
        current: its claims loads that are current.
        beside: its claims loads that are kept beside, those that no longer hold included.
    """

    version: str
    articles: frozenset[str]
    current: tuple[LoadEntry, ...]
    beside: tuple[LoadEntry, ...]


@dataclass(frozen=True)
class Adopted:
    """What making a version current did.

    Attributes:
        version: the version.
        entered: its loads that are current now and were beside before; none where all were current already.
        left: loads of other versions that stand beside now.
        others: current claims loads of other versions, of articles that this one hasn't read.
    """

    version: str
    entered: tuple[LoadEntry, ...]
    left: tuple[LoadEntry, ...]
    others: tuple[LoadEntry, ...]


def version_of(entry: LoadEntry) -> str:
    """Return the extractor's version of a claims load."""
    return str(entry.attributes.get("extractor_version", "unknown"))


def inputs_of(entry: LoadEntry) -> frozenset[str]:
    """Return the article loads that a claims load was made from; none for rows that a reviewer released."""
    return frozenset(entry.attributes.get("inputs", ()))


def list_sound(entries: Iterable[LoadEntry], version: str, present: frozenset[str]) -> tuple[LoadEntry, ...]:
    """Return the claims loads of a version whose article loads are all in the lake.

    One of which an article load has left the lake holds claims of articles that another load replaced.
    """
    return tuple(one for one in entries if version_of(one) == version and inputs_of(one) <= present)


def list_covered(claims: Manifest, entries: Iterable[LoadEntry], version: str, present: frozenset[str]) -> set[str]:
    """Return the article loads of the lake that these claims loads of a version cover, those without claims too."""
    without = set(claims.state.get(WITHOUT_CLAIMS, {}).get(version, [])) & present
    return without.union(*(inputs_of(one) for one in list_sound(entries, version, present)))


def list_versions(claims: Manifest, articles: Manifest) -> tuple[Version, ...]:
    """Return the versions whose claims are in the lake, in the order in which they came.

    Args:
        claims: manifest of ``transfer_claims``.
        articles: manifest of ``articles``.
    """
    present = frozenset(entry.load_id for entry in articles.loads)
    came = sorted(claims.promoted, key=lambda entry: (entry.promoted_at, entry.load_id))
    names = dict.fromkeys([*map(version_of, came), *claims.state.get(WITHOUT_CLAIMS, {})])
    return tuple(
        Version(
            name,
            frozenset(list_covered(claims, claims.promoted, name, present)),
            tuple(one for one in claims.loads if version_of(one) == name),
            tuple(one for one in claims.beside if version_of(one) == name),
        )
        for name in names
    )


def find_version(versions: Iterable[Version], name: str) -> Version:
    """Return a version by its name.

    Raises:
        LakeError: the lake has no claims of it; the message names those that it has.
    """
    known = {one.version: one for one in versions}
    if name not in known:
        told = ", ".join(known) or "none"
        raise LakeError(
            f"the lake has no claims of extractor version {name}; it has: {told}. With that version installed, "
            "python -m extract events makes them, and gate 2 lets them in"
        )
    return known[name]


def adopt(data: DataDirectory, version: str, *, reason: str | None = None) -> Adopted:
    """Make the claims of a version current for all articles that it has read, in one change of the manifest.

    What was current for them stands beside from then on, so that the way back is the same call. Killed at any point, it
    can be run again.

    Args:
        data: data directory.
        version: version whose claims passed gate 2.
        reason: why, for ``ops.loads``.

    Raises:
        LakeError: there is no such version; a file isn't what the gate saw; or the version has read only a part of the
            articles whose claims stand in one load.
    """
    lake.finish_interrupted(data, TRANSFER_CLAIMS.name)
    with staging_lock(data, TRANSFER_CLAIMS):
        claims, articles = read_manifest(data, TRANSFER_CLAIMS), read_manifest(data, ARTICLES)
        plan = _plan(claims, articles, version)
        if plan.entered:
            entering = Manifest(claims.table, claims.sequence, plan.entered, {}, claims.bundles)
            lake.require_intact(data, entering)
            lake.require_contract(data, entering)
            # told first: killed in between, the fact stands for the attempt, as with a rollback
            _tell(data, claims, plan, reason)
            enter, leave = ({one.load_id for one in entries} for entries in (plan.entered, plan.left))
            change_manifest(data, TRANSFER_CLAIMS, lambda current: current.swap(enter=enter, leave=leave))
    return plan


def _plan(claims: Manifest, articles: Manifest, version: str) -> Adopted:
    versions = list_versions(claims, articles)
    chosen = find_version(versions, version)
    present = frozenset(entry.load_id for entry in articles.loads)
    entered = list_sound(claims.beside, version, present)
    read = frozenset[str]().union(*map(inputs_of, entered))
    left = tuple(one for one in claims.loads if inputs_of(one) & read)
    for one in left:
        unread = (inputs_of(one) & present) - chosen.articles
        if unread:
            able = [other.version for other in versions if inputs_of(one) & present <= other.articles]
            raise LakeError(
                f"extractor {version} hasn't read the articles of {', '.join(sorted(unread))}, whose claims stand in "
                f"one load, {one.load_id}, with those of articles that it has: extract them with it first, or adopt "
                f"a version that has read all of them: {', '.join(able)}"
            )
    # rows that a reviewer released belong to what else their version says
    leaving = {version_of(one) for one in left}
    left += tuple(one for one in claims.loads if not inputs_of(one) and version_of(one) in leaving)
    others = tuple(one for one in claims.loads if version_of(one) != version and one not in left)
    return Adopted(version, entered, left, others)


def _tell(data: DataDirectory, claims: Manifest, plan: Adopted, reason: str | None) -> None:
    facts = [
        {
            "load_id": entry.load_id,
            "table_name": claims.table,
            "stage": "adopt",
            "outcome": outcome,
            "rows_in": entry.rows,
            "rows_out": entry.rows if outcome == "adopted" else 0,
            "reason": f"extractor {plan.version} was adopted{f': {reason}' if reason else ''}",
        }
        for outcome, entries in (("adopted", plan.entered), ("set_beside", plan.left))
        for entry in entries
    ]
    ops.append(data, "loads", facts, once=f"adopted-{claims.sequence}-{plan.version}")


__all__ = [
    "WITHOUT_CLAIMS",
    "Adopted",
    "Version",
    "adopt",
    "find_version",
    "inputs_of",
    "list_covered",
    "list_sound",
    "list_versions",
    "version_of",
]
