"""Known vulnerabilities of the locked packages: ``make audit``. Says how many packages were really looked up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements-setup.lock", "requirements.lock", "requirements-spark.lock")
"""The small one first: whether the database answers at all is seen on it."""


def main(options: list[str], locks: list[Path]) -> int:
    """Audit the locks.

    Args:
        options: further options of pip-audit, for instance ``-s osv``.
        locks: files to audit.

    Returns:
        0: every package was looked up and none is known to be vulnerable; 1: some are; 2: the database could not be
        had, or doesn't know some packages, so that nothing is proven.
    """
    vulnerable = unknown = 0
    for lock in locks:
        found = _audit(lock, options)
        if found is None:
            return 2
        looked_up = [package for package in found if "skip_reason" not in package]
        print(f"{lock.name}: audited {len(looked_up)} of {len(found)} packages")
        for package in looked_up:
            for known in package["vulns"]:
                fixed = ", ".join(known["fix_versions"]) or "no release yet"
                print(f"  {package['name']} {package['version']}: {known['id']}, fixed in {fixed}")
                vulnerable += 1
        unknown += len(found) - len(looked_up)
        if found and not looked_up:
            print("error: the database knows none of them, so nothing was audited; run this where it can be reached")
            return 2
    if vulnerable:
        return 1
    return 2 if unknown else 0


def _audit(lock: Path, options: list[str]) -> list[dict] | None:
    command = [str(Path(sys.executable).with_name("pip-audit")), "--requirement", str(lock), "--require-hashes"]
    command += ["--disable-pip", "--format", "json", "--desc", "off", "--progress-spinner", "off", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        why = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"error: {lock.name}: nothing was audited, the database of vulnerabilities can't be had: {why[:300]}")
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], [PROJECT / name for name in LOCKS]))
