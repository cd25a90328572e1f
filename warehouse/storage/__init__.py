"""Where the data directory lies: in a local folder, or in a bucket of S3-compatible storage with a local copy.

Everything above works on local files and says through a `Storage` what shall become visible to others, and when.
"""

from warehouse.storage.base import Storage
from warehouse.storage.local import LOCAL, LocalStorage

__all__ = ["LOCAL", "LocalStorage", "Storage"]
