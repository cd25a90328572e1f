"""Contracts of the ``ops`` tables that the model extractor fills."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contracts.articles import TIMESTAMP
from warehouse.contracts.model import Column, Table

MODEL_USAGE = Table(
    name="model_usage",
    version=1,
    grain="one claims load that a model was asked for",
    description="What asking a model about articles cost, and how much of its answers held.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("load_id", pa.string(), "Claims load."),
        Column("model", pa.string(), "Name of the model."),
        Column("endpoint_host", pa.string(), "Host that was asked."),
        Column(
            "extractor_mode",
            pa.string(),
            "Whether the model gave the claims or was compared with the rules.",
            allowed=("llm", "both"),
        ),
        Column("articles_asked", pa.int64(), "Articles that the model was asked about in this run.", unit="articles"),
        Column("articles_kept", pa.int64(), "Articles whose answer was kept from an earlier run.", unit="articles"),
        Column("articles_failed", pa.int64(), "Articles without an answer; refusals tell why.", unit="articles"),
        Column("requests", pa.int64(), "Requests, retries included.", unit="requests"),
        Column("prompt_tokens", pa.int64(), "Tokens read, as the endpoint counted them.", unit="tokens"),
        Column("completion_tokens", pa.int64(), "Tokens written, as the endpoint counted them.", unit="tokens"),
        Column("claims_told", pa.int64(), "Claims that the model told.", unit="claims"),
        Column(
            "claims_kept", pa.int64(), "Claims that hold; refusals tell what was wrong with the others.", unit="claims"
        ),
        Column("seconds", pa.float64(), "Time spent on asking and checking.", unit="seconds"),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
    ),
)

EXTRACTOR_DIFFERENCES = Table(
    name="extractor_differences",
    version=1,
    grain="one claim, or one field of a claim, that rules and model tell differently about one article",
    description="Where the rules and a model differ; the rules' claims are those of the warehouse.",
    key="event_id",
    columns=(
        Column("event_id", pa.string(), "Identifies the fact."),
        Column("load_id", pa.string(), "Claims load, which holds the rules' claims."),
        Column("model", pa.string(), "Name of the model."),
        Column("article_id", pa.string(), "Article."),
        Column("url", pa.string(), "Address of the article."),
        Column(
            "kind",
            pa.string(),
            "A claim that only one of them makes, or a field of a claim that both make.",
            allowed=("only_rules", "only_model", "field"),
        ),
        Column("claim_id", pa.string(), "Claim of the rules; of the model where only it makes the claim."),
        Column("supplier_code", pa.string(), "Supplier; NULL if not told.", nullable=True),
        Column("recipient_code", pa.string(), "Recipient; NULL if not told.", nullable=True),
        Column("weapon_family", pa.string(), "Family of the weapon, or its type."),
        Column("field_name", pa.string(), "Field that differs; NULL where a whole claim does.", nullable=True),
        Column("rules_value", pa.string(), "Value by the rules.", nullable=True),
        Column("model_value", pa.string(), "Value by the model.", nullable=True),
        Column("evidence_text", pa.string(), "Sentence that states the claim."),
        Column("occurred_at", TIMESTAMP, "When.", unit="UTC"),
    ),
)
