"""The services of docker-compose.yml on this machine, without Docker: what ``make cluster`` starts, watches and ends.

Commands and settings are the compose file's; only addresses and folders are this machine's. Postgres and Redis are
Debian's, run as users of their own where we are root, and listen on 127.0.0.1 alone, on free ports.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT
from typing import TYPE_CHECKING

import click

from dags.compose_file import Service, make_secrets, read_services
from dags.embedded import make_home, passwords_file
from dags.supervision import Program, Supervisor, told_to_stop
from warehouse import lake
from warehouse.errors import ArmsledgerError, SettingsError
from warehouse.files import write_json
from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from warehouse.settings import Settings

WORKERS = 2
READY_SECONDS = 300.0
INNER_PORTS = {"postgres": 5432, "redis": 6379, "samples": 8091}
"""Services that only others of the cluster talk to, with their ports in the compose file."""
# Task logs are read from the disk, so that nobody needs the log servers, which listen on every address.
_WITHOUT_LOG_SERVER = ("scheduler", "triggerer", "worker")


@dataclass(frozen=True)
class Cluster:
    """The cluster's places on this machine.

    Attributes:
        settings: settings.
        folder: files of Postgres and Redis, and the cluster's secrets.
        ports: port of each service on 127.0.0.1.
        services: the compose file's services.
        secrets: what its variables stand for.
    """

    settings: Settings
    folder: Path
    ports: dict[str, int]
    services: dict[str, Service]
    secrets: dict[str, str]

    def translate(self, text: str) -> str:
        """Put this machine's addresses and folders in the place of the containers'."""
        for name, port in {**INNER_PORTS, "api-server": 8080}.items():
            text = text.replace(f"{name}:{port}", f"127.0.0.1:{self.ports[name]}")
        data = self.settings.data
        return text.replace("/var/lib/armsledger/airflow", str(data.airflow)).replace(
            "/var/lib/armsledger/data", str(data.root)
        )

    def program(self, name: str, label: str | None = None) -> Program:
        """Say how a Python service of the compose file is started here."""
        words = [self.translate(word) for word in self.services[name].command]
        for number, word in enumerate(words[:-1]):
            if word == "--port":
                words[number + 1] = str(self.ports[name])
            if word == "--host":
                words[number + 1] = "127.0.0.1"
        if name in _WITHOUT_LOG_SERVER:
            words.append("--skip-serve-logs")
        if name == "worker":
            words += ["--celery-hostname", f"{label}@%h"]
        own = Path(sys.executable).with_name(words[0])
        return Program(
            (str(own if own.exists() else words[0]), *words[1:]),
            self.environment(name, label),
            self.log(label or name),
        )

    def environment(self, name: str, label: str | None = None) -> dict[str, str]:
        """Return a service's environment: the compose file's, over it the user's, over it what this machine needs.

        On object storage each worker has copies of its own, as if it were a machine of its own.
        """
        told = {key: self.translate(value) for key, value in self.services[name].environment.items()}
        here = {
            "AIRFLOW_HOME": str(self.settings.data.airflow),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{self.ports['api-server']}",
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.settings.data.airflow / "logs"),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self.ports["scheduler-health"]),
            "ARMSLEDGER_DATA": self.settings.data.address(),
            "ARMSLEDGER_SOURCES": str(self.settings.sources),
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        }
        if self.settings.data.storage.is_remote:
            scratch = self.settings.data.root.parent
            here["ARMSLEDGER_SCRATCH"] = str(scratch / label if label else scratch)
        return {**told, **os.environ, **here}

    def log(self, name: str) -> Path:
        """Return the file that a service's output goes to."""
        return self.settings.data.logs / f"cluster-{name}.log"


