"""Weapons of a register to the project's families and categories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extract.claims.lexicon import spellings
from warehouse.reference import read_seed

_RULES: tuple[tuple[str, str], ...] = (
    # torpedoes are missiles; what launches or counters them is not
    (r"(?:asw|as|anti-submarine|torpedo) ?(?:rocket launcher|rl|mortar|launcher)|depth charge.*", "anti_submarine"),
    (r".*(?:turbofan|turbojet|turboprop|turboshaft|engine|turbine|diesel)", "engine"),
    (r".*(?:radar|sonar|eo system|recce system|ew system|sensor|surveillance system|targeting pod)", "sensor"),
    (r".*(?:naval gun|ciws|naval (?:mrl|rwt))", "naval_weapon"),
    (
        r".*(?:sam system|aa system|aa gun|anti-aircraft gun|abm system|aa gun/sam system|air-defence system)",
        "air_defence",
    ),
    (r".*(?:missile|sam|ssm|asm|aam|bvraam|sraam|arm|slbm|icbm|torpedo|guided (?:bomb|shell|rocket))", "missile"),
    (r".*satellite", "satellite"),
    (r".*(?:aircraft|helicopter|uav|airship|loitering munition|airplane)", "aircraft"),
    (
        r".*(?:frigate|corvette|(?<!tank )destroyer|cruiser|submarine|fac|craft|boat|ship|vessel|opv|minesweeper"
        r"|minehunter|minelayer|hovercraft|carrier|tug|tanker|icebreaker|aals|usv|usv/uuv|uuv)",
        "ship",
    ),
    (
        r".*(?:tank|tank destroyer|apc|ifv|apv|arv|aev|abl|alv|armou?red car|armou?red bridgelayer"
        r"|(?:reconnaissance|command|armou?red|amphibious|engineer|recovery) (?:vehicle|av)|apc/cp|apc turret vehicle)",
        "armoured_vehicle",
    ),
    (r".*(?:gun|howitzer|mortar|mrl|rocket launcher)", "artillery"),
    (r".*turret", "other"),
)
"""Form of a description -> category, the first that fits. SIPRI's descriptions are short names of types whose last
words tell what it is; the older export has no category of its own."""


@dataclass(frozen=True)
class Weapon:
    """A weapon of a register.

    Attributes:
        family: family of the project's reference list, or None where it isn't listed.
        category: category by the register, else by its description or the family; None where none tells it.
    """

    family: str | None
    category: str | None


@cache
def resolve_weapon(designation: str, description: str | None, armament_category: str | None) -> Weapon:
    """Resolve family and category.

    >>> resolve_weapon("F-16C Block-50", "FGA aircraft", None)
    Weapon(family='F-16', category='aircraft')
    >>> resolve_weapon("PM-43 120mm", "mortar", "Artillery").category
    'artillery'
    """
    listed = _find_listed(designation)
    category = _categories().get((armament_category or "").casefold()) or _read_description(description)
    return Weapon(listed[0] if listed else None, category or (listed[1] if listed else None))


def _read_description(description: str | None) -> str | None:
    text = (description or "").casefold().strip()
    if text.endswith("aircraft carrier"):
        return "ship"
    for pattern, category in _RULES:
        if re.fullmatch(rf"(?:.*[ /(-])?(?:{pattern})\)?", text):
            return category
    return None


@cache
def _categories() -> dict[str, str]:
    """Return the project's category of each of the register's; small arms are in no register."""
    rows = read_seed("weapon_categories").to_pylist()
    return {row["sipri_category"].casefold(): row["weapon_category"] for row in reversed(rows)} | {"other": "other"}


@cache
def _listed() -> dict[str, tuple[str, str]]:
    """Return family and category of each spelling; a spelling of two families means neither."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in read_seed("weapons").to_pylist():
        for name in (row["designation"], *(row["aliases"] or "").split("|")):
            for form in spellings(name) if name else ():
                found.setdefault(form, set()).add((row["weapon_family"], row["weapon_category"]))
    return {form: next(iter(meant)) for form, meant in found.items() if len(meant) == 1}


def _find_listed(designation: str) -> tuple[str, str] | None:
    """Return the listed weapon whose name is the longest beginning of a designation; variants come behind the name."""
    listed = _listed()
    for form in spellings(designation):
        words = form.split()
        for end in range(len(words), 0, -1):
            start = " ".join(words[:end])
            # the letter of a version: F-16C, Su-30MKI
            for name in (start, re.sub(r"(?<=\d)[a-z]{1,4}$", "", start)):
                if name in listed and (end == len(words) or len(name) > 2):
                    return listed[name]
    return None
