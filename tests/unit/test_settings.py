"""Settings: defaults, values from the environment, and a value that can't be used named with its variable."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from warehouse import command_line
from warehouse.errors import SettingsError
from warehouse.settings import PROJECT_ROOT, DataDirectory, Settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    for name in ("ARMSLEDGER_DATA", "ARMSLEDGER_SOURCES", "ARMSLEDGER_DBT_THREADS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("value", [None, ""])
def test_what_is_not_set_has_its_default(monkeypatch, value):
    if value is not None:
        for name in ("ARMSLEDGER_DATA", "ARMSLEDGER_SOURCES", "ARMSLEDGER_DBT_THREADS"):
            monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    assert settings.data.root == PROJECT_ROOT / "data"
    assert settings.sources == PROJECT_ROOT / "extract" / "sources.toml"
    assert (settings.dbt_threads, settings.kept_releases) == (2, 10)


def test_relative_paths_and_the_home_folder_become_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ARMSLEDGER_DATA", "lake")
    monkeypatch.setenv("ARMSLEDGER_SOURCES", "~/feeds.toml")
    monkeypatch.setenv("ARMSLEDGER_DBT_THREADS", "7")
    settings = Settings.from_environment()
    assert settings.data.root == tmp_path.resolve() / "lake"
    assert settings.sources == tmp_path.resolve() / "home" / "feeds.toml"
    assert settings.dbt_threads == 7


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_threads_that_is_none_is_named(monkeypatch, value):
    monkeypatch.setenv("ARMSLEDGER_DBT_THREADS", value)
    with pytest.raises(SettingsError, match=f"ARMSLEDGER_DBT_THREADS={value}: set it to a whole number from 1"):
        Settings.from_environment()


def test_a_url_for_the_data_directory_is_named(monkeypatch):
    monkeypatch.setenv("ARMSLEDGER_DATA", "gs://bucket/lake")
    with pytest.raises(SettingsError, match="ARMSLEDGER_DATA=gs://…: set it to a folder, or to s3://bucket/prefix"):
        Settings.from_environment()


def test_every_place_lies_below_the_root_and_has_one_name():
    data = DataDirectory(Path("/lake"))
    places = [getattr(data, name) for name, value in vars(DataDirectory).items() if isinstance(value, property)]
    assert len(places) == len(set(places))
    assert all(place.is_relative_to(data.root) for place in places)


def run_command(error, capsys):
    @click.command()
    def command():
        if error is not None:
            raise error

    with pytest.raises(SystemExit) as ended:
        command_line.run(command, "python -m x")
    return ended.value.code, capsys.readouterr().err


def test_a_command_line_ends_in_one_line_for_what_the_user_can_mend(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["x"])
    assert run_command(None, capsys) == (0, "")
    assert run_command(SettingsError("X=1: set it to 2"), capsys) == (1, "error: X=1: set it to 2\n")
    full = OSError(28, "No space left on device", "/lake/raw/x.parquet")
    assert run_command(full, capsys) == (
        1,
        "error: /lake/raw/x.parquet: the disk is full; free some space and run the command again\n",
    )


def test_a_command_line_shows_a_programming_error_in_full(monkeypatch):
    @click.command()
    def command():
        raise FileNotFoundError(2, "No such file", "x")

    monkeypatch.setattr("sys.argv", ["x"])
    with pytest.raises(FileNotFoundError):
        command_line.run(command, "python -m x")


def test_a_data_directory_that_is_a_file_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("ARMSLEDGER_DATA", str(tmp_path / "file"))
    with pytest.raises(SettingsError, match=r"ARMSLEDGER_DATA=.*file: can't be used as a folder"):
        Settings.from_environment()
