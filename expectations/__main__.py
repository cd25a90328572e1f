"""Command line: ``python -m expectations TABLE --load ID``, ``marts [--build ID]``, ``reports``, ``serve``."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.markup import escape

from expectations import gate, report, seed_gate
from expectations.quarantine_commands import quarantine
from expectations.serving import build_server, kept_fresh
from warehouse import releases, review_examples, reviews
from warehouse.command_line import run
from warehouse.contracts import REVIEWS
from warehouse.errors import ArmsledgerError
from warehouse.settings import Settings
from warehouse.terminal import SafeConsole

if TYPE_CHECKING:
    from warehouse.receipts import AuditReceipt


@click.group(help="Quality gates: validate a load or the candidate, and write the reports.")
def cli() -> None:
    """Group of the commands."""


@cli.command("articles", help="Validate a staged load of articles; promote it or quarantine it.")
@click.option("--load", "load_id", required=True, help="Load in staging.")
def settle_articles(load_id: str) -> None:
    """Gate 1."""
    _finish(gate.settle_load(Settings.from_environment(), "articles", load_id))


@cli.command("transfer_claims", help="Validate a staged load of claims; promote it or quarantine it.")
@click.option("--load", "load_id", required=True, help="Load in staging.")
def settle_claims(load_id: str) -> None:
    """Gate 2."""
    _finish(gate.settle_load(Settings.from_environment(), "transfer_claims", load_id))


@cli.command("register_deliveries", help="Validate a staged load of a register; promote it or quarantine it.")
@click.option("--load", "load_id", required=True, help="Load in staging.")
def settle_register(load_id: str) -> None:
    """Gate on registers."""
    _finish(gate.settle_load(Settings.from_environment(), "register_deliveries", load_id))


@cli.command("reviews", help="Read reviews/reviews.csv and validate it; the decisions count from the next build on.")
@click.option("--examples", type=click.Path(path_type=Path), help="Write decided articles as labelled examples there.")
def settle_reviews(examples: Path | None) -> None:
    """Gate of reviewers' decisions."""
    settings = Settings.from_environment()
    if examples is not None:
        written = review_examples.write_examples(settings.data, examples)
        click.echo(f"{written.articles} articles, {written.events} events, {written.undecided} articles left out")
        click.echo(f"make eval ARGS='--articles {written.articles_file} --labels {written.labels_file}'")
        return
    load_id = reviews.stage_reviews(settings.data)
    if load_id is None:
        click.echo(f"nothing new in {settings.data.reviews / reviews.FILE}")
        return
    _finish(gate.settle_load(settings, REVIEWS.name, load_id))


@cli.command("seeds", help="Validate the reference seeds, if they have changed since they passed.")
def settle_seeds() -> None:
    """Gate of the seeds."""
    _finish(seed_gate.settle_seeds(Settings.from_environment()))


@cli.command("marts", help="Validate a candidate (gate 3); publish needs its receipt.")
@click.option("--build", "build_id", help="Candidate; the newest if left out.")
@click.option("--allow-fall", is_flag=True, help="Let it pass although most rows of the published release are gone.")
def settle_marts(build_id: str | None, *, allow_fall: bool) -> None:
    """Gate 3."""
    _finish(gate.settle_candidate(Settings.from_environment(), build_id, allow_fall=allow_fall))


@cli.command("reports", help="Write the front page of all reports.")
def write_reports() -> None:
    """Front page."""
    click.echo(report.build_reports(Settings.from_environment()))


@cli.command("serve", help="Serve the reports and dbt's documentation until stopped.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8090, show_default=True, help="TCP port, 0 for a free one.")
def serve(host: str, port: int) -> None:
    """Portal."""
    settings = Settings.from_environment()
    if releases.current_release_id(settings.data) is not None:
        from warehouse.atlas.site import build_atlas  # noqa: PLC0415 - the chart library takes its time; no gate needs it

        build_atlas(settings)
    report.build_reports(settings)
    try:
        server = build_server(settings.data.reports, host=host, port=port, data=settings.data)
    except OSError as error:
        raise ArmsledgerError(
            f"{host}:{port} can't be listened on ({error.strerror}); choose another --port"
        ) from error
    with server, contextlib.suppress(KeyboardInterrupt), kept_fresh(settings.data):
        click.echo(f"reports: http://{host}:{server.server_address[1]}/ (Ctrl-C ends it)")
        server.serve_forever()


cli.add_command(quarantine)


def _address(report_path: str) -> str:
    data = Settings.from_environment().data
    return data.storage.address(data.root / report_path)


def _finish(receipt: AuditReceipt) -> None:
    """Print the verdict; leave with exit code 1 when it isn't a pass."""
    console = SafeConsole(soft_wrap=True)
    colour = "green" if receipt.has_passed else "red"
    warnings = f", {receipt.rows_set_aside} rows set aside" if receipt.rows_set_aside else ""
    warnings += f", {len(receipt.warnings)} warnings" if receipt.warnings else ""
    console.print(f"[{colour}]{receipt.verdict}[/{colour}] {escape(receipt.subject)}{warnings}", highlight=False)
    for line in receipt.failures:
        console.print(f"  [red]critical[/red] {escape(line)}", highlight=False)
    for line in receipt.set_aside:
        console.print(f"  [yellow]set aside[/yellow] {escape(line)}", highlight=False)
    for line in receipt.warnings:
        console.print(f"  [yellow]warning[/yellow] {escape(line)}", highlight=False)
    if receipt.report_path:
        console.print(f"  report: {escape(_address(receipt.report_path))}")
    if not receipt.has_passed:
        sys.exit(1)


if __name__ == "__main__":
    run(cli, "python -m expectations")
