"""What analysts use, on a warehouse that the product published: ready queries, prompt, Parquet, catalogue, metrics."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from dbt_candidate import run_dbt
from dbt_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from dbt_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator
from rich.console import Console
from semantic_layer import dimension_sql, grouped_metric_sql, list_dimensions, metric_sql

from warehouse import database, releases
from warehouse.prompt.completion import SqlCompleter, read_catalogue
from warehouse.prompt.ready import find_ready_query, list_ready_queries
from warehouse.prompt.session import Session
from warehouse.settings import DBT_PROJECT, PROJECT_ROOT, Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def session(published: Settings):
    """Give a session on the published database, and what it prints."""
    printed = io.StringIO()
    with database.read_database(published.data.published) as connection:
        yield Session(connection, Console(file=printed, width=200)), printed


def test_there_are_twenty_ready_queries_each_with_its_question():
    queries = list_ready_queries()
    assert len(queries) >= 20
    described = yaml.safe_load((DBT_PROJECT / "analyses" / "analyses.yml").read_text(encoding="utf-8"))["analyses"]
    assert {query.name: query.question for query in queries} == {one["name"]: one["description"] for one in described}
    for query in queries:
        assert query.question.endswith((";", "?", ".")), query.name
        assert "{{" not in query.sql


@pytest.mark.parametrize("name", [query.name for query in list_ready_queries()])
def test_a_ready_query_answers_on_the_published_warehouse(published, name):
    rows = database.query(published.data.published, find_ready_query(name).sql)
    assert rows.num_rows > 0, "the planted warehouse holds an answer to each question"


OLD_READER = """
import json, sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
connection.execute("set timezone = 'UTC'")
rows = {name: len(connection.execute(sql).fetchall()) for name, sql in json.load(sys.stdin).items()}
print(json.dumps({"version": duckdb.__version__, "rows": rows}))
"""


def test_ready_queries_run_on_duckdb_1_4(published, old_python):
    queries = {query.name: query.sql for query in list_ready_queries()}
    done = subprocess.run(
        [str(old_python), "-c", OLD_READER, str(published.data.published)],
        input=json.dumps(queries),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["version"].startswith("1.4")
    ours = {name: database.query(published.data.published, sql).num_rows for name, sql in queries.items()}
    assert told["rows"] == ours


def test_a_ready_query_is_about_the_country_that_was_set(published):
    sql = find_ready_query("deals_of_country").sql
    with database.read_database(published.data.published) as connection:
        poland = connection.execute(sql).fetchall()
        connection.execute("set variable country = 'IND'")
        india = connection.execute(sql).fetchall()
    assert {row[1] for row in india} == {"Rafale"}
    assert {row[1] for row in poland} >= {"M142 HIMARS"}


def test_every_mart_is_a_parquet_file_of_the_release(published):
    release = releases.current_release_id(published.data)
    folder = published.data.releases / release / "marts"
    marts = database.list_relations(published.data.published, "marts")
    assert sorted(path.stem for path in folder.glob("*.parquet")) == marts
    for mart in ("fct_deals", "fct_country_year_transfers", "fct_register_deliveries"):
        import pyarrow.parquet as pq

        stored, table = (
            pq.read_table(folder / f"{mart}.parquet"),
            database.read_relation(published.data.published, f"marts.{mart}"),
        )
        key = table.column_names[0]
        assert stored.num_rows == table.num_rows > 0
        assert sorted(stored[key].to_pylist()) == sorted(table[key].to_pylist())


def test_tables_and_columns_of_the_published_file_say_what_they_are(published):
    with database.read_database(published.data.published) as connection:
        silent = connection.execute(
            "select table_name || '.' || column_name from duckdb_columns() "
            "where schema_name in ('marts', 'ops') and comment is null"
        ).fetchall()
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name in ('marts', 'ops') and comment is null"
        ).fetchall()
    assert (silent, tables) == ([], [])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\\queries", "top_suppliers_5y"),
        ("\\queries DEPEND", "dependence_of_recipient"),
        ("\\tables register", "fct_register_deliveries"),
        ("\\columns fct_deals", "Furthest lifecycle status"),
        ("\\show top_suppliers_5y", "from marts.rpt_supplier_shares_5y"),
        ("\\help", "\\run NAME"),
        ("\\nonsense", "no command \\nonsense; there are: \\queries"),
        ("\\run nothing", "no ready query 'nothing'; there are: "),
        ("\\columns nothing", "no table 'nothing'"),
        ("select nothing from fct_deals;", "nothing"),
        ("insert into fct_deals select * from fct_deals;", "read-only"),
    ],
)
def test_the_prompt_obeys_and_tells_mistakes(session, line, expected):
    shell, printed = session
    assert shell.handle(line)
    assert expected in printed.getvalue()


def test_the_prompt_runs_statements_and_ready_queries(session):
    shell, printed = session
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        assert shell.handle("set variable country = 'IND'; select count(*) as deals from fct_deals;")
        assert shell.handle("\\run deals_of_country")
    assert "deals" in shown.getvalue()
    assert "Rafale" in shown.getvalue()
    assert "K9 Thunder" not in shown.getvalue()
    assert "Which deals does one recipient have" in printed.getvalue()
    assert not shell.handle("\\quit")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\\qu", {"\\queries", "\\quit"}),
        ("\\run top_", {"top_suppliers_5y", "top_recipients_5y"}),
        ("select * from fct_de", {"fct_deals", "fct_deal_status_changes"}),
        ("select * from marts.fct_deals where order_y", {"order_year", "order_year_key", "order_year_is_estimate"}),
        ("select d.supplier_c from fct_deals as d where d.deal_st", {"deal_status"}),
        ("select * from fct_deals whe", {"where", "when"}),
        ("\\columns rpt_top", {"rpt_top_traders"}),
        ("", set()),
    ],
)
def test_tab_completes_what_may_follow(session, text, expected):
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    completer = SqlCompleter(session[0].catalogue)
    found = {one.text for one in completer.get_completions(Document(text), CompleteEvent())}
    assert found >= expected if expected else found == set()
    if "order_y" in text:
        assert "order_year_key" in found


def run_prompt(published: Settings, tmp_path: Path, keys: list[bytes]) -> str:
    """Type keys at `python -m warehouse sql` on a real terminal; return what it shows."""
    main, other = pty.openpty()
    environment = {
        **os.environ,
        "ARMSLEDGER_DATA": str(published.data.root),
        "XDG_STATE_HOME": str(tmp_path),
        "TERM": "xterm",
        "COLUMNS": "120",
    }
    command = [sys.executable, "-m", "warehouse", "sql"]
    process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, env=environment, close_fds=True)
    os.close(other)
    shown = b""

    def read_until(word: bytes) -> None:
        nonlocal shown
        deadline = time.monotonic() + 60
        start = len(shown)
        while word not in shown[start:]:
            assert time.monotonic() < deadline, shown[-2000:]
            if select.select([main], [], [], 1)[0]:
                try:
                    shown += os.read(main, 65536)
                except OSError:
                    return

    read_until(b"armsledger")
    for key in keys:
        os.write(main, key)
        time.sleep(0.3)
    with contextlib.suppress(AssertionError):
        read_until(b"bye")
    process.wait(timeout=30)
    os.close(main)
    return shown.decode("utf-8", "replace")


def test_the_prompt_on_a_terminal_remembers_and_completes(published, tmp_path):
    keys = [b"select count(*) as deal_number from fct_deal\t", b"s;\r", b"\\queries\r", b"\\quit\r"]
    first = run_prompt(published, tmp_path, keys)
    assert "deal_number" in first
    assert "top_suppliers_5y" in first
    history = (tmp_path / "armsledger" / "sql_history").read_text(encoding="utf-8")
    assert "+\\queries" in history
    assert "deal_number" in history
    again = run_prompt(published, tmp_path, [b"\x1b[A", b"\x1b[A", b"\r", b"\\quit\r"])
    assert "top_suppliers_5y" in again, "two lines up is \\queries of the session before"


@pytest.mark.parametrize(
    ("arguments", "stdin", "expected"),
    [
        ((), "\\queries\n", "five_year_blocks"),
        ((), "select count(*)\n  as deals\nfrom fct_deals;\n\\quit\nselect 1 as never;\n", "deals"),
        (("--query", "select count(*) as deals from fct_deals"), "", "deals"),
        (("--query", "\\run news_against_register"), "", "matched"),
    ],
)
def test_the_command_answers_without_a_terminal(published, arguments, stdin, expected):
    done = subprocess.run(
        [sys.executable, "-m", "warehouse", "sql", *arguments],
        env={**os.environ, "ARMSLEDGER_DATA": str(published.data.root)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
    assert "never" not in done.stdout


def test_the_page_which_table_names_every_mart_and_no_other(published):
    page = (PROJECT_ROOT / "warehouse" / "guides" / "which-table.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:dim|fct|bridge|rpt)_\w+)`", page.split("## The star")[0]))
    assert named == set(database.list_relations(published.data.published, "marts"))


def list_examples() -> list[str]:
    """Return the Python examples of the page on connections."""
    page = (PROJECT_ROOT / "warehouse" / "guides" / "connect.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)


@pytest.mark.parametrize("number", range(len(list_examples())))
def test_the_python_examples_of_the_connection_page_run(published, tmp_path, number):
    (tmp_path / "data").symlink_to(published.data.root)
    done = subprocess.run(
        [sys.executable, "-c", list_examples()[number]], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "FRA" in done.stdout


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Give the semantic manifest, which dbt has validated."""
    target = tmp_path_factory.mktemp("dbt")
    outcome = run_dbt(target / "none.duckdb", "parse")
    assert outcome.returncode == 0, outcome.stdout
    return json.loads((target / "dbt" / "semantic_manifest.json").read_text(encoding="utf-8"))


