"""Airflow on one machine: the commands behind ``make run``, ``make up`` and ``make env``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from dags import cluster, embedded, metadata, services, summary
from dags.compose_file import make_secrets
from warehouse import command_line
from warehouse.clock import now
from warehouse.errors import ArmsledgerError
from warehouse.maintenance.settings import Upkeep
from warehouse.settings import PROJECT_ROOT, Settings
from warehouse.terminal import SafeConsole


@click.group(help=__doc__)
def cli() -> None:
    """Group of the commands."""


@cli.command()
def run() -> None:
    """Run the DAGs once, in turn, in one process; then show transfers, verdicts and where things are."""
    settings = Settings.from_environment()
    console = SafeConsole() if sys.stdout.isatty() else SafeConsole(width=max(SafeConsole().width, 120))
    began = now()
    log = embedded.log_file(settings)
    outcomes = []
    busy = f"another run is working on {settings.data.address()}; wait until it has ended, or set ARMSLEDGER_DATA"
    with (
        settings.data.storage.exclusive(settings.data.root / ".run.lock", busy=busy),
        summary.progress(console) as progress,
        embedded.sample_sources(settings),
    ):
        with progress.stage("starting Airflow"), embedded.output_to(log):
            embedded.prepare_airflow(settings)
        for dag_id in embedded.DAG_ORDER:
            with progress.stage(dag_id), embedded.output_to(log):
                outcomes.append(embedded.run_dag(dag_id))
            if not outcomes[-1].has_succeeded:
                break
    finished = embedded.EmbeddedRun(began, log, tuple(outcomes), progress.seconds)
    summary.print_run(console, settings, finished)
    sys.exit(0 if finished.has_succeeded else 1)


@cli.command()
@click.option("--port", default=embedded.WEB_PORT, show_default=True, help="Port of Airflow's page.")
def up(port: int) -> None:
    """Run Airflow's scheduler and web page on 127.0.0.1 with the schedules on; Ctrl-C ends it."""
    settings = Settings.from_environment()
    click.echo(f"Airflow's page: http://127.0.0.1:{port} (ready in about half a minute; Ctrl-C ends it)")
    click.echo(f"user and password: {embedded.passwords_file(settings)}")
    click.echo(f"logs: {settings.data.logs}")
    services.serve_airflow(settings, port=port)


@cli.command("airflow", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run_airflow(arguments: tuple[str, ...]) -> None:
    """Run Airflow's own command line on the Airflow of `make run` and `make up`, for instance `backfill create`."""
    settings = Settings.from_environment()
    airflow = str(Path(sys.executable).with_name("airflow"))
    os.execve(airflow, [airflow, *arguments], metadata.require_environment(settings))


@cli.command()
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only list what would be removed.")
def clean(*, is_dry_run: bool) -> None:
    """Remove runs older than ARMSLEDGER_KEEP_AIRFLOW_DAYS (180) from Airflow's own database."""
    settings = Settings.from_environment()
    age = Upkeep.from_environment().airflow
    environment = metadata.require_environment(settings)
    if age is not None:
        click.echo(metadata.clean(environment, age, is_dry_run=is_dry_run))


@cli.command("cluster")
@click.option("--port", default=embedded.WEB_PORT, show_default=True, help="Port of Airflow's page.")
@click.option("--reports-port", default=8090, show_default=True, help="Port of the reports.")
def run_cluster(port: int, reports_port: int) -> None:
    """Run docker-compose.yml's services without Docker, two Celery workers among them; Ctrl-C ends all."""
    settings = Settings.from_environment()
    click.echo(f"Airflow's page: http://127.0.0.1:{port}; reports: http://127.0.0.1:{reports_port}; Ctrl-C ends all")
    click.echo(f"user and password: {embedded.passwords_file(settings)}")
    click.echo(f"logs: {settings.data.logs}/cluster-*.log")
    cluster.serve_cluster(settings, port=port, reports_port=reports_port)


@cli.command()
def env() -> None:
    """Write ``.env`` with fresh secrets for docker compose; an existing one is left alone."""
    path = PROJECT_ROOT / ".env"
    if path.exists():
        raise ArmsledgerError(f"{path} exists; delete it first if you want new secrets (running services keep the old)")
    path.touch(mode=0o600)
    path.write_text("\n".join(f"{name}={value}" for name, value in make_secrets().items()) + "\n", encoding="utf-8")
    click.echo(f"wrote {path}")


@cli.command()
def prepare() -> None:
    """Bring Airflow's database up to date and set the password of its page (the first service of docker compose)."""
    embedded.prepare_services(os.environ)


if __name__ == "__main__":
    command_line.run(cli, "python -m dags")
