"""Writing files in one step, and secrets so that nobody else can read them."""

from __future__ import annotations

import json
import os

import pytest

from warehouse.errors import ArmsledgerError
from warehouse.files import exclusive, write_json


@pytest.fixture
def _open_umask():
    former = os.umask(0)
    yield
    os.umask(former)


@pytest.mark.usefixtures("_open_umask")
def test_a_secret_is_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "passwords.json"
    write_json(path, {"admin": "former"})
    assert path.stat().st_mode & 0o777 == 0o666
    write_json(path, {"admin": "present"}, is_secret=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text(encoding="utf-8")) == {"admin": "present"}


def test_a_document_that_cannot_be_written_leaves_the_former_one(tmp_path):
    path = tmp_path / "manifest.json"
    write_json(path, {"sequence": 1})
    with pytest.raises(TypeError):
        write_json(path, {("no", "key"): 2})
    assert json.loads(path.read_text(encoding="utf-8")) == {"sequence": 1}


def test_a_lock_that_is_held_can_be_refused_instead_of_waited_for(tmp_path):
    lock = tmp_path / "lock"
    with (
        exclusive(lock),
        pytest.raises(ArmsledgerError, match="somebody works here"),
        exclusive(lock, busy="somebody works here"),
    ):
        pytest.fail("two holders of one lock")
    with exclusive(lock, busy="somebody works here"):
        assert lock.exists()
