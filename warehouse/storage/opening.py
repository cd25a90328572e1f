"""From ``s3://bucket/prefix`` to a storage that is known to work."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warehouse.errors import SettingsError
from warehouse.storage.bucket import DEFAULT_ENDPOINT, Bucket
from warehouse.storage.mirror import MirrorStorage

if TYPE_CHECKING:
    from pathlib import Path

FIRST_PATIENCE = 10.0
"""Seconds: a server that is out of reach from the start is a wrong setting as a rule."""


def open_mirror(url: str, scratch: Path, *, patience: float) -> MirrorStorage:
    """Return the storage of a URL, after one look at its bucket.

    Args:
        url: ``s3://bucket`` or ``s3://bucket/prefix``. Server and keys come from ``AWS_ENDPOINT_URL``,
            ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and the other variables that boto3 knows.
        scratch: folder for the copies of this machine.
        patience: seconds for which failures that may pass are borne.

    Raises:
        SettingsError: it isn't such a URL.
        StorageError: the bucket can't be used; the message names the setting to look at.
    """
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError(f"ARMSLEDGER_DATA={parts.scheme}://…: set it to a folder, or to s3://bucket/prefix")
    prefix = "".join(f"{part}/" for part in parts.path.split("/") if part)
    bucket = Bucket(parts.netloc, prefix, patience)
    if bucket.endpoint != DEFAULT_ENDPOINT and "://" not in bucket.endpoint:
        raise SettingsError(f"AWS_ENDPOINT_URL={bucket.endpoint}: set it to a URL, such as http://127.0.0.1:9000")
    bucket.check(min(patience, FIRST_PATIENCE))
    told = re.sub(r"[^a-zA-Z0-9]+", "-", f"{parts.netloc}-{prefix}").strip("-")
    identity = hashlib.sha256(f"{bucket.endpoint} {parts.netloc} {prefix}".encode()).hexdigest()[:8]
    root = scratch / f"{told}-{identity}"
    root.mkdir(mode=0o700, exist_ok=True)
    return MirrorStorage(bucket, root)
