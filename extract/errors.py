"""Errors of acquisition that a user can act on."""

from __future__ import annotations

from warehouse.errors import ArmsledgerError


class RegistryError(ArmsledgerError):
    """The source registry can't be read; the message names file, source and field."""


class ArchiveError(ArmsledgerError):
    """The archived responses of a load can't be read."""


class InputError(ArmsledgerError):
    """A file or folder named on the command line can't be used."""


class SourceUnreachable(ArmsledgerError):
    """A source gave nothing at all: its feed, sitemap or folder could not be read.

    Attributes:
        source_id: source.
        reason: named reason, as in ``ops.refusals``.
    """

    def __init__(self, source_id: str, reason: str, detail: str) -> None:
        super().__init__(f"source {source_id}: {detail} [{reason}]")
        self.source_id = source_id
        self.reason = reason
