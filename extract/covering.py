"""Which articles have claims, of which version of the extractor, and which claims loads hold no more."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse import clock, lake
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.errors import LakeError
from warehouse.manifests import Manifest, read_manifest
from warehouse.versions import WITHOUT_CLAIMS, inputs_of, list_covered, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings import DataDirectory


@dataclass(frozen=True)
class LakeState:
    """What is in the lake while claims are extracted.

    Attributes:
        data: data directory.
        articles: manifest of the articles.
        claims: manifest of the claims.
    """

    data: DataDirectory
    articles: Manifest
    claims: Manifest

    @property
    def present(self) -> frozenset[str]:
        """Article loads of the lake."""
        return frozenset(entry.load_id for entry in self.articles.loads)

    def choose(self, load_id: str | None) -> list[str]:
        """Return the article loads that are asked for."""
        if load_id and load_id not in self.present:
            raise LakeError(f"raw/articles has no load {load_id}; it may still wait in staging or quarantine")
        return [load_id] if load_id else [entry.load_id for entry in self.articles.loads]

    def list_known(self) -> set[str]:
        """Return the article loads that current claims cover, of whatever version.

        A claims load of which an article load has left the lake covers none: it holds claims of articles that another
        load replaced, so it is made anew as a whole.
        """
        names = {*map(version_of, self.claims.loads), *self.claims.state.get(WITHOUT_CLAIMS, {})}
        return set().union(*(list_covered(self.claims, self.claims.loads, one, self.present) for one in names))

    def list_broken(self, covered: set[str]) -> tuple[str, ...]:
        """Return the claims loads that hold no more and whose articles are all covered or gone."""
        return tuple(
            entry.load_id
            for entry in self.claims.loads
            if not inputs_of(entry) <= self.present and inputs_of(entry) & self.present <= covered
        )

    def list_overtaken(self, version: str, pending: set[str]) -> tuple[str, ...]:
        """Return the loads of a version from beside whose articles are made current by it otherwise."""
        own = (entry for entry in self.claims.beside if version_of(entry) == version)
        return tuple(entry.load_id for entry in own if inputs_of(entry) & pending)

    def list_displaced(self, version: str, covered: set[str]) -> tuple[str, ...]:
        """Return the claims loads of other versions whose articles are all covered by this one or gone."""
        others = (entry for entry in self.claims.loads if version_of(entry) != version)
        return tuple(entry.load_id for entry in others if inputs_of(entry) & self.present <= covered)

    def choose_id(self, kind: str) -> str:
        """Return an id that no load has yet, two loads within a second included."""
        base = f"{kind}-{clock.compact(clock.now())}"
        ids = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
        taken = {*lake.list_staged(self.data, TRANSFER_CLAIMS.name)}
        return next(one for one in ids if one not in taken and self.claims.load(one) is None)

    def find_waiting(self, inputs: tuple[str, ...], *, is_beside: bool) -> str | None:
        """Return a claims load in staging whose articles are all among these: it is written anew under its id."""
        for load_id in lake.list_staged(self.data, TRANSFER_CLAIMS.name):
            waiting = lake.read_staged(self.data, TRANSFER_CLAIMS.name, load_id)
            told = set(waiting.attributes.get("inputs", ()))
            if told and told <= set(inputs) and waiting.is_beside is is_beside:
                return load_id
        return None


@contextlib.contextmanager
def open_state(data: DataDirectory) -> Iterator[LakeState]:
    """Hold off other extractions, and give what is in the lake."""
    lake.initialise(data)
    with data.storage.exclusive(data.staging / TRANSFER_CLAIMS.name / ".extract.lock"):
        lake.finish_interrupted(data, TRANSFER_CLAIMS.name)
        yield LakeState(data, read_manifest(data, ARTICLES), read_manifest(data, TRANSFER_CLAIMS))
