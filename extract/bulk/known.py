"""Ids of the articles in the lake, in eight bytes each, so that a lake of many millions fits beside the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from warehouse import lake
from warehouse.contracts import ARTICLES

if TYPE_CHECKING:
    from typing import Self

    from warehouse.settings import DataDirectory


class KnownIds:
    """Knows the ids of the lake, and those added since.

    Args:
        ids: ids of the lake as numbers, sorted, shape (n,), dtype uint64.
    """

    def __init__(self, ids: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> None:
        self._ids = ids
        self._added: set[int] = set()

    @classmethod
    def read(cls, data: DataDirectory) -> Self:
        """Read the ids of the articles in the lake.

        Raises:
            LakeError: a file is missing or damaged.
        """
        column = lake.read_current(data, ARTICLES.name, columns=["article_id"])["article_id"]
        numbers = (int(value, 16) for chunk in column.chunks for value in chunk.to_pylist())
        return cls(np.sort(np.fromiter(numbers, dtype=np.uint64, count=len(column))))

    def add(self, article_id: str) -> bool:
        """Add an id; tells whether it is new."""
        number = int(article_id, 16)
        place = int(np.searchsorted(self._ids, np.uint64(number)))
        if number in self._added or (place < len(self._ids) and int(self._ids[place]) == number):
            return False
        self._added.add(number)
        return True
