"""Looks for secrets in everything that a run has written, whatever form a file has."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyarrow.parquet as pq

from warehouse import database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def find_secrets(folder: Path, secrets: Mapping[str, str]) -> list[str]:
    """Return ``file: name of the secret`` for each secret that a file below a folder holds, plain or URL-quoted."""
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        texts = list(_read(path))
        for name, secret in secrets.items():
            forms = {secret.encode(), quote(secret, safe="").encode()}
            if any(form in text for form in forms for text in texts):
                found.append(f"{path.relative_to(folder)}: {name}")
    return found


def _read(path: Path) -> Iterator[bytes]:
    """Give a file's bytes, and what compression or encoding hides in them."""
    yield str(path).encode()
    content = path.read_bytes()
    yield content
    if path.suffix == ".gz":
        yield gzip.decompress(content)
    elif path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist()).encode()
    elif path.suffix == ".duckdb":
        sql = "select table_schema || '.' || table_name as name from information_schema.tables"
        for name in database.query(path, sql)["name"].to_pylist():
            yield str(database.query(path, f"from {name}").to_pylist()).encode()
