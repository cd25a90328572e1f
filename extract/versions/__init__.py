"""Two versions of the extractor beside each other: what the newer one gains, loses and changes."""
