"""Scripts, styles and shapes that the pages share, once for the whole site, in its folder ``assets``."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import vl_convert

from warehouse.atlas.charts import write_script

FOLDER = "assets"
SCRIPTS = Path(__file__).with_name("scripts")
GEOGRAPHY = Path(__file__).with_name("geography")
_NAMES = "window.vegaEmbed = vegaEmbed;"


def write_assets(site: Path) -> None:
    """Put the style sheet, the scripts and the country shapes into the site."""
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(SCRIPTS.iterdir()):
        if source.suffix in (".css", ".js"):
            shutil.copyfile(source, folder / source.name)
    (folder / "vega.js").write_text(bundle_vega(), encoding="utf-8")
    (folder / "charts.js").write_text(write_script(), encoding="utf-8")
    shapes = (GEOGRAPHY / "world.json").read_text(encoding="utf-8").strip()
    # a script, not data to fetch: a browser fetches nothing for a page that is opened as a file
    (folder / "world.js").write_text(f"window.atlasWorld = {shapes};\n", encoding="utf-8")


@cache
def bundle_vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, from inside the package vl-convert-python."""
    return str(vl_convert.javascript_bundle(_NAMES))
