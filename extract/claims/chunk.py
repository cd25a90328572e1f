"""From a flat row of items to noun phrases: actors with their institutions, weapons with what counts and owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.actor_phrases import drop_memberships, merge_actors, name_firms, name_peoples
from extract.claims.readings import decide_triggers, drop_names, drop_origins, drop_upkeep
from extract.claims.weapon_names import drop_places, join_classes, merge_weapons, name_unseen
from extract.claims.weapon_phrases import block_services, complete_weapons

if TYPE_CHECKING:
    from extract.claims.items import Item


def chunk(text: str, flat: list[Item], *, sentence_start: int, is_title: bool = False) -> list[Item]:
    """Build the noun phrases of a sentence.

    Args:
        text: the field that the offsets refer to.
        flat: items as ``tokenise`` gives them.
        sentence_start: offset of the sentence, whose first word has a capital for that reason only.
        is_title: whether the sentence is the headline, where every word may have one.

    Returns:
        Items in order: weapons carry count, condition, owners, makers; actors carry their institution.
    """
    items = name_firms(text, drop_origins(text, drop_names(text, flat, sentence_start, is_title=is_title)))
    items = drop_upkeep(decide_triggers(drop_memberships(name_peoples(items))))
    items = name_unseen(text, items, sentence_start=sentence_start, is_title=is_title)
    items = merge_weapons(join_classes(text, drop_places(items)))
    items = merge_actors(items)
    items = block_services(items)
    return complete_weapons(items)