def test_a_source_that_stands_still_is_a_named_warning_of_the_release(published):
    told = database.query(
        published.data.published,
        "select table_name, severity, is_success, detail from ops.validation_results "
        "where expectation = 'source_freshness' order by table_name",
    ).to_pylist()
    articles, registers = ({**row, "detail": row["detail"] or ""} for row in told)
    assert (articles["table_name"], articles["severity"], articles["is_success"]) == ("lake.articles", "warning", False)
    assert "the newest row came in at" in articles["detail"]
    assert (registers["table_name"], registers["is_success"]) == ("lake.register_deliveries", True)


def list_faults(manifest: dict) -> list[str]:
    """Return what the semantic layer's own library has against a manifest, warnings too."""
    validator = SemanticManifestValidator[PydanticSemanticManifest]()
    results = validator.validate_semantic_manifest(PydanticSemanticManifest.parse_obj(manifest))
    return [issue.message for issue in results.all_issues]


def test_the_semantic_layer_is_sound_by_its_own_library(metrics):
    assert list_faults(metrics) == []


@pytest.mark.parametrize("part", ["measures", "entities", "filters"])
def test_the_library_sees_a_broken_semantic_layer(metrics, part):
    broken = copy.deepcopy(metrics)
    deals = next(model for model in broken["semantic_models"] if model["name"] == "deals")
    if part == "measures":
        deals["measures"] = [one for one in deals["measures"] if one["name"] != "value_usd"]
    elif part == "entities":
        deals["entities"] = [one for one in deals["entities"] if one["type"] != "primary"]
    else:
        firm = next(metric for metric in broken["metrics"] if metric["name"] == "firm_deals")
        firm["filter"]["where_filters"][0]["where_sql_template"] = "{{ Dimension('deal_status') }} = 'ordered'"
    assert list_faults(broken) != []


