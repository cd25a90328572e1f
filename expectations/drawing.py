"""Draws validation results as HTML with Great Expectations' renderers: static, escaped, no request to another host."""

from __future__ import annotations

import html
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import jinja2
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.render.renderer.content_block import ValidationResultsTableContentBlockRenderer
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView

from expectations.pages import TEMPLATES

UNTOLD = ("batch_id", "mostly", "ignore_row_if", "types", "column", "min_value", "max_value")
"""Arguments of an expectation that say nothing to a reader of the report, or stand there already."""
COLUMN_LIST = "expect_table_columns_to_match_ordered_list"
"""Its names fill a screen, and say nothing where they are as they must be."""
PAIR = 2
SHOWN_CHARACTERS = 60
"""A longer argument, such as the list of all countries in a pattern, is cut: the page is read by people."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from great_expectations.core import ExpectationSuiteValidationResult


def draw_result(result: ExpectationSuiteValidationResult) -> str:
    """Draw all expectations of a result; the overview that Great Expectations puts first is left to our page."""
    renderer = ValidationResultsPageRenderer(
        column_section_renderer={
            "class_name": "ValidationResultsColumnSectionRenderer",
            "table_renderer": {"class_name": "ReasonedTableRenderer", "module_name": __name__},
        }
    )
    document: Any = cast("Any", renderer).render(result)
    document.sections = document.sections[1:]
    return str(cast("Any", _build_view()).render(document))


@cache
def _build_view() -> SafePageView:
    """Return the one view of the process: it compiles its templates once."""
    return SafePageView()


class ReasonedTableRenderer(ValidationResultsTableContentBlockRenderer):
    """The table of expectations, with each one's severity and reason."""

    @classmethod
    def _process_content_block(cls, content_block: Any, has_failed_evr: bool, render_object: Any = None) -> None:
        super()._process_content_block(content_block, has_failed_evr, render_object)
        content_block.header_row = [*content_block.header_row, "Severity", "Reason"]

    @classmethod
    def _get_content_block_fn(cls, expectation_type: str, expectation_config: Any = None) -> Callable[..., Any]:
        draw = cast("Callable[..., Any]", super()._get_content_block_fn(expectation_type, expectation_config))

        def draw_with_reason(*, result: Any, **options: Any) -> Any:
            rows = draw(result=result, **options)
            config = result.expectation_config
            meta = config.meta or {}
            reason = " ".join(
                part for part in (meta.get("reason", ""), f"({meta['source']})" if "source" in meta else "") if part
            )
            severity = getattr(config.severity, "value", config.severity)
            told = _tell_parameters(config)
            is_list = config.type == COLUMN_LIST and result.success
            drawn = []
            for status, expectation, observed in rows:
                cell = [expectation, told] if told else expectation
                if is_list:
                    cell = (
                        f"Must have the {len(config.kwargs['column_list'])} columns that are declared, in their order."
                    )
                drawn.append([status, cell, "as expected" if is_list else observed, str(severity), reason])
            return drawn

        return draw_with_reason


def _tell_parameters(config: Any) -> str:
    """Tell the columns and numbers of an expectation of our own: its description alone says neither."""
    if not _home_of(config.type).startswith("expectations.custom"):
        return ""
    kwargs = {name: value for name, value in config.kwargs.items() if name not in UNTOLD and value is not None}
    columns = ", ".join(kwargs.pop("column_list", ()))
    numbers = "; ".join(f"{name}: {_tell_value(value)}" for name, value in sorted(kwargs.items()))
    return " ".join(part for part in (f"({columns})" if columns else "", f"[{numbers}]" if numbers else "") if part)


def _home_of(expectation_type: str) -> str:
    return str(get_expectation_impl(expectation_type).__module__)


def _tell_value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_tell_value(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return " to ".join(map(_tell_value, value)) if len(value) == PAIR else f"{len(value)} values"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}"
    text = str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


class SafePageView(DefaultJinjaPageView):
    """Great Expectations' page without its frame, its scripts and other hosts; plain values are escaped.

    Its own view writes sample values into table cells as they are, so a headline with markup would run in the
    reviewer's browser.
    """

    _template = "gx_sections.j2"

    def __init__(self) -> None:
        super().__init__()
        theirs = cast("jinja2.BaseLoader", self.env.loader)
        self.env.loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(TEMPLATES), theirs])

    @jinja2.pass_context
    def render_content_block(
        self, jinja_context: Any, content_block: Any, index: Any = None, content_block_id: Any = None, **options: Any
    ) -> Any:
        """Render a block; a bare value is text, never markup."""
        if isinstance(content_block, list):
            return "".join(
                f"<span>{self.render_content_block(jinja_context, block, index, content_block_id, **options)}</span>"
                for block in content_block
            )
        if isinstance(content_block, dict) and "content_block_type" in content_block:
            return super().render_content_block(jinja_context, content_block, index, content_block_id, **options)
        return html.escape("" if content_block is None else str(content_block))
