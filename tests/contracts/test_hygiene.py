"""What must never be committed, and what every dependency must tell: its reason and a licence that suits Apache-2.0."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NOT_OURS = {".venv", ".git", "data", "build", "__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache"}

# letters in brackets keep these patterns from finding themselves here
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.~}])/(?:[r]oot|[w]ork|home/(?!airflow)\w+|[U]sers/\w+)/|\b[C]:\\+Users",
    "a host of a package registry": r"py[p]i\.org|python[h]osted|npm[j]s\.(?:org|com)|deb\.[d]ebian|yarn[p]kg\.com",
    "a private key": r"-----[B]EGIN [A-Z ]*PRIVATE KEY",
    "a token of a cloud or code host": r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|xox[abpr]-[\w-]{10,}|AIza[\w-]{35})",
    "a Fernet key": r"(?<![\w+/=-])[\w-]{43}=(?![\w=])",
    "a password in a URL": r"\w://[^\s/:@${}\"'<>]+:[^\s/:@${}\"'<>]+@",
    "a secret with a value": (
        r"(?i)(?:password|secret|token|api_?key)\w*[\"']?\s*[:=]\s*[\"']?(?=\w*\d)(?=\w*[a-z])[\w+/-]{16,}"
    ),
}
"""What no tracked text file may hold."""

ALLOWED = {
    ("a Fernet key", "tests/integration/test_services.py"): "a key of that test alone, for services it starts and ends",
}
"""Files that hold it all the same, and why."""

LICENCE_EXCEPTIONS = {
    "text-unidecode": "offered under the Artistic Licence or the GPL: taken under the first",
    "tld": "offered under MPL-1.1, GPL-2.0 or LGPL-2.1: taken under the first",
}
"""Distributions whose metadata names the GPL, and why they may be used all the same."""


def list_tracked():
    """List the files of the repository; of a folder without its history, all that isn't made by a command."""
    ended = subprocess.run(["git", "-C", str(PROJECT), "ls-files", "-z"], capture_output=True, check=False)
    if ended.returncode == 0 and ended.stdout:
        return [PROJECT / name for name in ended.stdout.decode().split("\0") if name]
    return [path for path in PROJECT.rglob("*") if path.is_file() and not NOT_OURS & set(path.parts)]


def read_texts():
    for path in list_tracked():
        if path.is_file():
            content = path.read_bytes()
            if b"\0" not in content:
                yield path.relative_to(PROJECT).as_posix(), content.decode("utf-8", errors="replace")


def find_lines(pattern, text):
    compiled = re.compile(pattern)
    return [number for number, line in enumerate(text.splitlines(), start=1) if compiled.search(line)]


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=list(FORBIDDEN))
def test_no_tracked_file_holds(what, pattern):
    found = [f"{name}:{line}" for name, text in read_texts() for line in find_lines(pattern, text)]
    found = [place for place in found if (what, place.rpartition(":")[0]) not in ALLOWED]
    assert not found, f"{what} in {', '.join(found)}"


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of somebody's machine", "cd /" + "home/ada/armsledger"),
        ("a path of somebody's machine", "see /" + "root/notes"),
        ("a host of a package registry", "https://py" + "pi.org/simple"),
        ("a private key", "-----" + "BEGIN RSA PRIVATE KEY-----"),
        ("a token of a cloud or code host", "gh" + "p_" + "a1" * 18),
        ("a Fernet key", "key: " + "Ab3-" * 10 + "xyz="),
        ("a password in a URL", "postgresql://airflow:" + "airflow@postgres/airflow"),
        ("a secret with a value", "POSTGRES_PASSWORD=" + "correct4horse9battery"),
    ],
)
def test_each_pattern_finds_what_it_is_for(what, line):
    assert find_lines(FORBIDDEN[what], line) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?run make env}",
        "postgresql://airflow:${POSTGRES_PASSWORD}@postgres/airflow",
        "ENV AIRFLOW_HOME=/home/airflow/data",
        "token = secrets.token_urlsafe(32)",
    ],
)
def test_no_pattern_finds_what_is_meant_to_be_there(line):
    assert [what for what, pattern in FORBIDDEN.items() if find_lines(pattern, line)] == []


