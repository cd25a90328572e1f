"""Commands that hold versions of the extractor beside each other, and rules beside a model."""

# commands import what they need: the extractor alone must start in a moment, without the fetcher's libraries
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from extract.commands.common import tell_file
from warehouse.errors import ArmsledgerError
from warehouse.settings import Settings
from warehouse.terminal import SafeConsole


@click.command()
def versions() -> None:
    """List the versions of the extractor whose claims are in the lake, and which are current."""
    from extract.versions.printing import build_versions
    from warehouse import lake
    from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
    from warehouse.manifests import read_manifest
    from warehouse.versions import list_versions

    data = Settings.from_environment().data
    lake.initialise(data)
    found = list_versions(read_manifest(data, TRANSFER_CLAIMS), read_manifest(data, ARTICLES))
    SafeConsole().print(build_versions(found))


@click.command()
@click.argument("pair", nargs=-1, metavar="[OLDER NEWER]")
@click.option("--json", "as_json", is_flag=True, help="Of two versions: print one JSON object with all rows.")
@click.option("--csv", "folder", type=click.Path(path_type=Path), help="Of two versions: write CSV files to a folder.")
@click.option("--load", "load_id", help="Of a model: claims load; by default the last one that was compared.")
@click.option("--input", "input_path", type=click.Path(path_type=Path), help="Of a model: JSONL of articles.")
def compare(
    pair: tuple[str, ...], *, as_json: bool, folder: Path | None, load_id: str | None, input_path: Path | None
) -> None:
    """Show what version NEWER of the extractor gains, loses and changes against OLDER, in the articles both have read.

    Without versions: where rules and model differ, in a claims load made with ARMSLEDGER_EXTRACTOR=both, or on a file.
    """
    if len(pair) == 2:
        if load_id or input_path:
            raise click.UsageError("--load and --input are for rules beside a model; name no versions with them")
        _compare_versions(*pair, as_json=as_json, folder=folder)
        return
    if pair:
        raise click.UsageError("name two versions; python -m extract versions lists them")
    if as_json or folder:
        raise click.UsageError("--json and --csv are for two versions; python -m extract versions lists them")
    _compare_model(load_id, input_path)


def _compare_versions(older: str, newer: str, *, as_json: bool, folder: Path | None) -> None:
    from extract.versions.comparing import compare_versions
    from extract.versions.printing import build_tables, summarise, write_csv

    found = compare_versions(Settings.from_environment().data, older, newer)
    if folder:
        for path in write_csv(found, folder):
            click.echo(f"wrote {path}", err=True)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1))
        return
    console = SafeConsole()
    console.print(summarise(found))
    for part in build_tables(found):
        console.print(part)
    for name, count in ((older, found.only_older), (newer, found.only_newer)):
        if count:
            click.echo(f"left out: {count:,} articles that only {name} has read", err=True)


def _compare_model(load_id: str | None, input_path: Path | None) -> None:
    from extract.model.printing import Line, build_table, read_lines

    if input_path and load_id:
        raise click.UsageError("--load is for what was compared before, --input for a file")
    console = SafeConsole(highlight=False)
    data = Settings.from_environment().data
    if not input_path:
        shown, lines = read_lines(data, load_id)
        if shown is None:
            named = f" as {load_id}" if load_id else ""
            raise ArmsledgerError(
                f"no claims load{named} was compared; set ARMSLEDGER_EXTRACTOR=both and extract events"
            )
        console.print(build_table(lines, f"{len(lines)} differences in {shown}"))
        return
    from extract.model.files import compare_file
    from extract.model.settings import ModelSettings

    result = compare_file(ModelSettings.from_environment(), data.model_answers, input=input_path)
    found = [Line.of(one, d) for one, comparison in result.comparisons.items() for d in comparison.differences]
    pairs = sum(comparison.pairs for comparison in result.comparisons.values())
    console.print(build_table(found, f"{pairs} claims in common, {len(found)} differences in {input_path}"))
    tell_file(result)


@click.command()
@click.argument("version")
@click.option("--reason", help="Why; it is told in ops.loads.")
def adopt(version: str, reason: str | None) -> None:
    """Make the claims of VERSION current for all articles that it has read; those of before stay beside.

    One step, and the way back is the same command with the other version.
    """
    from warehouse.versions import adopt as adopt_version

    done = adopt_version(Settings.from_environment().data, version, reason=reason)
    if not done.entered:
        click.echo(f"{version} is current already for all articles that it has read; nothing to do", err=True)
        return
    before, now = (sum(one.rows for one in entries) for entries in (done.left, done.entered))
    click.echo(f"{version} is current: {now:,} claims in place of {before:,}, which stay beside")
    if done.others:
        told = ", ".join(sorted({one.attributes["extractor_version"] for one in done.others}))
        click.echo(f"articles that it hasn't read keep the claims of {told}", err=True)
    click.echo("the next build reads them: python -m warehouse build, or the DAG build_warehouse", err=True)
