"""Contract of raw ``transfer_claims``: one row per claim of an arms transfer in one article."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contracts.model import Column, Table

ACTOR_TYPES = ("state", "historic_state", "organisation", "non_state")
WEAPON_CATEGORIES = (
    "aircraft",
    "air_defence",
    "anti_submarine",
    "armoured_vehicle",
    "artillery",
    "engine",
    "missile",
    "naval_weapon",
    "satellite",
    "sensor",
    "ship",
    "small_arms",
    "other",
)
STATUSES = ("proposed", "approved", "ordered", "delivered", "cancelled")
CONDITIONS = ("new", "second_hand", "modernised")
DEAL_TYPES = ("sale", "aid", "lease", "licensed_production")
VALUE_TYPES = ("contract", "ceiling", "package_share", "aid")
_CODE = r"[A-Z]{3,4}|[A-Za-z][A-Za-z0-9 .'()-]{1,60}"

TRANSFER_CLAIMS = Table(
    name="transfer_claims",
    version=1,
    grain="one claimed transfer of one weapon from one supplier to one recipient in one article",
    description="Claims of arms transfers, each with the sentence that states it.",
    key="claim_id",
    columns=(
        Column(
            "claim_id",
            pa.string(),
            "Hash of article, parties, weapon family and ordinal; the extractor's version "
            "is not part of it, so that a review outlives a better extractor.",
            pattern=r"[0-9a-f]{16}",
        ),
        Column("article_id", pa.string(), "Article that makes the claim.", pattern=r"[0-9a-f]{16}"),
        Column("load_id", pa.string(), "Load that brought the claim into the lake."),
        Column(
            "ordinal",
            pa.int32(),
            "Number of the claim among those with the same parties and weapon family in the article, from 1.",
            minimum=1,
        ),
        Column("supplier_text", pa.string(), "Supplier as written.", nullable=True),
        Column(
            "supplier_code",
            pa.string(),
            "Supplier: ISO 3166-1 alpha-3, ISO 3166-3 for a former state, short name for others; NULL if not told.",
            nullable=True,
            pattern=_CODE,
        ),
        Column("supplier_type", pa.string(), "Kind of supplier.", nullable=True, allowed=ACTOR_TYPES),
        Column("recipient_text", pa.string(), "Recipient as written.", nullable=True),
        Column("recipient_code", pa.string(), "Recipient, coded as the supplier is.", nullable=True, pattern=_CODE),
        Column("recipient_type", pa.string(), "Kind of recipient.", nullable=True, allowed=ACTOR_TYPES),
        Column("weapon_text", pa.string(), "Weapon as written."),
        Column(
            "weapon_designation", pa.string(), "Designation in its commonest form, or a generic type in lower case."
        ),
        Column("weapon_family", pa.string(), "Family that variants share, or the generic type."),
        Column("weapon_category", pa.string(), "Category.", allowed=WEAPON_CATEGORIES),
        Column(
            "quantity_min",
            pa.int64(),
            "Least number of units; equal to the most where one number is told.",
            nullable=True,
            unit="units",
            minimum=1,
        ),
        Column("quantity_max", pa.int64(), "Greatest number of units.", nullable=True, unit="units", minimum=1),
        Column("quantity_is_approximate", pa.bool_(), "Whether the number is told as about, some, more than, up to."),
        Column(
            "value_min",
            pa.float64(),
            "Least value, in whole units of the currency.",
            nullable=True,
            unit="currency",
            minimum=0,
        ),
        Column(
            "value_max",
            pa.float64(),
            "Greatest value, in whole units of the currency.",
            nullable=True,
            unit="currency",
            minimum=0,
        ),
        Column("value_currency", pa.string(), "Currency as told, ISO 4217.", nullable=True, pattern=r"[A-Z]{3}"),
        Column("value_type", pa.string(), "What the value covers.", nullable=True, allowed=VALUE_TYPES),
        Column("status", pa.string(), "Furthest lifecycle status that the article tells.", allowed=STATUSES),
        Column("condition", pa.string(), "Condition of the weapon.", nullable=True, allowed=CONDITIONS),
        Column("deal_type", pa.string(), "Kind of deal.", nullable=True, allowed=DEAL_TYPES),
        Column(
            "order_year",
            pa.int32(),
            "Year of contract, order or pledge.",
            nullable=True,
            unit="year",
            minimum=1945,
            maximum=2100,
        ),
        Column("order_year_is_estimate", pa.bool_(), "Whether the order year follows from the publication date alone."),
        Column(
            "delivery_year_first",
            pa.int32(),
            "Year of the first delivery, told or planned.",
            nullable=True,
            unit="year",
            minimum=1945,
            maximum=2100,
        ),
        Column(
            "delivery_year_last",
            pa.int32(),
            "Year of the last delivery, told or planned.",
            nullable=True,
            unit="year",
            minimum=1945,
            maximum=2100,
        ),
        Column(
            "delivery_year_is_estimate", pa.bool_(), "Whether a delivery year follows from the publication date alone."
        ),
        Column("is_background", pa.bool_(), "Whether the article tells the deal in passing, not as its news."),
        Column("is_domestic", pa.bool_(), "Whether supplier and recipient are the same state."),
        Column(
            "supplier_is_inferred",
            pa.bool_(),
            "Whether the supplier follows from a company, an adjective or the weapon's origin.",
        ),
        Column(
            "confidence",
            pa.float64(),
            "Probability that supplier, recipient and weapon are right.",
            unit="probability",
            minimum=0,
            maximum=1,
        ),
        Column("rule_id", pa.string(), "Frame that fired."),
        Column("extractor_version", pa.string(), "Version of the extractor."),
        Column("evidence_field", pa.string(), "Where the evidence stands.", allowed=("title", "text")),
        Column("evidence_text", pa.string(), "Sentence that states the claim, exactly as in the article."),
        Column(
            "evidence_start", pa.int32(), "First character of the evidence in its field.", unit="characters", minimum=0
        ),
        Column("evidence_end", pa.int32(), "Character after the evidence in its field.", unit="characters", minimum=1),
    ),
)
