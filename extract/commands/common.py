"""What several commands take and print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from warehouse.terminal import make_visible

if TYPE_CHECKING:
    from extract.model.files import FileResult

ENGINES = ("local", "spark")


def tell_file(result: FileResult) -> None:
    """Tell what a model said that no claim was made of, and what it cost."""
    for article_id, refusals in result.refusals.items():
        for refusal in refusals:
            click.echo(make_visible(f"{article_id}: {refusal.reason}: {refusal.detail}"), err=True)
    click.echo(str(result.usage), err=True)
