"""Several machines that share one bucket: each has its own copies, and nothing else in common."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s3_server import BUCKET, ObjectServer

from warehouse import lake
from warehouse.settings import DataDirectory
from warehouse.storage.bucket import Bucket
from warehouse.storage.mirror import MirrorStorage

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Machines:
    """Makes machines.

    Attributes:
        server: what they share.
        folder: where their copies lie.
        prefix: of all objects.
    """

    server: ObjectServer
    folder: Path
    prefix: str = "news/"
    _made: int = field(default=0)

    def start(self, *, name: str | None = None, patience: float = 20.0, lease_seconds: float = 30.0) -> DataDirectory:
        """Return the data directory as a machine sees it; one of a known name finds its copies again."""
        self._made += 1
        root = self.folder / (name or f"machine_{self._made}")
        root.mkdir(parents=True, exist_ok=True)
        storage = MirrorStorage(Bucket(BUCKET, self.prefix, patience), root, lease_seconds)
        return DataDirectory(root, storage)

    def copy(self, name: str) -> Machines:
        """Return the same machines with a copy of all that they have, so that a test may spoil it."""
        client = self.server.client()
        for key in self.server.list_keys():
            if key.startswith(self.prefix):
                target = f"{name}/{key.removeprefix(self.prefix)}"
                client.copy_object(Bucket=BUCKET, Key=target, CopySource={"Bucket": BUCKET, "Key": key})
        shutil.copytree(self.folder, self.folder.with_name(name))
        return Machines(self.server, self.folder.with_name(name), f"{name}/")

    def initialised(self, **options: float | str) -> DataDirectory:
        """Return the data directory of a machine that has made what every lake has."""
        data = self.start(**options)  # type: ignore[arg-type]
        lake.initialise(data)
        return data
