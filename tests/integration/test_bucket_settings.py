"""Settings that lead to a bucket, wrong ones, and keys that nothing tells."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from floor_samples import promote_articles
from s3_server import KEY, SECRET, ObjectServer

from warehouse.errors import SettingsError, StorageError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from machines import Machines


def test_settings_lead_to_a_bucket(
    object_server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARMSLEDGER_SCRATCH", str(tmp_path / "scratch"))
    data = Settings.from_environment().data
    assert data.address() == "s3://lake/news"
    assert data.root.parent == tmp_path / "scratch"
    assert data.root.stat().st_mode & 0o077 == 0, "copies are for their owner alone"
    promote_articles(data, "load-1")
    assert "news/raw/articles/manifest.json" in object_server.list_keys()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (("ARMSLEDGER_DATA", "s3://nowhere/news"), "ARMSLEDGER_DATA: there is no bucket of s3://nowhere/news/ at http"),
        (("ARMSLEDGER_DATA", "s3:///news"), "ARMSLEDGER_DATA=.*: set it to a folder, or to s3://bucket/prefix"),
        (("ARMSLEDGER_DATA", "gs://lake/news"), "ARMSLEDGER_DATA=.*: set it to a folder, or to s3://bucket/prefix"),
        (("AWS_ACCESS_KEY_ID", "AKIAWRONG"), r"refuses access \(InvalidAccessKeyId\); check AWS_ACCESS_KEY_ID"),
        (("AWS_ACCESS_KEY_ID", ""), "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), "http://127.0.0.1:1 can't be reached .*; check AWS_ENDPOINT_URL"),
        (("AWS_ENDPOINT_URL", "127.0.0.1:9000"), "AWS_ENDPOINT_URL"),
        (("ARMSLEDGER_S3_PATIENCE", "long"), "ARMSLEDGER_S3_PATIENCE=long"),
        (("ARMSLEDGER_SCRATCH", "/dev/null/x"), "ARMSLEDGER_SCRATCH=/dev/null/x: can't be used as a folder"),
    ],
)
def test_a_wrong_setting_is_named(
    object_server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: tuple[str, str], told: str
) -> None:
    assert object_server.url
    monkeypatch.setenv("ARMSLEDGER_SCRATCH", str(tmp_path))
    monkeypatch.setenv("ARMSLEDGER_S3_PATIENCE", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(*setting)
    with pytest.raises((SettingsError, StorageError), match=told):
        Settings.from_environment()


def test_keys_are_in_no_log_and_in_no_object(
    machines: Machines, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    data = machines.initialised()
    promote_articles(data, "load-1")
    machines.server.refuse = lambda method, path: 403
    with pytest.raises(StorageError) as failure:
        promote_articles(machines.start(patience=0), "load-2")
    assert KEY not in str(failure.value)
    assert SECRET not in caplog.text + str(failure.value) + repr(data)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
