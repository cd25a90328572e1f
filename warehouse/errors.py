"""Errors a user can act on: each message names the file, table or field and the way out."""


class ArmsledgerError(Exception):
    """Base of every error that the command lines print as one line without a traceback."""


class SettingsError(ArmsledgerError):
    """A setting (environment variable) has a value that can't be used."""


class ContractError(ArmsledgerError):
    """Rows don't have the shape that the table's contract declares."""


class LakeError(ArmsledgerError):
    """A load, manifest or Parquet file of the lake is missing, damaged or in the wrong state."""


class GateError(ArmsledgerError):
    """A load or candidate has no passing receipt for exactly this content."""


class BuildError(ArmsledgerError):
    """dbt could not build a candidate."""


class ReleaseError(ArmsledgerError):
    """A release could not be published, listed, read or rolled back."""


class StorageError(ArmsledgerError):
    """Object storage can't be reached, refuses, or fails for longer than it may."""


class SparkError(ArmsledgerError):
    """Spark is missing, can't start, or a task failed on it."""


class OutOfMemoryError(ArmsledgerError, MemoryError):
    """The process may not take the memory that it needs; the files that it read are sound."""
