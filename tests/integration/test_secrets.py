"""A run in which everything outside fails, with recognisable secrets: it goes on, and nothing it wrote holds one."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from secret_search import find_secrets
from test_run import SAMPLES
from test_scheduler import free_port

from warehouse import ops
from warehouse.database import query, write_database
from warehouse.settings import DataDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from model_server import reply_error, serve_model

NAMES = ("smtp password", "webhook token", "model key", "S3 key", "S3 secret", "JWT secret", "API secret", "Fernet key")
SECRETS = {name: f"zq{number}{name.replace(' ', '').lower()}/qz" for number, name in enumerate(NAMES)}
FERNET = "enEtZmVybmV0LWtleS1vZi10aGlzLXRlc3QtYWxvbmU"


@pytest.fixture(scope="module")
def run(parsed_project: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the DAGs with every secret set and everything that uses one failing; give the data directory and output."""
    folder = tmp_path_factory.mktemp("secrets")
    secrets = {**SECRETS, "Fernet key": f"{FERNET}="}
    registry = folder / "sources.toml"
    gone = "http://gone-dark.invalid"
    text = (SAMPLES.parent / "sources.toml").read_text(encoding="utf-8").replace('"sample/', f'"{SAMPLES}/')
    registry.write_text(
        f'{text}\n[[source]]\nid = "gone_dark"\nkind = "feed"\nurl = "{gone}/feed.xml"\npublisher = "Gone"\n'
        f'country = "GBR"\nlanguage = "en"\nterms_url = "{gone}/terms"\nenabled = true\n',
        encoding="utf-8",
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "ARMSLEDGER"))}
    mail = secrets["smtp password"].replace("/", "%2F")
    with serve_model() as model:
        # as real endpoints do, it repeats the key that it refuses
        model.answer = lambda question: reply_error(401, f"Incorrect key: {question.headers.get('authorization')}")
        environment = {
            **kept,
            "ARMSLEDGER_DATA": str(folder / "data"),
            "COLUMNS": "160",
            "NO_COLOR": "1",
            "ARMSLEDGER_SOURCES": str(registry),
            "ARMSLEDGER_ALERTS": f"console smtp://gate:{mail}@127.0.0.1:{free_port()}/?to=a@example.org "
            f"http://127.0.0.1:{free_port()}/hooks/{secrets['webhook token']} "
            f"nonsense://gate:{mail}@127.0.0.1/",
            "ARMSLEDGER_EXTRACTOR": "both",
            "ARMSLEDGER_LLM_URL": model.url,
            "ARMSLEDGER_LLM_MODEL": "test",
            "ARMSLEDGER_LLM_KEY": secrets["model key"],
            "AWS_ACCESS_KEY_ID": secrets["S3 key"],
            "AWS_SECRET_ACCESS_KEY": secrets["S3 secret"],
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets["JWT secret"],
            "AIRFLOW__API__SECRET_KEY": secrets["API secret"],
            "AIRFLOW__CORE__FERNET_KEY": secrets["Fernet key"],
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
        }
        done = subprocess.run(
            [sys.executable, "-m", "dags", "run"], env=environment, capture_output=True, text=True, check=False
        )
        assert model.questions, "the model was never asked"
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "data" / "output.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return folder / "data", done.stdout + done.stderr


@pytest.mark.slow
def test_no_secret_is_in_anything_that_a_run_writes(run: tuple[Path, str]) -> None:
    data, output = run
    log = "".join(path.read_text(encoding="utf-8", errors="replace") for path in data.glob("logs/*.log"))
    # each secret was really used, and what used it failed and said so
    assert log.count("could not be sent") >= 3, output
    assert "ALERT Armsledger: ingest_articles.ingest_source failed" in log
    reasons = {row["reason"] for row in ops.read(DataDirectory(data), "refusals").to_pylist()}
    assert "model_http_401" in reasons
    assert DataDirectory(data).published.exists()
    assert find_secrets(data, {**SECRETS, "Fernet key": FERNET}) == []


@pytest.mark.slow
def test_a_source_that_is_down_is_named_and_the_others_go_on(run: tuple[Path, str]) -> None:
    data, output = run
    assert re.search(r"unreachable: gone_dark: .*gone-dark\.invalid", output)
    sources = query(DataDirectory(data).published, "select source_id from marts.dim_sources order by source_id")
    assert sources["source_id"].to_pylist() == ["arsenal_gazette", "meridian_defence", "strait_monitor"]


@pytest.mark.slow
def test_no_published_page_names_a_folder_of_this_machine(run: tuple[Path, str]) -> None:
    data, _ = run
    # the atlas's copy of the database is no page
    pages = [path for path in (data / "reports").rglob("*") if path.is_file() and path.suffix != ".duckdb"]
    assert {"index.html", "dbt"} <= {path.relative_to(data / "reports").parts[0] for path in pages}
    folders = [str(data), str(Path(__file__).resolve().parents[2]), str(Path.home().resolve())]
    pattern = re.compile("|".join(rf"{re.escape(folder)}(?![\w-])" for folder in folders if len(folder) > 1))
    texts = {str(path.relative_to(data)): path.read_text(encoding="utf-8", errors="replace") for path in pages}
    found = {name: pattern.findall(text) for name, text in texts.items()}
    assert {name: places[:3] for name, places in found.items() if places} == {}


@pytest.mark.parametrize("kind", ["log.txt", "rows.parquet", "responses.warc.gz", "marts.duckdb", "quoted.html"])
def test_the_search_finds_a_secret_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    secret = SECRETS["S3 secret"]
    path = tmp_path / kind
    if kind.endswith(".parquet"):
        pq.write_table(pa.table({"reason": ["x" * 50, f"x {secret}"] * 3}), path, compression="zstd")
    elif kind.endswith(".gz"):
        path.write_bytes(gzip.compress(secret.encode()))
    elif kind.endswith(".duckdb"):
        with write_database(path) as connection:
            connection.execute("create table told as select 'x ' || ? as reason from range(5000)", [secret])
    else:
        path.write_text(secret.replace("/", "%2F") if kind == "quoted.html" else secret, encoding="utf-8")
    assert find_secrets(tmp_path, SECRETS) == [f"{kind}: S3 secret"]