def test_metrics_give_the_numbers_of_the_marts(published, metrics):
    expected = {
        "deals": "select count(*) from marts.fct_deals",
        "firm_deals": "select count(*) from marts.fct_deals where deal_status in ('ordered', 'delivered')",
        "quantity_ordered": "select sum(quantity) from marts.fct_country_year_transfers where basis = 'ordered'",
        "quantity_delivered": "select sum(quantity) from marts.fct_country_year_transfers where basis = 'delivered'",
        "value_usd": "select sum(value_usd) from marts.fct_country_year_transfers where basis = 'ordered'",
        "value_constant_usd": "select sum(value_constant_usd) from marts.fct_country_year_transfers "
        "where basis = 'ordered'",
        "valued_deals": "select count(value_usd) from marts.fct_deals",
        "tiv_delivered": "select sum(tiv) from marts.fct_country_year_transfers where basis = 'delivered'",
        "register_quantity_delivered": "select sum(register_quantity) from marts.fct_country_year_transfers "
        "where basis = 'delivered'",
        "register_deals": "select count(distinct register_deal_key) from marts.fct_register_deliveries "
        "where is_latest_edition",
    }
    simple = {metric["name"] for metric in metrics["metrics"] if metric["type"] == "simple"}
    assert simple == set(expected)
    with database.read_database(published.data.published) as connection:
        for name, sql in expected.items():
            (told,) = connection.execute(metric_sql(metrics, name)).fetchone()
            (summed,) = connection.execute(sql).fetchone()
            assert told == pytest.approx(summed), name
            assert told > 0, name


