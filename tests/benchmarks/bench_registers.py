"""How fast a register is imported: a file of the size of SIPRI's, read, resolved and staged."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pyarrow.csv as pa_csv
from register_files import generate_new, generate_old, write
from results import Measurement, Report, measure_rate

from extract.trade_registers.importing import import_register
from warehouse.settings import PROJECT_ROOT, DataDirectory, Settings

_ROWS = 30_000
_SECONDS = 5  # the target: so many records within so many seconds, file to staged Parquet
_UNIT = "records/s"


def run() -> Report:
    """Measure the import of both export schemas beside pyarrow's CSV reader, which only splits cells."""
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "older schema (one record per deal)": write(Path(folder) / "old.csv", generate_old(_ROWS), "iso-8859-1"),
            "newer schema (one record per year)": write(Path(folder) / "new.csv", generate_new(_ROWS)),
        }
        imports = tuple(_measure_import(what, path, Path(folder)) for what, path in files.items())
        scan = measure_rate(lambda: _scan(files["newer schema (one record per year)"]), _ROWS)
    plain = Measurement(
        "pyarrow.csv alone, newer schema", scan, _UNIT, None, "splits cells; resolves and checks nothing"
    )
    return Report(f"import of a register, {_ROWS:,} records", (*imports, plain))


def _measure_import(what: str, path: Path, folder: Path) -> Measurement:
    """Rate of one whole import, each into an empty lake; the best of three."""
    rates = []
    for number in range(3):
        data = DataDirectory(folder / f"{path.stem}-{number}")
        settings = Settings(data=data, sources=PROJECT_ROOT / "extract" / "sources.toml")
        started = time.perf_counter()
        result = import_register(settings, "sipri", path)
        rates.append(result.records / (time.perf_counter() - started))
    note = f"{result.rows:,} rows, {result.records / max(rates):.1f} s; target: {_ROWS:,} in {_SECONDS} s"
    return Measurement(what, max(rates), _UNIT, _ROWS / _SECONDS, note)


def _scan(path: Path) -> None:
    lines = 1 + next(n for n, line in enumerate(path.read_text("utf-8").splitlines()) if line.startswith("SIPRI AT"))
    pa_csv.read_csv(path, read_options=pa_csv.ReadOptions(skip_rows=lines - 1))