def test_no_lock_names_a_download_address():
    locks = [(name, text) for name, text in read_texts() if name.endswith((".lock", "package-lock.json"))]
    assert {"requirements.lock", "requirements-setup.lock", "requirements-spark.lock"} <= {name for name, _ in locks}
    found = [f"{name}:{line}" for name, text in locks for line in find_lines(r"https?://|\"resolved\"", text)]
    assert not found, f"download addresses in {', '.join(found)}"


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "requirements-setup.lock",
        "requirements-spark.lock",
        "tests/integration/duckdb-1.4.lock",
    ],
)
def test_every_locked_package_has_a_hash(name):
    text = (PROJECT / name).read_text(encoding="utf-8")
    packages = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_every_locked_package_of_the_atlas_has_a_hash_an_exact_version_and_a_free_licence():
    folder = PROJECT / "warehouse" / "atlas" / "frontend"
    packages = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    root = packages.pop("")
    direct = {**root["dependencies"], **root["devDependencies"]}
    assert [name for name, version in direct.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    licences = {name: entry.get("license") for name, entry in packages.items()}
    shipped = {"MIT", "Apache-2.0", "0BSD", "BSD-3-Clause", "ISC"}
    wrong = {name: told for name, told in licences.items() if told not in shipped}
    # axe-core is run by the tests alone; json-bignum tells its licence, MIT, in a field that npm no longer reads
    assert wrong == {"node_modules/axe-core": "MPL-2.0", "node_modules/json-bignum": None}


def test_spark_goes_on_top_of_the_other_packages_and_changes_none():
    main, spark = (
        dict(
            re.findall(
                r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", (PROJECT / name).read_text(encoding="utf-8"), re.MULTILINE
            )
        )
        for name in ("requirements.lock", "requirements-spark.lock")
    )
    assert "pyspark" in spark
    assert "pyspark" not in main, "it would double the time of the first set-up"
    assert {name: pin for name, pin in spark.items() if main.get(name, pin) != pin} == {}


def test_no_file_of_secrets_or_data_is_tracked():
    names = [path.relative_to(PROJECT).as_posix() for path in list_tracked()]
    assert [name for name in names if re.search(r"(^|/)\.env$|\.(duckdb|parquet|warc\.gz|pem|key)$|^data/", name)] == []


def test_every_direct_dependency_tells_its_reason():
    """The reason stands behind the dependency, or on a line of its own right above it, after a colon."""
    lines = (PROJECT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads("\n".join(lines))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    silent = []
    for requirement in (requirement for group in groups for requirement in group):
        number = next(n for n, line in enumerate(lines) if line.strip().startswith(f'"{requirement}"'))
        above = lines[number - 1].strip()
        if "#" not in lines[number] and not (above.startswith("#") and ":" in above):
            silent.append(requirement)
    assert not silent, f"pyproject.toml: say in a comment why {', '.join(silent)} is needed"


def test_the_project_is_under_apache_2():
    text = " ".join((PROJECT / "LICENSE").read_text(encoding="utf-8").split())
    assert text.startswith("Apache License Version 2.0, January 2004")
    assert "END OF TERMS AND CONDITIONS" in text
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"] == "Apache-2.0"


def tell_licence(distribution):
    """Put together what metadata says; of a whole licence text only its head, as the rest quotes bundled parts."""
    metadata = distribution.metadata
    classifiers = [line for line in metadata.get_all("Classifier", []) if line.startswith("License")]
    return " | ".join([metadata.get("License-Expression") or "", (metadata.get("License") or "")[:200], *classifiers])


def names_the_gpl(licence):
    """Whether a licence names the GPL or AGPL; the LGPL and MPL let a program under another licence use the library."""
    without_lesser = re.sub(r"(?i)LGPL[\w.+-]*|GNU (Library|Lesser)[\w ]* General Public License[^|]*", "", licence)
    return bool(re.search(r"(?i)\bA?GPL|General Public License|\bSSPL|Business Source|Commons Clause", without_lesser))


def test_no_installed_distribution_is_under_the_gpl():
    told = {re.sub(r"[-_.]+", "-", each.name).lower(): tell_licence(each) for each in distributions()}
    found = sorted(name for name, licence in told.items() if names_the_gpl(licence) and name not in LICENCE_EXCEPTIONS)
    assert not found, f"under the GPL: {', '.join(found)}; use something else, or add the reason why it may stay"


def test_an_exception_is_about_a_package_that_is_still_locked():
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", (PROJECT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert LICENCE_EXCEPTIONS.keys() <= locked


@pytest.mark.parametrize(
    ("licence", "is_gpl"),
    [
        ("GPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0", True),
        ("LGPL-3.0-only", False),
        (
            "LGPL with exceptions | License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)",
            False,
        ),
        ("MPL-2.0 | Apache-2.0", False),
    ],
)
def test_the_gpl_is_told_from_the_lgpl(licence, is_gpl):
    assert names_the_gpl(licence) is is_gpl
