"""An explanation as one HTML page that needs nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from extract.explain.explanation import KINDS, name_sentence
from warehouse.terminal import make_visible

if TYPE_CHECKING:
    from extract.explain.explanation import Explanation

_TEMPLATES = Path(__file__).parent


def render_page(explanation: Explanation) -> str:
    """Render an explanation; all of the article's text is escaped.

    Args:
        explanation: what to show.

    Returns:
        HTML without scripts and without references to other addresses.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = make_visible
    page = environment.get_template("page.html.j2").render(
        explanation=explanation, kinds=KINDS, name_sentence=name_sentence
    )
    # half a surrogate pair can stand in a Python string, but in no file
    return page.encode("utf-8", "replace").decode("utf-8")
