"""The lexicons of places, companies and money hold what the extractor and dbt rely on.

A broken row here would resolve a party wrongly and silently, so the files are checked as data: keys, references,
form of the codes, coverage, and that a name without context never means two parties at once.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict

import pytest
from seed_files import Row, check_form, read_seed

COLUMNS = {
    "countries": ("country_code,country_name,actor_type,iso2,region,valid_from,valid_to,home_country_code,source"),
    "country_aliases": "alias,country_code,alias_kind,needs_context,valid_from,valid_to",
    "companies": "company_name,country_code,alt_country_codes,aliases,kind,needs_context,source",
    "currencies": "currency_code,currency_name,aliases,default_country_code,is_ambiguous",
    "exchange_rates": "currency_code,year,currency_per_usd,months,source",
    "us_cpi": "year,cpi_index,months",
}
KEYS = {
    "countries": ("country_code",),
    "country_aliases": ("alias", "country_code"),
    "companies": ("company_name",),
    "currencies": ("currency_code",),
    "exchange_rates": ("currency_code", "year"),
    "us_cpi": ("year",),
}
ALIAS_KINDS = {
    "name", "official_name", "abbreviation", "demonym", "demonym_plural", "capital", "government", "armed_service",
    "city", "leader_office", "unit",
}  # fmt: skip
REGIONS = {"Africa", "Americas", "Asia and Oceania", "Europe", "Middle East"}

# The 193 members of the United Nations, written down apart from the seed so that a state lost there is noticed here.
UN_MEMBERS_TEXT = """
AFG AGO ALB AND ARE ARG ARM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA BRB BRN BTN BWA CAF
CAN CHE CHL CHN CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESP EST ETH FIN FJI
FRA FSM GAB GBR GEO GHA GIN GMB GNB GNQ GRC GRD GTM GUY HND HRV HTI HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN
KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT
MMR MNE MNG MOZ MRT MUS MWI MYS NAM NER NGA NIC NLD NOR NPL NRU NZL OMN PAK PAN PER PHL PLW PNG POL PRK PRT PRY QAT
ROU RUS RWA SAU SDN SEN SGP SLB SLE SLV SMR SOM SRB SSD STP SUR SVK SVN SWE SWZ SYC SYR TCD TGO THA TJK TKM TLS TON
TTO TUN TUR TUV TZA UGA UKR URY USA UZB VCT VEN VNM VUT WSM YEM ZAF ZMB ZWE
"""
UN_MEMBERS = re.findall(r"[A-Z]{3}", UN_MEMBERS_TEXT)
BESIDES_UN_MEMBERS = {"XKX", "TWN", "PSE", "VAT", "HKG"}
HISTORIC = {"SUHH", "YUCS", "CSHH", "CSXX", "DDDE", "YDYE", "BUMM", "VDVN", "South Vietnam", "North Yemen", "Biafra"}
CAPITAL_BEARS_THE_STATES_NAME = {"SGP"}


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[Row]]:
    return {name: read_seed(name) for name in COLUMNS}


@pytest.fixture(scope="module")
def country_codes(seeds: dict[str, list[Row]]) -> set[str]:
    return {row["country_code"] for row in seeds["countries"]}


def overlaps(one: Row, other: Row) -> bool:
    """Whether two rows are valid in a common year; an empty bound is open."""
    start = max(int(row["valid_from"] or 0) for row in (one, other))
    end = min(int(row["valid_to"] or 9999) for row in (one, other))
    return start <= end


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_file_has_its_header_and_form(name: str) -> None:
    check_form(name, COLUMNS[name])


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_rows_are_complete_trimmed_unique_and_sorted(name: str, seeds: dict[str, list[Row]]) -> None:
    rows = seeds[name]
    ragged = [row for row in rows if None in row or None in row.values()]
    assert not ragged, f"{name}.csv: rows with too many or too few fields: {ragged[:3]}"
    untrimmed = [row for row in rows if any(value != value.strip() for value in row.values())]
    assert not untrimmed, f"{name}.csv: blanks around values: {untrimmed[:3]}"
    keys = [tuple(row[column] for column in KEYS[name]) for row in rows]
    assert not [key for key, count in Counter(keys).items() if count > 1], f"{name}.csv: repeated keys"
    assert keys == sorted(keys), f"{name}.csv is not sorted by {KEYS[name]}"


def test_country_rows_are_well_formed(seeds: dict[str, list[Row]], country_codes: set[str]) -> None:
    faults = []
    for row in seeds["countries"]:
        code, kind = row["country_code"], row["actor_type"]
        years = [int(row[bound]) for bound in ("valid_from", "valid_to") if row[bound]]
        checks = {
            "actor type": kind in {"state", "historic_state", "organisation", "non_state", "unknown"},
            "state code": kind != "state" or re.fullmatch("[A-Z]{3}", code) is not None,
            "iso2": (re.fullmatch("[A-Z]{2}", row["iso2"]) is not None) == (kind == "state"),
            "region": row["region"] in REGIONS or (kind in {"organisation", "unknown"} and not row["region"]),
            "years": years == sorted(years) and all(1900 < year < 2100 for year in years),
            "dates of a former state": kind != "historic_state" or len(years) == 2,
            "end of a living state": kind != "state" or not row["valid_to"],
            "home": (row["home_country_code"] in country_codes) == (kind == "non_state"),
            "source": bool(row["source"]),
        }
        faults += [(code, check) for check, holds in checks.items() if not holds]
    assert not faults
    iso2 = [row["iso2"] for row in seeds["countries"] if row["iso2"]]
    assert len(iso2) == len(set(iso2))


def test_every_kind_of_actor_is_covered(seeds: dict[str, list[Row]], country_codes: set[str]) -> None:
    assert len(UN_MEMBERS) == len(set(UN_MEMBERS)) == 193
    assert (set(UN_MEMBERS) | BESIDES_UN_MEMBERS | HISTORIC) - country_codes == set()
    kinds = Counter(row["actor_type"] for row in seeds["countries"])
    assert kinds["state"] >= 190
    assert kinds["non_state"] >= 50
    assert kinds["organisation"] >= 20
    assert kinds["historic_state"] >= 10
    assert [row["country_code"] for row in seeds["countries"] if row["actor_type"] == "unknown"] == ["unknown"]


def test_every_un_member_has_name_demonym_and_capital(seeds: dict[str, list[Row]]) -> None:
    kinds: dict[str, set[str]] = defaultdict(set)
    for row in seeds["country_aliases"]:
        kinds[row["country_code"]].add(row["alias_kind"])
    missing = {code: {"name", "demonym", "capital"} - kinds[code] for code in UN_MEMBERS}
    for code in CAPITAL_BEARS_THE_STATES_NAME:
        missing[code] -= {"capital"}
    assert {code: gaps for code, gaps in missing.items() if gaps} == {}


def test_every_actor_can_be_named(seeds: dict[str, list[Row]], country_codes: set[str]) -> None:
    named = {row["country_code"] for row in seeds["country_aliases"]}
    assert named == country_codes
    aliases = {(row["country_code"], row["alias"]) for row in seeds["country_aliases"]}
    states = [row for row in seeds["countries"] if row["actor_type"] in {"state", "historic_state"}]
    unnamed = [row["country_code"] for row in states if (row["country_code"], row["country_name"]) not in aliases]
    assert unnamed == []


def test_alias_rows_are_well_formed(seeds: dict[str, list[Row]]) -> None:
    rows = seeds["country_aliases"]
    assert len(rows) >= 1100
    assert {row["alias_kind"] for row in rows} == ALIAS_KINDS
    assert {row["needs_context"] for row in rows} == {"true", "false"}
    # Text is matched after typographic quotes became straight, so a curly one could never match.
    assert [row["alias"] for row in rows if set(row["alias"]) & set("’‘“”\u00a0") or len(row["alias"]) < 2] == []
    assert [
        row for row in rows if any(row[b] and not re.fullmatch(r"\d{4}", row[b]) for b in ("valid_from", "valid_to"))
    ] == []
    dated = [row for row in rows if row["valid_from"] and row["valid_to"]]
    assert [row for row in dated if row["valid_from"] > row["valid_to"]] == []


def test_an_alias_without_context_means_one_actor_at_a_time(seeds: dict[str, list[Row]]) -> None:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in seeds["country_aliases"]:
        groups[row["alias"].casefold()].append(row)
    clashes = [
        (one["alias"], one["country_code"], other["country_code"])
        for group in groups.values()
        for one, other in itertools.combinations(group, 2)
        if one["country_code"] != other["country_code"]
        and overlaps(one, other)
        and "false" in (one["needs_context"], other["needs_context"])
    ]
    assert clashes == []


@pytest.mark.parametrize(
    ("alias", "year", "code"),
    [
        ("Soviet", 1980, "SUHH"), ("Moscow", 1980, "SUHH"), ("Moscow", 2020, "RUS"), ("Prague", 1955, "CSHH"),
        ("Belgrade", 2004, "CSXX"), ("Belgrade", 2020, "SRB"), ("Burma", 1989, "BUMM"), ("Burma", 2012, "MMR"),
        ("Türkiye", 2024, "TUR"), ("Turkiye", 2024, "TUR"), ("Viet Nam", 2024, "VNM"), ("eSwatini", 2020, "SWZ"),
        ("Bosnia-Herzegovina", 2000, "BIH"), ("UAE", 2020, "ARE"), ("DR Congo", 2020, "COD"), ("Zaire", 1980, "COD"),
        ("Tatmadaw", 2020, "MMR"), ("Kremlin", 2015, "RUS"), ("West German", 1985, "DEU"), ("Houthis", 2020, "Houthi"),
        ("Rhodesia", 1975, "ZWE"), ("North Macedonia", 2021, "MKD"), ("Cabo Verde", 2021, "CPV"),
        ("unknown recipient(s)", 1990, "unknown"), ("Khmer Rouge (Cambodia)*", 1980, "Khmer Rouge"),
    ],
)  # fmt: skip
def test_names_resolve_in_their_year(alias: str, year: int, code: str, seeds: dict[str, list[Row]]) -> None:
    hits = {
        row["country_code"]
        for row in seeds["country_aliases"]
        if row["alias"] == alias and int(row["valid_from"] or 0) <= year <= int(row["valid_to"] or 9999)
    }
    assert hits == {code}


@pytest.mark.parametrize("alias", ["Georgia", "Jordan", "Chad", "Congress", "Victoria", "Georgetown", "Congo", "SDF"])
def test_words_of_other_meaning_need_context(alias: str, seeds: dict[str, list[Row]]) -> None:
    flags = {row["needs_context"] for row in seeds["country_aliases"] if row["alias"] == alias}
    assert flags == {"true"}


def test_company_rows_are_well_formed(seeds: dict[str, list[Row]], country_codes: set[str]) -> None:
    rows = seeds["companies"]
    assert len(rows) >= 320
    assert {row["kind"] for row in rows} == {"maker", "shipyard", "state_exporter", "agency", "ministry_owned"}
    assert {row["needs_context"] for row in rows} == {"true", "false"}
    assert all(row["source"] for row in rows)
    faults = []
    for row in rows:
        others = row["alt_country_codes"].split("|") if row["alt_country_codes"] else []
        if not {row["country_code"], *others} <= country_codes or row["country_code"] in others:
            faults.append(row["company_name"])
    assert faults == []


def test_a_company_name_belongs_to_one_company_and_to_no_state(seeds: dict[str, list[Row]]) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in seeds["companies"]:
        for name in filter(None, [row["company_name"], *row["aliases"].split("|")]):
            assert name == name.strip()
            owners[name.casefold()].add(row["company_name"])
    assert {name: rows for name, rows in owners.items() if len(rows) > 1} == {}
    places = {row["alias"].casefold() for row in seeds["country_aliases"]}
    assert owners.keys() & places == set()


def test_currency_rows_are_well_formed(seeds: dict[str, list[Row]], country_codes: set[str]) -> None:
    rows = seeds["currencies"]
    assert [row["currency_code"] for row in rows if not re.fullmatch("[A-Z]{3}", row["currency_code"])] == []
    assert {row["default_country_code"] for row in rows} <= country_codes
    assert [row for row in rows if len(set(row["aliases"].split("|"))) != row["aliases"].count("|") + 1] == []
    users: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for alias in row["aliases"].split("|"):
            users[alias].add(row["currency_code"])
    shared = {code for codes in users.values() if len(codes) > 1 for code in codes}
    assert {row["currency_code"] for row in rows if row["is_ambiguous"] == "true"} == shared
    assert users["$"] == {"USD"}
    assert users["A$"] == {"AUD"}
    assert users["kronor"] == {"SEK"}
    assert users["kroner"] == {"NOK", "DKK"}


def test_exchange_rates_resolve_and_are_plausible(seeds: dict[str, list[Row]]) -> None:
    rows = seeds["exchange_rates"]
    known = {row["currency_code"] for row in seeds["currencies"]}
    assert {row["currency_code"] for row in rows} <= known
    assert all(float(row["currency_per_usd"]) > 0 and 1 <= int(row["months"]) <= 12 and row["source"] for row in rows)
    years: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        years[row["currency_code"]].append(int(row["year"]))
    gaps = {code: ys for code, ys in years.items() if sorted(ys) != list(range(min(ys), max(ys) + 1))}
    assert gaps == {}, "a year without a rate inside a currency's span"
    assert {float(row["currency_per_usd"]) for row in rows if row["currency_code"] == "USD"} == {1.0}
    pegs = {"SAR": "3.75", "AED": "3.6725", "QAR": "3.64", "OMR": "0.3845", "BHD": "0.376", "JOD": "0.709"}
    for code, peg in pegs.items():
        assert {row["currency_per_usd"] for row in rows if row["currency_code"] == code} == {peg}


def test_price_index_is_an_unbroken_series(seeds: dict[str, list[Row]]) -> None:
    rows = seeds["us_cpi"]
    years = [int(row["year"]) for row in rows]
    assert years == list(range(years[0], years[-1] + 1))
    base = [float(row["cpi_index"]) for row in rows if row["year"] in {"1982", "1983", "1984"}]
    assert sum(base) / 3 == pytest.approx(100, abs=0.5), "the index is published with 1982-84 = 100"
