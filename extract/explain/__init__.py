"""Why a claim is there, or missing: an article with its mentions, its frames, and where each field comes from."""

from __future__ import annotations

from extract.explain.explanation import Explanation, explain_article
from extract.explain.page import render_page
from extract.explain.reading import read_article
from extract.explain.terminal import print_explanation

__all__ = ["Explanation", "explain_article", "print_explanation", "read_article", "render_page"]
