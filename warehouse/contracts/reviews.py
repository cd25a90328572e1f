"""Contract of raw ``reviews``: what quality reviewers decided on claims."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contracts.model import Column, Table

VERDICTS = ("accept", "reject", "correct")
CORRECTABLE = (
    "supplier_code",
    "recipient_code",
    "weapon_designation",
    "weapon_family",
    "weapon_category",
    "quantity",
    "value",
    "value_currency",
    "value_type",
    "status",
    "condition",
    "deal_type",
    "order_year",
    "delivery_year_first",
    "delivery_year_last",
    "is_background",
    "is_domestic",
)
"""Fields of a claim that a reviewer may correct; ``quantity`` and ``value`` set the least and the greatest at once."""

REVIEWS = Table(
    name="reviews",
    version=1,
    grain="one decision of one reviewer on one claim",
    description="Decisions of reviewers, applied on top of extraction; one on a deal is a row for each of its claims.",
    key="review_id",
    columns=(
        Column("review_id", pa.string(), "Hash of the decision and its claim.", pattern=r"[0-9a-f]{16}"),
        Column("load_id", pa.string(), "Load that brought the decision into the lake."),
        Column("line", pa.int32(), "Line of reviews.csv.", minimum=2),
        Column("claim_id", pa.string(), "Claim decided on.", nullable=True, pattern=r"[0-9a-f]{16}"),
        Column("deal_key", pa.string(), "Deal that the reviewer named, if a deal.", nullable=True),
        Column("verdict", pa.string(), "What was decided.", allowed=VERDICTS),
        Column("field", pa.string(), "Field that is corrected.", nullable=True, allowed=CORRECTABLE),
        Column("value", pa.string(), "Value that takes its place; `null` for none.", nullable=True),
        Column("reviewer", pa.string(), "Who decided.", pattern=r"\S.*"),
        Column("reason", pa.string(), "Why it was decided so.", pattern=r"\S(.|\n)*"),
        Column(
            "reviewed_on",
            pa.string(),
            "Day of the decision, as YYYY-MM-DD.",
            pattern=r"(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
        ),
    ),
)
