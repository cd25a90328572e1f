"""Boosted decision trees as they are used: trained elsewhere, here only added up.

Walking the nodes of a tree in a loop takes twice as long as a compiled expression of comparisons, and took about a
tenth of an article's time. So each block of trees is compiled once, when the weights are read; its sum is that of the
loop to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Tree = tuple[tuple[int, float, int, int], ...]
_BLOCK = 10  # trees after which a row is looked at again
_ROUNDING = 1e-6  # far above what adding in another order changes


@dataclass(frozen=True, slots=True)
class Forest:
    """Boosted decision trees.

    Attributes:
        trees: each a list of nodes; an inner node is (feature, threshold, left, right), where a value not above the
            threshold goes left, and a leaf is (-1, log-odds, 0, 0).
        start: log-odds before the first tree.
        accept: probability from which a row is accepted.
    """

    trees: tuple[Tree, ...]
    start: float
    accept: float
    _blocks: tuple[tuple[Callable[[Sequence[float], float], float], float], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        most = [0.0]  # the most that the trees from here on can add
        for tree in reversed(self.trees):
            most.append(most[-1] + max(value for feature, value, _, _ in tree if feature < 0))
        most.reverse()
        blocks = tuple((_compile(self.trees[n : n + _BLOCK]), most[n]) for n in range(0, len(self.trees), _BLOCK))
        object.__setattr__(self, "_blocks", blocks)

    def __reduce__(self) -> tuple[type[Forest], tuple[tuple[Tree, ...], float, float]]:
        """Pickled without its compiled blocks, which another process makes anew."""
        return Forest, (self.trees, self.start, self.accept)

    def rate(self, row: Sequence[float]) -> float:
        """Probability of a row of features, whether it is accepted or not."""
        total = self.start
        for add, _ in self._blocks:
            total = add(row, total)
        return 1 / (1 + exp(-total))

    def rate_accepted(self, row: Sequence[float]) -> float | None:
        """Probability of a row that is accepted; None for any other.

        Most rows are hopeless after some trees: then the rest, even if each gave its most, can't lift it.
        """
        total = self.start
        for add, most in self._blocks:
            if 1 / (1 + exp(-(total + most + _ROUNDING))) < self.accept:
                return None
            total = add(row, total)
        chance = 1 / (1 + exp(-total))
        return chance if chance >= self.accept else None


def _compile(trees: Sequence[Tree]) -> Callable[[Sequence[float], float], float]:
    """A function that adds what some trees say of a row to a total, in their order."""
    terms = "".join(f" + {_expression(tree, 0)}" for tree in trees)
    code = compile(f"lambda row, total: total{terms}", "<forest>", "eval")
    # the expression holds numbers alone: `_expression` writes nothing that isn't an int or a float
    return cast("Callable[[Sequence[float], float], float]", eval(code, {"__builtins__": {}}))


def _expression(tree: Tree, node: int) -> str:
    """A tree from one of its nodes on, as a conditional expression in brackets."""
    feature, value, left, right = tree[node]
    if feature < 0:
        return f"({float(value)!r})"
    below, above = _expression(tree, left), _expression(tree, right)
    return f"({below} if row[{int(feature)}] <= {float(value)!r} else {above})"
