"""Airflow's page as its users reach it: with a login, through its API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any


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


@dataclass
class Page:
    """A running Airflow, asked as a user who has logged in.

    Attributes:
        address: base URL.
        password: of the user admin.
    """

    address: str
    password: str
    _token: str | None = None

    def get(self, path: str) -> dict[str, Any]:
        """Ask for a path of the API; nothing while Airflow is starting or its database is away."""
        try:
            if self._token is None:
                body = {"username": "admin", "password": self.password}
                self._token = ask(f"{self.address}/auth/token", body=body)[1].get("access_token")
            return ask(f"{self.address}/api/v2/{path}", token=self._token)[1] if self._token else {}
        except (OSError, json.JSONDecodeError):
            return {}

    def list_runs(self) -> dict[str, str]:
        """Return the state of the last run of each DAG that has one."""
        runs = self.get("dags/~/dagRuns?order_by=id&limit=100").get("dag_runs", [])
        return {run["dag_id"]: run["state"] for run in runs}

    def list_tasks(self) -> dict[str, tuple[str, int]]:
        """Return state and number of tries of each task instance of any run."""
        told = self.get("dags/~/dagRuns/~/taskInstances?limit=500").get("task_instances", [])
        return {
            f"{task['dag_id']}.{task['task_id']}[{task['map_index']}]": (task["state"], task["try_number"])
            for task in told
        }
