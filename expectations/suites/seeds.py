"""Expectations on the reference seeds: one suite each, validated when a seed or this file has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import great_expectations as gx
import great_expectations.expectations as gxe
import pyarrow as pa
import pyarrow.compute as pc

from expectations.custom.columns import ExpectValuesToBeWithinLimits
from expectations.custom.marts import ExpectReferenceToExist
from expectations.marts import reference_column
from expectations.pairs import expect_at_least
from expectations.wording import must, should
from warehouse.contracts import REGISTER_DELIVERIES
from warehouse.contracts.transfer_claims import WEAPON_CATEGORIES
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

KEY = "reference_key"
"""Column of the gate that names a row: the key's columns, put together."""


@dataclass(frozen=True)
class Seed:
    """What is known of one seed.

    Attributes:
        name: file stem in ``dbt_project/seeds/``.
        key: columns that name a row together.
        references: column -> "seed.column" that must have its values.
        allowed: column -> closed list.
        patterns: column -> regular expression from start to end.
        numbers: column -> least and greatest number, and where they come from.
        ordered: pairs of columns, the lesser first.
        fewest: rows; fewer mean that the file was cut.
    """

    name: str
    key: tuple[str, ...]
    references: dict[str, str] = field(default_factory=dict)
    allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, tuple[float, float, str]] = field(default_factory=dict)
    ordered: tuple[tuple[str, str], ...] = ()
    fewest: int = 1


_FLAG = ("true", "false")
_YEARS = (1945.0, 2100.0, "order and delivery years of claims lie in 1945 to 2100 by contract.")
_COUNTRY = "countries.country_code"
_CATEGORY = "weapon_categories.weapon_category"
SEEDS: tuple[Seed, ...] = (
    Seed(
        "countries",
        ("country_code",),
        references={"home_country_code": _COUNTRY},
        allowed={"actor_type": ("state", "historic_state", "organisation", "non_state", "unknown")},
        patterns={"iso2": "[A-Z]{2}"},
        numbers={
            "valid_from": (1800, 2100, "own judgement: no actor that trades in arms since 1945 is older by name."),
            "valid_to": _YEARS,
        },
        ordered=(("valid_from", "valid_to"),),
        fewest=240,
    ),
    Seed(
        "country_aliases",
        ("alias", "country_code", "valid_from"),
        references={"country_code": _COUNTRY},
        allowed={"needs_context": _FLAG},
        fewest=2000,
    ),
    Seed(
        "register_aliases",
        ("register_id", "alias"),
        references={"country_code": _COUNTRY},
        allowed={"register_id": REGISTER_DELIVERIES.column("register_id").allowed},
        fewest=70,
    ),
    Seed(
        "companies",
        ("company_name",),
        references={"country_code": _COUNTRY},
        allowed={"needs_context": _FLAG},
        fewest=500,
    ),
    Seed(
        "currencies",
        ("currency_code",),
        references={"default_country_code": _COUNTRY},
        allowed={"is_ambiguous": _FLAG},
        patterns={"currency_code": "[A-Z]{3}"},
        fewest=100,
    ),
    Seed(
        "exchange_rates",
        ("currency_code", "year"),
        references={"currency_code": "currencies.currency_code"},
        numbers={
            "year": _YEARS,
            "currency_per_usd": (1e-4, 1e6, "own judgement: no currency that buys arms is worth more or less."),
            "months": (1, 12, "a year has twelve months."),
        },
        fewest=1000,
    ),
    Seed(
        "us_cpi",
        ("year",),
        numbers={
            "year": _YEARS,
            "cpi_index": (10, 1000, "the index was 18 in 1945 and about 320 in 2025; 1982-84 is 100."),
            "months": (1, 12, "a year has twelve months."),
        },
        fewest=80,
    ),
    Seed("weapon_categories", ("weapon_category",), allowed={"weapon_category": WEAPON_CATEGORIES}, fewest=13),
    Seed(
        "weapon_types",
        ("weapon_type",),
        references={"weapon_category": _CATEGORY},
        allowed={"is_weapon_platform": _FLAG, "needs_context": _FLAG, "counts_as_transfer": _FLAG},
        fewest=200,
    ),
    Seed(
        "weapons",
        ("designation",),
        references={
            "weapon_category": _CATEGORY,
            "weapon_type": "weapon_types.weapon_type",
            "origin_country_code": _COUNTRY,
        },
        allowed={"needs_context": _FLAG},
        fewest=5000,
    ),
)


def build_rows(seed: Seed, rows: pa.Table) -> pa.Table:
    """Return a seed's rows with numbers as numbers, and behind them what the gate looked up.

    Args:
        seed: what is known of it.
        rows: its rows as text, as `read_seed` gives them.

    Raises:
        pyarrow.ArrowInvalid: a number isn't one.
    """
    for column in seed.numbers:
        place = rows.schema.get_field_index(column)
        rows = rows.set_column(place, column, rows[column].cast(pa.float64()))
    for column, target in seed.references.items():
        name, key = target.split(".")
        flags = pc.is_in(rows[column], value_set=read_seed(name)[key].combine_chunks())
        rows = rows.append_column(reference_column(column), flags)
    parts = [pc.fill_null(rows[column].cast(pa.string()), "") for column in seed.key]
    return rows.append_column(KEY, pc.binary_join_element_wise(*parts, " ") if len(parts) > 1 else parts[0])


def build_suite(seed: Seed) -> gx.ExpectationSuite:
    """Return the suite for one seed."""
    expectations: list[Expectation] = [
        gxe.ExpectTableRowCountToBeBetween(
            min_value=seed.fewest,
            **must(
                "A seed that was cut makes known names unknown.",
                source="somewhat fewer rows than the seed had when this was written.",
            ),
        ),
        gxe.ExpectColumnValuesToBeUnique(
            column=KEY, **must("A key told twice doubles what is joined to it.", is_waivable=False)
        ),
        *(
            gxe.ExpectColumnValuesToNotBeNull(
                column=column, **must("A row without its key names nothing.", is_waivable=False)
            )
            for column in seed.key
            if column != "valid_from"
        ),
    ]
    for column, target in seed.references.items():
        expectations.append(
            ExpectReferenceToExist(
                column_list=[column, reference_column(column)],
                target=f"seed {target}",
                **must("A code that leads nowhere drops its rows from every join."),
            )
        )
    for column, allowed in seed.allowed.items():
        expectations.append(
            gxe.ExpectColumnValuesToBeInSet(
                column=column, value_set=list(allowed), **must("The extractor and the models know these values only.")
            )
        )
    for column, pattern in seed.patterns.items():
        expectations.append(
            gxe.ExpectColumnValuesToMatchRegex(
                column=column, regex=rf"\A(?:{pattern})\Z", **must("Codes have one form, or they don't join.")
            )
        )
    for column, (least, greatest, source) in seed.numbers.items():
        expectations.append(
            ExpectValuesToBeWithinLimits(
                column=column,
                min_value=least,
                max_value=greatest,
                **must("A number outside these limits is mistyped or has another unit.", source=source),
            )
        )
    expectations += [
        expect_at_least(greater, lesser, **should("A span that ends before it begins is mistyped."))
        for lesser, greater in seed.ordered
    ]
    return gx.ExpectationSuite(name=f"seeds.{seed.name}", expectations=expectations)
