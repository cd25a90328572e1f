"""The services of docker-compose.yml, without Docker: the file is valid, and each command line does its work here."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner

import dags.__main__
from warehouse.errors import ArmsledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SECRETS = {
    "POSTGRES_PASSWORD": "postgres-of-this-test",
    "REDIS_PASSWORD": "redis-of-this-test",
    "AIRFLOW_SECRET_KEY": "secret-key-of-this-test-secret-key-of-this-test",
    "AIRFLOW_JWT_SECRET": "jwt-secret-of-this-test-jwt-secret-of-this-test",
    "AIRFLOW_FERNET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "AIRFLOW_ADMIN_PASSWORD": "admin-of-this-test",
}
DEADLINE_SECONDS = 420


def compose(*arguments: str, secrets: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run docker-compose, which needs no engine for `config`."""
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed (Debian: apt install docker-compose)")
    environment = {key: value for key, value in os.environ.items() if key not in SECRETS}
    return subprocess.run(
        ["docker-compose", "--file", str(PROJECT / "docker-compose.yml"), *arguments],
        env={**environment, **secrets},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_file_is_valid_and_every_port_is_local() -> None:
    done = compose("config", secrets=SECRETS)
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert {"postgres", "redis", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "reports"} <= set(
        services
    )
    for name, service in services.items():
        for port in service.get("ports", []):
            published = port if isinstance(port, str) else port["host_ip"]
            assert str(published).startswith("127.0.0.1"), f"{name} is open to the network"
        if name != "airflow-init":
            assert service["healthcheck"]["test"], f"{name} has no health check"


def test_every_service_is_unprivileged() -> None:
    services = yaml.safe_load(compose("config", secrets=SECRETS).stdout)["services"]
    for name, service in services.items():
        user = str(service.get("user", ""))
        assert user.partition(":")[0] not in ("", "0", "root"), f"{name} runs as root"
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        for power in ("privileged", "cap_add", "devices", "pid", "ipc", "network_mode"):
            assert power not in service, f"{name} has {power}"
        places = [volume if isinstance(volume, str) else volume["source"] for volume in service.get("volumes", [])]
        assert not [place for place in places if place.startswith((".", "/"))], f"{name} sees folders of the host"


def test_the_image_holds_only_tracked_files_and_no_secret() -> None:
    lines = (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]]
    listed = subprocess.run(["git", "-C", str(PROJECT), "ls-files", "--", *copied], capture_output=True, check=False)
    assert copied
    if listed.returncode == 0:
        untracked = [name for name in copied if not listed.stdout.decode().count(name)]
        assert not untracked, f"the image copies {untracked}"
    assert ".env" in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if re.search(r"(?i)^\s*(ARG|ENV).*(password|secret|token|_key)", line)]
    assert [line for line in lines if line.startswith("USER ")] == ["USER airflow"]


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_secret_has_a_default(name: str) -> None:
    done = compose("config", secrets={key: value for key, value in SECRETS.items() if key != name})
    assert done.returncode != 0
    assert "make env" in done.stderr


def test_make_env_writes_every_secret_once_and_only_for_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dags.__main__, "PROJECT_ROOT", tmp_path)
    assert CliRunner().invoke(dags.__main__.cli, ["env"]).exit_code == 0
    path = tmp_path / ".env"
    values = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())
    assert set(SECRETS) <= set(values)
    assert len(set(values.values())) == len(values)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    again = CliRunner().invoke(dags.__main__.cli, ["env"])
    assert isinstance(again.exception, ArmsledgerError)
    assert path.read_bytes() == before


@dataclass
class Cluster:
    """The services as processes of this machine."""

    folder: Path
    services: dict[str, Any]
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def translate(self, text: str) -> str:
        """Put this machine's addresses and folders in the place of the containers'."""
        for name, port in (("postgres", 5432), ("redis", 6379), ("api-server", 8080), ("samples", 8091)):
            text = text.replace(f"{name}:{port}", f"127.0.0.1:{self.ports[name]}")
        return text.replace("/var/lib/armsledger", str(self.folder))

    def environment(self, name: str) -> dict[str, str]:
        """Return the environment of one service."""
        told = {key: self.translate(str(value)) for key, value in self.services[name]["environment"].items()}
        base = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "ARMSLEDGER"))}
        return {
            **base,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "ARMSLEDGER_DATA": str(self.folder / "data"),
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(self.ports["worker-logs"]),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(self.ports["triggerer-logs"]),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self.ports["scheduler-health"]),
            **told,
        }

    def command(self, name: str) -> list[str]:
        """Return the command line of one service, with its port and address on this machine."""
        words = list(self.services[name]["command"])
        for number, word in enumerate(words[:-1]):
            if word == "--port":
                words[number + 1] = str(self.ports[name])
            if word == "--host":
                words[number + 1] = "127.0.0.1"
        return words

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Start one service; its output goes to a file of its name."""
        log = (self.folder / f"{name}.log").open("wb")
        self.processes[name] = subprocess.Popen(
            command,
            env=environment or self.environment(name),
            cwd=self.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
        )

    def log_of(self, name: str) -> str:
        """Return the end of a service's output."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def stop(self) -> None:
        """End every service, the last started first."""
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in reversed(self.processes.values()):
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(what: str, is_ready: Any, *, seconds: float) -> None:
    """Wait until a condition holds; fail with its name when it doesn't in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_ready():
            return
        time.sleep(1)
    pytest.fail(f"{what} was not ready within {seconds:.0f} s")


def accepts(port: int) -> bool:
    """Whether something listens on a local port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(names: list[str]) -> dict[str, int]:
    """Return a free port for each name."""
    sockets = {name: socket.socket() for name in names}
    for probe in sockets.values():
        probe.bind(("127.0.0.1", 0))
    ports = {name: probe.getsockname()[1] for name, probe in sockets.items()}
    for probe in sockets.values():
        probe.close()
    return ports