def test_a_ratio_is_that_of_its_metrics(published, metrics):
    (name,) = [metric["name"] for metric in metrics["metrics"] if metric["type"] != "simple"]
    with database.read_database(published.data.published) as connection:
        (told,) = connection.execute(metric_sql(metrics, name)).fetchone()
        (share,) = connection.execute("select count(value_usd) / count(*) from marts.fct_deals").fetchone()
    assert told == pytest.approx(share)
    assert 0 < told < 1


def test_each_metric_by_each_dimension_sums_to_the_metric(published, metrics):
    """No join to a dimension drops or doubles a row."""
    grouped = 0
    with database.read_database(published.data.published) as connection:
        for name in (metric["name"] for metric in metrics["metrics"] if metric["type"] == "simple"):
            (total,) = connection.execute(metric_sql(metrics, name)).fetchone()
            for dimension in list_dimensions(metrics, name):
                rows = connection.execute(grouped_metric_sql(metrics, name, dimension)).fetchall()
                summed = sum(value or 0 for _, value in rows)
                # a deal of the register has several delivery years, and counts in each of them
                is_counted_again = (name, dimension[1]) == ("register_deals", "delivery_date")
                assert summed >= total if is_counted_again else summed == pytest.approx(total), (name, dimension)
                grouped += dimension[0] in ("suppliers", "recipients", "weapons")
    assert grouped >= 50


def test_dimensions_of_the_semantic_layer_exist_and_its_time_axis_has_each_day(published, metrics):
    spines = metrics["project_configuration"]["time_spines"]
    assert [spine["node_relation"]["alias"] for spine in spines] == ["dim_dates"]
    with database.read_database(published.data.published) as connection:
        for model in metrics["semantic_models"]:
            connection.execute(dimension_sql(model)).fetchall()
        days = connection.execute("select count(*), min(date_day), max(date_day) from marts.dim_dates").fetchone()
    assert (str(days[1]), str(days[2])) == ("1945-01-01", "2100-12-31")
    assert days[0] == (days[2] - days[1]).days + 1


def test_the_catalogue_holds_both_schemas(session):
    catalogue = session[0].catalogue
    assert {"fct_deals", "loads"} <= set(catalogue.columns)
    assert catalogue.comments["fct_deals.deal_key"]
    assert read_catalogue(session[0]._connection) == catalogue
