"""Polite and safe HTTP: robots, one request per host at a time, guarded addresses, caps, retries, archive, replay."""
