"""The services of docker-compose.yml as the file declares them; that they work is tested by `test_cluster.py`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import dags.__main__
from dags.compose_file import read_services
from warehouse.errors import ArmsledgerError

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


def test_a_bucket_takes_the_place_of_the_shared_folder() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": "http://store:9000"}
    plain = read_services(PROJECT / "docker-compose.yml", SECRETS)["worker"].environment
    assert plain["ARMSLEDGER_DATA"] == "/var/lib/armsledger/data"
    led = read_services(PROJECT / "docker-compose.yml", {**SECRETS, **keys, "ARMSLEDGER_BUCKET": "s3://lake/news"})
    for name in ("api-server", "scheduler", "dag-processor", "triggerer", "worker", "reports", "airflow-init"):
        environment = led[name].environment
        assert environment["ARMSLEDGER_DATA"] == "s3://lake/news", name
        assert keys.items() <= environment.items(), name


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
