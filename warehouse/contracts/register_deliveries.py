"""Contract of raw ``register_deliveries``: what a register of arms transfers has counted, as imported."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contracts.articles import TIMESTAMP
from warehouse.contracts.model import Column, Table
from warehouse.contracts.transfer_claims import CONDITIONS, WEAPON_CATEGORIES

REGISTER_ACTOR_TYPES = ("state", "historic_state", "organisation", "non_state")
REGISTERS = ("sipri",)
EXPORT_SCHEMAS = ("deals", "deliveries")
EDITION_PATTERN = r"\d{4}(-\d{2}(-\d{2})?)?"
"""A year, month or day, so that editions sort by time."""
_CODE = r"[A-Z]{3,4}|[A-Za-z][A-Za-z0-9 .'()-]{1,60}"

REGISTER_DELIVERIES = Table(
    name="register_deliveries",
    version=1,
    grain="one delivery year of one deal in one edition of a register",
    description="Deliveries as registers of arms transfers count them; each edition is kept.",
    key="delivery_id",
    loaded_at="imported_at",
    stale_after_days=400,  # SIPRI publishes an edition each March: more than a year without one is stale
    columns=(
        Column(
            "delivery_id", pa.string(), "Hash of register, edition, deal and delivery year.", pattern=r"[0-9a-f]{16}"
        ),
        Column("load_id", pa.string(), "Load that brought the row into the lake."),
        Column("register_id", pa.string(), "Register.", allowed=REGISTERS),
        Column(
            "edition",
            pa.string(),
            "Edition: the day on which the register made the file, or what the importer calls it.",
            pattern=EDITION_PATTERN,
        ),
        Column("export_schema", pa.string(), "Schema of the file.", allowed=EXPORT_SCHEMAS),
        Column("source_file", pa.string(), "Name of the file, without its folder."),
        Column("source_line", pa.int32(), "Line of the file on which the record begins.", unit="line", minimum=1),
        Column("register_deal_id", pa.string(), "Deal: the register's own id, or a hash where the schema has none."),
        Column("supplier_text", pa.string(), "Supplier as written."),
        Column(
            "supplier_code",
            pa.string(),
            "Supplier: ISO 3166-1 alpha-3, ISO 3166-3 for a former state, short name for others, `unknown`.",
            pattern=_CODE,
        ),
        Column("supplier_type", pa.string(), "Kind of supplier.", nullable=True, allowed=REGISTER_ACTOR_TYPES),
        Column("recipient_text", pa.string(), "Recipient as written."),
        Column("recipient_code", pa.string(), "Recipient, coded as the supplier is.", pattern=_CODE),
        Column("recipient_type", pa.string(), "Kind of recipient.", nullable=True, allowed=REGISTER_ACTOR_TYPES),
        Column("weapon_designation", pa.string(), "Designation as written."),
        Column("weapon_description", pa.string(), "Kind of weapon as written.", nullable=True),
        Column("armament_category", pa.string(), "The register's category as written.", nullable=True),
        Column("weapon_family", pa.string(), "Family in the reference list.", nullable=True),
        Column("weapon_category", pa.string(), "Category.", nullable=True, allowed=WEAPON_CATEGORIES),
        Column("order_year", pa.int32(), "Year of the order.", nullable=True, unit="year", minimum=1945, maximum=2100),
        Column("order_year_is_estimate", pa.bool_(), "Whether the register estimates the order year.", nullable=True),
        Column(
            "quantity_ordered",
            pa.float64(),
            "Units ordered that fall on this row; a deal over several years is spread evenly.",
            nullable=True,
            unit="units",
            minimum=0,
        ),
        Column("quantity_ordered_is_estimate", pa.bool_(), "Whether the register estimates it.", nullable=True),
        Column(
            "quantity_delivered",
            pa.float64(),
            "Units delivered in the year; a fraction where a deal is spread evenly over its years.",
            nullable=True,
            unit="units",
            minimum=0,
        ),
        Column("quantity_delivered_is_estimate", pa.bool_(), "Whether the register estimates it.", nullable=True),
        Column(
            "delivery_year",
            pa.int32(),
            "Year of delivery; NULL for a deal without deliveries.",
            nullable=True,
            unit="year",
            minimum=1945,
            maximum=2100,
        ),
        Column("delivery_year_is_estimate", pa.bool_(), "Whether the register estimates the year.", nullable=True),
        Column("condition", pa.string(), "Condition of the weapon.", nullable=True, allowed=CONDITIONS),
        Column("tiv_unit_new", pa.float64(), "TIV of one new unit.", nullable=True, unit="million TIV", minimum=0),
        Column("tiv_unit", pa.float64(), "TIV of one unit of the deal.", nullable=True, unit="million TIV", minimum=0),
        Column(
            "tiv_ordered",
            pa.float64(),
            "TIV of the order that falls on this row; a deal over several years is spread evenly.",
            nullable=True,
            unit="million TIV",
            minimum=0,
        ),
        Column(
            "tiv_delivered",
            pa.float64(),
            "TIV delivered in the year. 0 is less than half a million; NULL: none is identified.",
            nullable=True,
            unit="million TIV",
            minimum=0,
        ),
        Column("is_apportioned", pa.bool_(), "Whether the deal's totals were spread evenly over its delivery years."),
        Column(
            "delivery_year_count",
            pa.int32(),
            "Delivery years that the record covers; its totals are divided by it.",
            unit="years",
            minimum=1,
        ),
        Column("is_local_production", pa.bool_(), "Whether it is produced in the recipient country.", nullable=True),
        Column("comments", pa.string(), "The register's notes.", nullable=True),
        Column("imported_at", TIMESTAMP, "When the file was imported.", unit="UTC"),
    ),
)
