"""A full disk and too little memory are told by their names, with the file, what is safe, and the way out."""

from __future__ import annotations

import contextlib
import errno
import resource

import pyarrow as pa
import pytest

from warehouse.disk import full_disk_as
from warehouse.errors import LakeError, OutOfMemoryError
from warehouse.files import write_json
from warehouse.memory import out_of_memory
from warehouse.parquet import read_rows, write_rows
from warehouse.storage import LOCAL

ROWS = pa.table({"a": list(range(100))})


@contextlib.contextmanager
def largest_file(size):
    """Let no file grow beyond this size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_json(path, {"loads": ["load-1"] * 100}),
        lambda path: LOCAL.write_json(path, {"loads": ["load-1"] * 100}),
        lambda path: write_rows(path, ROWS),
    ],
)
def test_each_way_to_write_a_file_names_it_when_the_disk_is_full(tmp_path, write):
    path = tmp_path / "folder" / "manifest.json"
    said = rf"^{path}: the disk is full.*free some space.*run the command again.*What was promoted is safe"
    with largest_file(100), pytest.raises(LakeError, match=said):
        write(path)
    assert not path.exists()
    write(path)
    assert path.stat().st_size > 100


def test_other_errors_of_the_system_pass_as_they_are(tmp_path):
    with pytest.raises(PermissionError), full_disk_as(LakeError, tmp_path):
        raise PermissionError(errno.EACCES, "no")


def test_a_reader_without_memory_doesnt_call_the_file_damaged(tmp_path, monkeypatch):
    path = tmp_path / "rows.parquet"
    write_rows(path, ROWS)
    message = "Unknown error: Failed to launch worker thread: Resource temporarily unavailable"

    def scan(*arguments, **options):
        raise pa.ArrowException(message)

    monkeypatch.setattr("warehouse.parquet._dataset", scan)
    with pytest.raises(OutOfMemoryError, match=rf"{path}: out of memory.*Failed to launch.*tells nothing of the file"):
        read_rows(ROWS.schema, [path])


def test_running_out_of_memory_can_be_caught_as_such():
    assert isinstance(out_of_memory("x.parquet", MemoryError()), MemoryError)
