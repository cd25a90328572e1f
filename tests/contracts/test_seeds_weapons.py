"""The weapon lexicons hold what the extractor and dbt rely on: keys, references, unambiguous names, coverage.

A name that silently meant two weapons, or an ordinary word taken for one, would make a wrong claim, so the files are
checked as data. Spelling variants (hyphen, space, plural, variant letters) are rules of the extractor and stay out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from seed_files import Row, check_form, read_seed

COLUMNS = {
    "weapon_categories": "weapon_category,category_name,description,sipri_category,unroca_category",
    "weapon_types": (
        "weapon_type,weapon_category,sipri_category,unroca_category,aliases,is_weapon_platform,needs_context,"
        "counts_as_transfer"
    ),
    "weapons": (
        "designation,weapon_family,weapon_category,weapon_type,origin_country_code,aliases,needs_context,source,"
        "context_names"
    ),
}
CATEGORIES = {
    "aircraft", "air_defence", "anti_submarine", "armoured_vehicle", "artillery", "engine", "missile", "naval_weapon",
    "other", "satellite", "sensor", "ship", "small_arms",
}  # fmt: skip
# Lower bounds per category: news reports deals in all of them, so no category may be a token entry.
LEAST = {
    "aircraft": 900, "ship": 700, "armoured_vehicle": 600, "missile": 500, "small_arms": 300, "sensor": 300,
    "artillery": 300, "air_defence": 180, "engine": 120, "other": 80, "naval_weapon": 50, "satellite": 40,
    "anti_submarine": 15,
}  # fmt: skip


def split(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def names(row: Row, key: str) -> list[str]:
    return [row[key], *split(row["aliases"])]


def squash(name: str) -> str:
    """Fold the spellings that the extractor treats as one: case, hyphen, blank, stroke."""
    return re.sub(r"[\s/-]", "", name.casefold())


def spelled(row: Row, name: str) -> str:
    """Squash a name, but keep one in capitals that needs context apart from its written-out form.

    The extractor takes such a name in capitals only, so "Caesar" beside "CAESAR" is no repetition.
    """
    return squash(name) + ("!" if name in split(row["context_names"]) and name.isupper() else "")


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[Row]]:
    return {name: read_seed(name) for name in COLUMNS}


@pytest.fixture(scope="module")
def weapons(seeds: dict[str, list[Row]]) -> list[Row]:
    return seeds["weapons"]


@pytest.fixture(scope="module")
def types(seeds: dict[str, list[Row]]) -> dict[str, Row]:
    return {row["weapon_type"]: row for row in seeds["weapon_types"]}


@pytest.fixture(scope="module")
def by_name(weapons: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in weapons:
        for name in names(row, "designation"):
            found[name].append(row)
    return found


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_file_has_its_header_and_form(name: str) -> None:
    check_form(name, COLUMNS[name])


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_rows_are_complete_trimmed_unique_and_sorted(name: str, seeds: dict[str, list[Row]]) -> None:
    rows = seeds[name]
    assert not [row for row in rows if None in row or None in row.values()], f"{name}.csv: ragged rows"
    cells = [cell for row in rows for value in row.values() for cell in value.split("|")]
    assert not [cell for cell in cells if cell != cell.strip()], f"{name}.csv: blanks around values"
    keys = [row[COLUMNS[name].split(",", maxsplit=1)[0]] for row in rows]
    assert not [key for key, count in Counter(keys).items() if count > 1], f"{name}.csv: repeated keys"
    assert keys == sorted(keys), f"{name}.csv is not sorted"


def test_the_thirteen_categories_are_described(seeds: dict[str, list[Row]]) -> None:
    rows = seeds["weapon_categories"]
    assert {row["weapon_category"] for row in rows} == CATEGORIES
    assert all(row["category_name"] and row["description"] and row["sipri_category"] for row in rows)


def test_types_are_many_and_well_formed(seeds: dict[str, list[Row]], types: dict[str, Row]) -> None:
    assert len(types) >= 190
    sipri = {row["weapon_category"]: row["sipri_category"] for row in seeds["weapon_categories"]}
    faults = []
    for name, row in types.items():
        checks = {
            "lower case without digits": name == name.lower() and not re.search(r"\d", name),
            "category": row["weapon_category"] in CATEGORIES,
            "category of SIPRI": row["sipri_category"] == sipri.get(row["weapon_category"]),
            "flags": {row["is_weapon_platform"], row["needs_context"], row["counts_as_transfer"]} <= {"true", "false"},
            "aliases repeat the type": name not in split(row["aliases"]),
        }
        faults += [(name, check) for check, holds in checks.items() if not holds]
    assert faults == []
    assert {row["weapon_category"] for row in types.values()} == CATEGORIES


def test_a_generic_word_means_one_type(types: dict[str, Row]) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in types.values():
        for name in names(row, "weapon_type"):
            owners[squash(name)].add(row["weapon_type"])
    assert {word: rows for word, rows in owners.items() if len(rows) > 1} == {}


def test_weapons_are_many_in_every_category(weapons: list[Row]) -> None:
    assert len(weapons) >= 1700
    counts = Counter(row["weapon_category"] for row in weapons)
    assert {category: counts[category] for category in LEAST if counts[category] < LEAST[category]} == {}


def test_weapons_refer_to_what_exists(weapons: list[Row], types: dict[str, Row]) -> None:
    countries = {row["country_code"] for row in read_seed("countries")}
    designations = {row["designation"]: row for row in weapons}
    faults = []
    for row in weapons:
        kind = types.get(row["weapon_type"])
        head = designations.get(row["weapon_family"])
        checks = {
            "category": row["weapon_category"] in CATEGORIES,
            "type": kind is not None and kind["weapon_category"] == row["weapon_category"],
            "type that counts": kind is not None and kind["counts_as_transfer"] == "true",
            # Empty where several states make it together.
            "origin": not row["origin_country_code"] or row["origin_country_code"] in countries,
            "family": head is not None and head["weapon_family"] == row["weapon_family"],
            "source": bool(row["source"]),
        }
        faults += [(row["designation"], check) for check, holds in checks.items() if not holds]
    assert faults == []
    assert sum(not row["origin_country_code"] for row in weapons) <= 30


def test_names_are_well_formed(weapons: list[Row]) -> None:
    faults = []
    for row in weapons:
        every = names(row, "designation")
        flagged = split(row["context_names"])
        checks = {
            "typographic quote or bracketed remark": not any(re.search(r"[’‘“”]| \(", name) for name in every),
            "too short": all(len(name) > 1 for name in every),
            "repeated": len({spelled(row, name) for name in every}) == len(every),
            "context names are names": set(flagged) <= set(every) and len(set(flagged)) == len(flagged),
            "flag": row["needs_context"] == ("true" if flagged else "false"),
            "generic in form": row["designation"] != row["designation"].lower() or bool(re.search(r"\d", every[0])),
        }
        faults += [(row["designation"], check) for check, holds in checks.items() if not holds]
    assert faults == []


def test_a_name_without_context_means_one_weapon(weapons: list[Row]) -> None:
    owners: dict[str, list[tuple[Row, str]]] = defaultdict(list)
    for row in weapons:
        for name in names(row, "designation"):
            owners[squash(name)].append((row, name))
    within, across = [], []
    for holders in owners.values():
        families = {row["weapon_family"] for row, _ in holders}
        if len({spelled(row, name) for row, name in holders}) < len(holders) and len(families) == 1:
            within.append(holders[0][1])
        across += [
            (name, row["designation"])
            for row, name in holders
            if len(families) > 1 and name not in split(row["context_names"])
        ]
    assert within == [], "names given twice in one family"
    assert across == [], "names of several families that no context is asked for"


def test_a_weapon_that_is_called_like_a_type_needs_context(weapons: list[Row], types: dict[str, Row]) -> None:
    generic = {squash(name) for row in types.values() for name in names(row, "weapon_type")}
    faults = [
        (name, row["designation"])
        for row in weapons
        for name in names(row, "designation")
        if squash(name) in generic and name not in split(row["context_names"])
    ]
    assert faults == []


def test_no_name_swallows_a_state_or_its_people(weapons: list[Row]) -> None:
    """The longest name wins in the text, so "Swedish K…" would hide the supplier."""
    people = {row["alias"] for row in read_seed("country_aliases") if row["alias_kind"].startswith("demonym")}
    known = {"Scottish Aviation Bulldog", "English Electric Canberra", "English Electric Lightning"}  # makers
    faults = [
        name
        for row in weapons
        for name in names(row, "designation")
        if name.split()[0] in people and name not in known and not re.search(r"\d", name)
    ]
    assert faults == []


@pytest.mark.parametrize(
    "name",
    [
        "Patriot", "Tiger", "Leopard", "Typhoon", "Harpoon", "Javelin", "Hawk", "Cougar", "Puma", "Lynx", "Cobra",
        "Spike", "Archer", "Boxer", "Stinger", "Eagle", "Phoenix", "Hercules", "Chinook", "Osprey", "Griffon",
        "Abrams", "Sentinel", "Giraffe", "Marder", "Jaguar", "Scorpion", "Scimitar", "Saxon", "Hunter", "Heron",
        "Orion", "Neptune", "Viper", "Mirage", "A100", "Apache", "Tomahawk", "Sigma", "Dolphin", "Kilo", "Arrow",
        "Barak", "Aster", "Meteor", "Derby", "Mistral", "Grom", "Predator", "Switchblade", "Lancet", "HOT",
    ],
)  # fmt: skip
def test_ordinary_words_need_context(name: str, by_name: dict[str, list[Row]]) -> None:
    assert by_name[name], f"{name} is missing in weapons.csv"
    assert [row["designation"] for row in by_name[name] if name not in split(row["context_names"])] == []


@pytest.mark.parametrize(
    "name",
    ["F-16", "Leopard 2", "Bayraktar TB2", "Pantsir-S1", "M113", "CV90", "K9 Thunder", "S-400", "Rafale", "Gripen",
     "Stryker", "Harop", "HIMARS", "Su-30MKI", "Type 054A/P", "C-130J", "T-72", "BrahMos", "Exocet"],
)  # fmt: skip
def test_distinctive_names_need_none(name: str, by_name: dict[str, list[Row]]) -> None:
    assert by_name[name], f"{name} is missing in weapons.csv"
    assert [row["designation"] for row in by_name[name] if name in split(row["context_names"])] == []


@pytest.mark.parametrize(
    ("name", "family", "category"),
    [
        ("SA-10", "S-300", "air_defence"), ("SA-18", "Igla", "missile"), ("Project 636", "Kilo class", "ship"),
        ("Project 877", "Kilo class", "ship"), ("Fighting Falcon", "F-16", "aircraft"),
        ("Flanker", "Su-27", "aircraft"), ("Fulcrum", "MiG-29", "aircraft"),
        ("Black Hawk", "UH-60 Black Hawk", "aircraft"), ("Global Hawk", "RQ-4 Global Hawk", "aircraft"),
        ("Super Tucano", "A-29 Super Tucano", "aircraft"), ("EMB-314", "A-29 Super Tucano", "aircraft"),
        ("Su-30MKM", "Su-30", "aircraft"), ("Su-30MKI", "Su-30", "aircraft"), ("AT-5", "Konkurs", "missile"),
        ("Humvee", "HMMWV", "armoured_vehicle"), ("HQ-9", "HQ-9", "air_defence"), ("FD-2000", "HQ-9", "air_defence"),
        ("Wing Loong II", "Wing Loong II", "aircraft"), ("ATACMS", "MGM-140 ATACMS", "missile"),
        ("Scorpene", "Scorpène", "ship"), ("H225M", "EC725 Caracal", "aircraft"), ("RD-93", "RD-93", "engine"),
        ("Phalanx", "Phalanx", "naval_weapon"), ("EL/M-2084", "EL/M-2084", "sensor"),
        ("Carl Gustav", "Carl-Gustaf", "small_arms"), ("Falcon Eye", "Falcon Eye", "satellite"),
        ("RBU-6000", "RBU-6000", "anti_submarine"), ("Trophy", "Trophy", "other"), ("BM-21", "BM-21", "artillery"),
        ("GMLRS", "GMLRS", "missile"),
    ],
)  # fmt: skip
def test_names_resolve(name: str, family: str, category: str, by_name: dict[str, list[Row]]) -> None:
    assert (family, category) in {(row["weapon_family"], row["weapon_category"]) for row in by_name[name]}


@pytest.mark.parametrize(
    ("word", "category", "counts"),
    [
        ("APC", "armoured_vehicle", True), ("IFV", "armoured_vehicle", True), ("MBT", "armoured_vehicle", True),
        ("SAM", "air_defence", True), ("air-defence battery", "air_defence", True), ("SPG", "artillery", True),
        ("MLRS", "artillery", True), ("MRL", "artillery", True), ("mortar", "artillery", True), ("OPV", "ship", True),
        ("LST", "ship", True), ("submarine", "ship", True), ("MPA", "aircraft", True), ("UAV", "aircraft", True),
        ("UAS", "aircraft", True), ("drone", "aircraft", True), ("loitering munition", "aircraft", True),
        ("AEW&C", "aircraft", True), ("warplane", "aircraft", True), ("ATGM", "missile", True),
        ("MANPADS", "missile", True), ("torpedo", "missile", True), ("glide bomb", "missile", True),
        ("CIWS", "naval_weapon", True), ("sonar", "sensor", True), ("radar system", "sensor", True),
        ("turret", "other", True), ("rifle", "small_arms", True), ("engine", "engine", True),
        ("ammunition", "other", False), ("shell", "other", False), ("cartridge", "other", False),
        ("spare parts", "other", False), ("training", "other", False), ("simulator", "other", False),
        ("maintenance", "other", False), ("upgrade", "other", False), ("body armour", "other", False),
        ("helmet", "other", False), ("uniform", "other", False), ("medical kit", "other", False),
        ("generator", "other", False), ("truck", "other", False), ("civil aircraft", "aircraft", False),
    ],
)  # fmt: skip
def test_generic_words_resolve(word: str, category: str, counts: bool, types: dict[str, Row]) -> None:
    hits = [row for row in types.values() if word in names(row, "weapon_type")]
    assert [(row["weapon_category"], row["counts_as_transfer"] == "true") for row in hits] == [(category, counts)]
