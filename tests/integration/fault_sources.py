"""Sources for the tests of faults: a folder of a second day's news, one page of it broken, and fifty small papers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from warehouse.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

BUNDLED = PROJECT_ROOT / "extract" / "sources.toml"
SUPPLIERS = ("France", "Germany", "South Korea", "Sweden", "Italy", "Israel", "Spain")
RECIPIENTS = ("Poland", "Greece", "Brazil", "Chile", "Malaysia", "Morocco", "Portugal", "Romania")
WEAPONS = ("K9 Thunder howitzers", "Rafale fighters", "NH90 helicopters", "Leopard 2A7 tanks", "Gripen E fighters")


def tell_deal(number: int) -> tuple[str, str]:
    """Return headline and text of an article about one deal; each number tells another one."""
    supplier, recipient = SUPPLIERS[number % len(SUPPLIERS)], RECIPIENTS[number % len(RECIPIENTS)]
    weapons = WEAPONS[number % len(WEAPONS)]
    title = f"{recipient} orders {10 + number} {weapons} from {supplier}"
    text = (
        f"{recipient} has signed a contract with {supplier} for {10 + number} {weapons}, the ministry of defence said "
        f"on Monday. The first of them will arrive in {2027 + number % 4}, and crews will be trained by the maker. "
        f"A spokesman declined to say what contract number {number} costs, which will be paid over several years."
    )
    return title, text


def write_second_day(root: Path) -> Path:
    """Write a folder of news and a registry that adds it to the bundled sources; gives the registry.

    One of the texts is dated far ahead, so that the gate sets its row aside.
    """
    folder = root / "second day"
    folder.mkdir(parents=True)
    for number in range(12):
        title, text = tell_deal(number)
        year = 2091 if number == 7 else 2024
        (folder / f"{year}-03-{number + 1:02d} story {number}.txt").write_text(f"{title}\n\n{text}", encoding="utf-8")
    registry = root / "sources.toml"
    added = (
        '\n[[source]]\nid = "second_day"\nkind = "folder"\n'
        f'path = "{folder}"\npublisher = "Second Day"\ncountry = "GBR"\nlanguage = "en"\nlicence = "none"\n'
        "enabled = true\n"
    )
    registry.write_text(BUNDLED.read_text(encoding="utf-8") + added, encoding="utf-8")
    return registry


def write_page(number: int) -> str:
    """Write the page of an article about one deal."""
    title, text = tell_deal(number)
    day = f"2024-05-{1 + number % 28:02d}T08:00:00Z"
    told = json.dumps({"@type": "NewsArticle", "headline": title, "datePublished": day})
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>'
        f'<script type="application/ld+json">{told}</script></head>'
        f"<body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    )


def write_papers(registry: Path, count: int) -> list[str]:
    """Write a registry of small papers with a feed each; gives their ids."""
    names = [f"paper_{number:02d}" for number in range(count)]
    registry.write_text(
        "".join(
            f'[[source]]\nid = "{name}"\nkind = "feed"\nurl = "http://{host_of(name)}/feed.xml"\n'
            f'publisher = "{name}"\ncountry = "GBR"\nlanguage = "en"\nlicence = "none"\n'
            "enabled = true\nmin_delay_seconds = 0\n"
            for name in names
        ),
        encoding="utf-8",
    )
    return names


def host_of(name: str) -> str:
    """Return the host of a paper."""
    return f"{name.replace('_', '-')}.example"
