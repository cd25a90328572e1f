"""Command line: ``python -m extract``."""

from __future__ import annotations

import logging

import click

from extract.commands import articles, claims, registers, sources, versions
from warehouse import command_line

_COMMANDS = (
    articles.ingest,
    articles.reparse,
    articles.warc,
    articles.text,
    claims.events,
    claims.explain,
    versions.versions,
    versions.compare,
    versions.adopt,
    registers.register,
    sources.sources,
    sources.samples,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Sources to articles, articles to claims."""
    # what pages and sites do wrong is told in ops.refusals; the libraries' own words about it would only repeat it
    logging.basicConfig(level=logging.CRITICAL)


for command in _COMMANDS:
    cli.add_command(command)


if __name__ == "__main__":
    command_line.run(cli, "python -m extract")
