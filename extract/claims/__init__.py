"""From articles to claims of arms transfers: recognise, classify, resolve, assemble."""

from __future__ import annotations

from extract.claims.batch import READ_COLUMNS, extract_claims
from extract.claims.engine import extract_article, load
from extract.claims.model import ArticleText, Claim
from extract.claims.version import EXTRACTOR_VERSION

__all__ = ["EXTRACTOR_VERSION", "READ_COLUMNS", "ArticleText", "Claim", "extract_article", "extract_claims", "load"]