def start_postgres(cluster: Cluster) -> None:
    """Start a Postgres server with the user, database and password of the compose file."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    home = cluster.folder / "postgres"
    home.mkdir()
    secret = cluster.folder / "postgres-password"
    secret.write_text(SECRETS["POSTGRES_PASSWORD"], encoding="utf-8")
    as_owner: list[str] = []
    if os.geteuid() == 0:  # Postgres refuses to run as root
        for path in (home, secret):
            shutil.chown(path, "postgres", "postgres")
        for folder in (cluster.folder, *cluster.folder.parents):
            if folder.stat().st_uid == 0 and folder != Path("/"):
                folder.chmod(folder.stat().st_mode | 0o011)
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    initdb = [
        *as_owner,
        str(programs[-1] / "initdb"),
        f"--pgdata={home}/db",
        "--username=airflow",
        "--auth=scram-sha-256",
    ]
    subprocess.run([*initdb, f"--pwfile={secret}"], check=True, capture_output=True, cwd="/")
    port = cluster.ports["postgres"]
    options = [f"--port={port}", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={home}"]
    cluster.start(
        "postgres", [*as_owner, str(programs[-1] / "postgres"), "-D", f"{home}/db", *options], dict(os.environ)
    )
    environment = {**os.environ, "PGPASSWORD": SECRETS["POSTGRES_PASSWORD"]}
    create = ["createdb", "--host=127.0.0.1", f"--port={port}", "--username=airflow", "airflow"]
    wait_for(
        "postgres",
        lambda: subprocess.run(create, env=environment, check=False, capture_output=True).returncode == 0,
        seconds=30,
    )


def start_redis(cluster: Cluster) -> None:
    """Start Redis with the compose file's command line."""
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed (Debian: apt install redis-server)")
    command = [*cluster.services["redis"]["command"], "--port", str(cluster.ports["redis"]), "--bind", "127.0.0.1"]
    cluster.start("redis", command, dict(os.environ))
    wait_for("redis", lambda: accepts(cluster.ports["redis"]), seconds=20)


def ask(url: str, *, token: str | None = None, body: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    """Ask Airflow's page; give status and answer."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}


def assert_login_is_on(address: str, password: str) -> None:
    """Airflow's page shows and does nothing without the password."""
    assert ask(f"{address}/api/v2/dags")[0] == 401
    assert (
        ask(f"{address}/api/v2/dags/ingest_articles/dagRuns", body={"logical_date": "2026-01-01T00:00:00Z"})[0] == 401
    )
    assert ask(f"{address}/auth/token", body={"username": "admin", "password": "admin"})[0] == 401
    status, told = ask(f"{address}/auth/token", body={"username": "admin", "password": password})
    assert status == 201
    status, told = ask(f"{address}/api/v2/dags", token=told["access_token"])
    assert status == 200
    assert told["total_entries"] >= 5


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Start every service of the compose file, on one empty data directory."""
    services = yaml.safe_load(compose("config", secrets=SECRETS).stdout)["services"]
    names = [*services, "worker-logs", "triggerer-logs", "scheduler-health"]
    running = Cluster(tmp_path, services, free_ports(names))
    try:
        start_postgres(running)
        start_redis(running)
        (tmp_path / "airflow").mkdir()
        prepared = subprocess.run(
            running.command("airflow-init"),
            env=running.environment("airflow-init"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert prepared.returncode == 0, prepared.stderr[-3000:]
        for name in ("samples", "api-server", "reports", "dag-processor", "scheduler", "triggerer", "worker"):
            running.start(name, running.command(name))
        yield running
    finally:
        running.stop()


@pytest.mark.slow
def test_services_bring_articles_to_a_release_through_celery(cluster: Cluster) -> None:
    published = cluster.folder / "data" / "warehouse" / "armsledger.duckdb"

    def is_published() -> bool:
        ended = {name: process.poll() for name, process in cluster.processes.items() if process.poll() is not None}
        assert not ended, "\n".join(f"{name} ended with {code}: {cluster.log_of(name)}" for name, code in ended.items())
        return published.exists()

    wait_for("the release", is_published, seconds=DEADLINE_SECONDS)
    health = f"http://127.0.0.1:{cluster.ports['api-server']}/api/v2/monitor/health"
    with urllib.request.urlopen(health, timeout=20) as answer:
        told = answer.read().decode()
    assert told.count('"healthy"') >= 4, told
    assert_login_is_on(f"http://127.0.0.1:{cluster.ports['api-server']}", SECRETS["AIRFLOW_ADMIN_PASSWORD"])
    with urllib.request.urlopen(f"http://127.0.0.1:{cluster.ports['reports']}/", timeout=20) as answer:
        assert answer.status == 200
    assert "succeeded" in (cluster.folder / "worker.log").read_text(encoding="utf-8", errors="replace")