def serve_cluster(settings: Settings, *, port: int, reports_port: int) -> None:
    """Run the services until interrupted or terminated.

    Args:
        settings: settings.
        port: port of Airflow's page on 127.0.0.1.
        reports_port: port of the reports.

    Raises:
        ArmsledgerError: a program is missing, or a service keeps ending; the message names the package or the log.
    """
    postgres, redis = find_postgres(), find_redis()
    lake.initialise(settings.data)
    settings.data.logs.mkdir(parents=True, exist_ok=True)
    make_home(settings)
    cluster = describe(settings, port=port, reports_port=reports_port)
    supervisor = Supervisor()
    with told_to_stop() as stop:
        try:
            _start_postgres(cluster, supervisor, postgres, stop)
            _start_redis(cluster, supervisor, redis, stop)
            _prepare(cluster)
            for name in ("samples", "reports", "api-server"):
                supervisor.start(name, cluster.program(name))
            # a task that can't reach it fails, and would use up its retries
            _wait_for("api-server", lambda: _answers(cluster.ports["api-server"]), supervisor, stop)
            for name in ("scheduler", "dag-processor", "triggerer"):
                supervisor.start(name, cluster.program(name))
            for number in range(1, WORKERS + 1):
                supervisor.start(f"worker-{number}", cluster.program("worker", f"worker-{number}"))
            click.echo("all services are started")
            supervisor.watch(stop)
        finally:
            supervisor.end()


def describe(settings: Settings, *, port: int, reports_port: int) -> Cluster:
    """Choose places, ports and secrets of the cluster; secrets are kept, for Postgres knows its own."""
    folder = make_folder(settings)
    secrets = keep_secrets(folder)
    free = _free_ports([*INNER_PORTS, "scheduler-health"])
    ports = {**free, "api-server": port, "reports": reports_port}
    password = json.loads(passwords_file(settings).read_text(encoding="utf-8"))["admin"]
    secrets = {**secrets, "AIRFLOW_ADMIN_PASSWORD": password}
    services = read_services(PROJECT_ROOT / "docker-compose.yml", {**os.environ, **secrets})
    return Cluster(settings, folder, ports, services, secrets)


def find_postgres() -> Path:
    """Return the folder of Postgres's programs.

    Raises:
        SettingsError: it isn't installed.
    """
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: _number(path.parent.name))
    found = shutil.which("initdb")
    if folders:
        return folders[-1]
    if found:
        return Path(found).parent
    raise SettingsError("PostgreSQL is not installed; on Debian: apt install postgresql")


def find_redis() -> Path:
    """Return Redis's program.

    Raises:
        SettingsError: it isn't installed.
    """
    found = shutil.which("redis-server")
    if not found:
        raise SettingsError("Redis is not installed; on Debian: apt install redis-server")
    return Path(found)


def _number(version: str) -> float:
    return float(version) if version.replace(".", "", 1).isdigit() else 0.0


def make_folder(settings: Settings) -> Path:
    """Make the folder of Postgres and Redis.

    Postgres refuses to run as root. Where we are root it gets a user of its own, which may not look into Airflow's
    home; so the folder then lies below /var/tmp, named after the data directory.
    """
    if os.geteuid() != 0:
        folder = settings.data.airflow / "cluster"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    name = hashlib.sha256(str(settings.data.root).encode()).hexdigest()[:12]
    folder = Path("/var/tmp") / f"armsledger-{name}"
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != 0:
        raise SettingsError(f"{folder} belongs to somebody else; remove it and start again")
    return folder


def keep_secrets(folder: Path) -> dict[str, str]:
    """Return the cluster's secrets, made when it was first started."""
    path = folder / "secrets.json"
    if not path.exists():
        write_json(path, make_secrets(), is_secret=True)
    secrets: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return secrets


def _free_ports(names: list[str]) -> dict[str, int]:
    sockets = {name: socket.socket() for name in names}
    for probe in sockets.values():
        probe.bind(("127.0.0.1", 0))
    ports = {name: probe.getsockname()[1] for name, probe in sockets.items()}
    for probe in sockets.values():
        probe.close()
    return ports


