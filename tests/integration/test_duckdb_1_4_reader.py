"""DuckDB 1.4, which analysts' tools still carry, opens the published file: tried from an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from floor_samples import build_candidate, promote_articles

from warehouse import releases

READER = """
import json, sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
connection.execute("set timezone = 'UTC'")
tables = connection.execute(
    "select table_schema || '.' || table_name from information_schema.tables order by 1"
).fetchall()
rows = {name: connection.execute(f"select * from {name} order by all").fetchall() for (name,) in tables}
print(json.dumps({"version": duckdb.__version__, "rows": rows}, default=str))
"""


def test_duckdb_1_4_reads_every_published_table_as_this_duckdb_does(settings, old_python):
    data = settings.data
    promote_articles(data, "load-1", count=50)
    releases.publish(settings, build_candidate(data, "build-1", deals=5000))
    told = {}
    for python in (str(old_python), sys.executable):
        ended = subprocess.run(
            [python, "-c", READER, str(data.published)], capture_output=True, text=True, check=False, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        answer = json.loads(ended.stdout)
        told[answer["version"].rsplit(".", 1)[0]] = answer["rows"]
    assert "1.4" in told
    assert len(told) == 2
    assert len(told["1.4"]["marts.fct_deals"]) == 5000
    assert "ops.releases" in told["1.4"]
    old, new = told.values()
    assert old == new


def test_a_database_of_todays_format_shows_that_the_test_can_fail(tmp_path, old_python):
    import duckdb

    path = tmp_path / "today.duckdb"
    with duckdb.connect(str(path), config={"storage_compatibility_version": "latest"}) as connection:
        connection.execute("create table t as select 1 as a")
    ended = subprocess.run(
        [str(old_python), "-c", READER, str(path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode != 0
    assert "newer" in ended.stderr or "version" in ended.stderr
