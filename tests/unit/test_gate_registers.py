"""Each expectation on register deliveries, broken by one change to a good load."""

from __future__ import annotations

import datetime

import pytest
from gate_batches import REGISTER_DELIVERIES, make_delivery, make_settings, pretend_loads, stage

from expectations import gate
from warehouse import clock, lake, ops

PRODUCT = "expect_total_to_be_product"
LIMITS = "expect_values_to_be_within_limits"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"


@pytest.fixture
def settings(tmp_path):
    return make_settings(tmp_path)


def validate(settings, rows):
    stage(settings, REGISTER_DELIVERIES, "load-1", rows, source_id="sipri")
    return gate.settle_load(settings, "register_deliveries", "load-1")


@pytest.mark.parametrize(
    ("change", "expectation", "is_critical"),
    [
        ({"register_id": "unroca"}, "expect_column_values_to_be_in_set", True),
        ({"edition": "spring"}, "expect_column_values_to_match_regex", True),
        ({"supplier_code": None}, "expect_column_values_to_not_be_null", True),
        ({"delivery_year": 1817}, "expect_values_to_be_within_limits", True),
        ({"tiv_delivered": -1.0}, "expect_values_to_be_within_limits", True),
        ({"delivery_year_count": 0}, "expect_values_to_be_within_limits", True),
        ({"condition": "used"}, "expect_column_values_to_be_in_set", True),
        ({"supplier_code": "POL"}, "expect_parties_of_a_deal_to_differ", False),
        ({"order_year": 2024}, GREATER, False),
        ({"delivery_year": clock.now().year + 1}, LIMITS, False),
        ({"imported_at": clock.now() + datetime.timedelta(days=1)}, LIMITS, True),
        ({"tiv_delivered": 120.0}, PRODUCT, False),
        ({"tiv_unit": 5.0, "tiv_delivered": 100.0}, "expect_used_weapons_to_count_less", False),
    ],
)
def test_a_broken_row_is_found(settings, change, expectation, is_critical):
    receipt = validate(settings, [make_delivery(1), make_delivery(2, **change)])
    assert any(expectation in line for line in (receipt.set_aside if is_critical else receipt.warnings)), receipt
    assert receipt.has_passed
    assert receipt.rows_set_aside == int(is_critical)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"supplier_code": "unknown", "recipient_code": "unknown", "supplier_type": None, "recipient_type": None},
        {"tiv_delivered": None, "tiv_unit": None, "tiv_unit_new": None},
        {"tiv_delivered": 0.0, "tiv_unit": 0.0},
        {"delivery_year": None, "quantity_delivered": None, "tiv_delivered": None},
        {"condition": "new", "tiv_unit": 5.0, "tiv_delivered": 100.0},
        {"condition": "modernised", "tiv_unit": 3.3, "tiv_delivered": 66.0},
        {"order_year": 2023, "weapon_category": None},
    ],
)
def test_what_a_register_may_hold_breaks_nothing(settings, change):
    receipt = validate(settings, [make_delivery(1), make_delivery(2, **change)])
    assert receipt.has_passed
    assert [line for line in receipt.warnings if "used_weapons" not in line] == []


def test_tiv_repeated_for_each_year_of_the_deals_stops_the_load(settings):
    rows = [make_delivery(n, tiv_delivered=120.0 if n % 2 else 40.0, is_apportioned=bool(n % 2)) for n in range(40)]
    receipt = validate(settings, rows)
    assert not receipt.has_passed
    assert any(PRODUCT in line for line in receipt.failures)


def test_a_register_without_categories_is_a_warning(settings):
    receipt = validate(settings, [make_delivery(n, weapon_category=None if n % 3 else "artillery") for n in range(40)])
    assert receipt.has_passed
    assert any("weapon_category" in line for line in receipt.warnings)


@pytest.mark.parametrize(("rows", "is_usual"), [(5, True), (90, False)])
def test_an_edition_is_compared_with_the_last_28_loads_of_its_register(settings, rows, is_usual):
    pretend_loads(settings, [10] * 12, table=REGISTER_DELIVERIES, source_id="sipri")
    pretend_loads(settings, [1000] * 12, table=REGISTER_DELIVERIES, source_id="unroca")
    receipt = validate(settings, [make_delivery(number) for number in range(rows)])
    assert any("deliveries in a load of this register" in line for line in receipt.warnings) is not is_usual


def test_a_clock_that_ran_back_stops_the_register(settings):
    ahead = clock.now() + datetime.timedelta(days=2)
    pretend_loads(settings, [10], until=ahead, table=REGISTER_DELIVERIES, source_id="sipri")
    receipt = validate(settings, [make_delivery(1), make_delivery(2)])
    assert not receipt.has_passed
    assert any("expect_clock_not_to_run_back" in line for line in receipt.failures)


def test_the_first_edition_ever_is_named(settings):
    validate(settings, [make_delivery(1), make_delivery(2)])
    (run,) = ops.read(settings.data, "validations").to_pylist()
    assert run["circumstance"] == "first load ever: there is nothing to compare with"


def test_a_load_that_passes_is_promoted_and_the_command_is_there(settings, monkeypatch):
    from click.testing import CliRunner

    from expectations.__main__ import cli

    stage(settings, REGISTER_DELIVERIES, "load-1", [make_delivery(1)])
    monkeypatch.setenv("ARMSLEDGER_DATA", str(settings.data.root))
    done = CliRunner().invoke(cli, ["register_deliveries", "--load", "load-1"])
    assert done.exit_code == 0, done.output
    assert lake.is_current(settings.data, "register_deliveries", "load-1")