def _as_user(name: str, *places: Path) -> tuple[str, ...]:
    """Give places to a user and say how to become it; where we aren't root, we are who we are."""
    if os.geteuid() != 0:
        return ()
    try:
        for place in places:
            shutil.chown(place, name, name)
    except LookupError as error:
        raise SettingsError(f"there is no user {name}; Debian's package makes it") from error
    return ("setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups", "--no-new-privs")


def _start_postgres(cluster: Cluster, supervisor: Supervisor, programs: Path, stop: threading.Event) -> None:
    home = cluster.folder / "postgres"
    home.mkdir(mode=0o700, exist_ok=True)
    secret = home / "password"
    secret.touch(mode=0o600)
    as_user = _as_user("postgres", home, secret)
    password, port = cluster.secrets["POSTGRES_PASSWORD"], str(cluster.ports["postgres"])
    if not (home / "db" / "PG_VERSION").exists():
        shutil.rmtree(home / "db", ignore_errors=True)
        command = [*as_user, str(programs / "initdb"), f"--pgdata={home}/db", "--username=airflow"]
        secret.write_text(password, encoding="utf-8")
        _require_success("initdb", [*command, "--auth=scram-sha-256", f"--pwfile={secret}"])
    secret.unlink()
    options = (f"--port={port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
    log = cluster.log("postgres")
    words = (*as_user, str(programs / "postgres"), "-D", f"{home}/db", *options)
    supervisor.start("postgres", Program(words, {"PATH": os.environ.get("PATH", "")}, log, SIGINT, is_base=True))
    create = [str(programs / "createdb"), "--host=127.0.0.1", f"--port={port}", "--username=airflow", "airflow"]
    environment = {**os.environ, "PGPASSWORD": password}

    def is_ready() -> bool:
        done = subprocess.run(create, env=environment, capture_output=True, text=True, check=False)
        return done.returncode == 0 or "already exists" in done.stderr

    _wait_for("postgres", is_ready, supervisor, stop)


def _start_redis(cluster: Cluster, supervisor: Supervisor, program: Path, stop: threading.Event) -> None:
    """Start Redis with the compose file's options, in a file: a command line is seen by everybody."""
    home = cluster.folder / "redis"
    home.mkdir(mode=0o700, exist_ok=True)
    words = cluster.services["redis"].command[1:]
    pairs = dict(zip(words[::2], words[1::2], strict=True))
    options = {name.removeprefix("--"): value for name, value in pairs.items()}
    options |= {"bind": "127.0.0.1", "port": str(cluster.ports["redis"]), "dir": str(home)}
    path = home / "redis.conf"
    path.touch(mode=0o600)
    path.write_text("".join(f'{name} "{value}"\n' for name, value in options.items()), encoding="utf-8")
    as_user = _as_user("redis", home, path)
    environment = {"PATH": os.environ.get("PATH", "")}
    supervisor.start(
        "redis", Program((*as_user, str(program), str(path)), environment, cluster.log("redis"), is_base=True)
    )

    _wait_for("redis", lambda: _answers(cluster.ports["redis"]), supervisor, stop)


def _prepare(cluster: Cluster) -> None:
    program = cluster.program("airflow-init")
    with program.log.open("ab") as log:
        done = subprocess.run(program.command, env=program.environment, stdout=log, stderr=log, check=False)
    if done.returncode != 0:
        raise ArmsledgerError(f"Airflow's database can't be brought up to date; see {program.log}")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(name: str, is_ready: Callable[[], bool], supervisor: Supervisor, stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        supervisor.require_alive(name)
        if stop.wait(0.2):
            raise ArmsledgerError("stopped before all services were started")
        if time.monotonic() > deadline:
            raise ArmsledgerError(f"{name} doesn't answer after {READY_SECONDS:.0f} seconds")


def _require_success(name: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        raise ArmsledgerError(f"{name} failed: {done.stderr.strip()[-500:]}")
