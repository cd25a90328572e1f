"""Synthetic register files in the exact form of SIPRI's exports. The deals are invented; no figure is SIPRI's."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OLD_HEADER = (
    "Recipient,Supplier,Year of order, ,Number ordered, ,Weapon designation,Weapon description,Number delivered, ,"
    "Year(s) of delivery,status,Comments,SIPRI TIV per unit,SIPRI TIV for total order,SIPRI TIV of delivered weapons"
)
NEW_HEADER = (
    "SIPRI AT Database ID,Supplier,Recipient,Designation,Description,Armament category,Order date,"
    "Order date is estimate,Numbers delivered,Numbers delivered is estimate,Delivery year,Delivery year is estimate,"
    "Status,SIPRI estimate,TIV deal unit,TIV delivery values,Local production;"
)
OLD_PREAMBLE = (
    "Transfers of major weapons: Deals with deliveries or orders made for 1950 to 2023",
    "",
    "Note: an invented file in the form of a trade register",
    "Information generated: 12 February 2024",
)
NEW_PREAMBLE = (
    "Trade register;",
    "Deals with deliveries or orders made for 1950 to 2023;",
    *(f"Note {number}, an invented file in the form of a trade register;" for number in range(1, 8)),
    "Information generated: 11 March 2024;",
    ";",
)


@dataclass(frozen=True)
class Deal:
    """One line of the older schema; the defaults are those of a plain deal."""

    recipient: str = "Poland"
    supplier: str = "South Korea"
    order_year: str = "2022"
    order_flag: str = ""
    ordered: str = "40"
    ordered_flag: str = ""
    designation: str = "K9 Thunder"
    description: str = "self-propelled gun"
    delivered: str = "40"
    delivered_flag: str = ""
    years: str = "2022; 2023"
    status: str = "New"
    comments: str = "Invented deal"
    tiv_unit: str = "2"
    tiv_order: str = "80"
    tiv_delivered: str = "80"


@dataclass(frozen=True)
class Delivery:
    """One line of the newer schema; the defaults are those of a plain delivery."""

    deal_id: str = "90001"
    supplier: str = "South Korea"
    recipient: str = "Poland"
    designation: str = "K9 Thunder"
    description: str = "self-propelled gun"
    category: str = "Artillery"
    order_year: str = "2022"
    order_flag: str = "No"
    delivered: str = "20"
    delivered_flag: str = "No"
    year: str = "2023"
    year_flag: str = "No"
    status: str = "New"
    tiv_new: str = "2"
    tiv_unit: str = "2"
    tiv_delivered: str = "40"
    local: str = "No"


def old_text(*deals: Deal | str, preamble: tuple[str, ...] = ()) -> str:
    """Return a file of the older schema; a text among the deals is a raw line."""
    return "\n".join([*preamble, OLD_HEADER, *(_line(deal) for deal in deals)]) + "\n"


def new_text(*deliveries: Delivery | str, preamble: tuple[str, ...] = NEW_PREAMBLE) -> str:
    """Return a file of the newer schema: 11 preamble lines, CRLF, a semicolon at the end of each line."""
    lines = [one if isinstance(one, str) else f"{_line(one)};" for one in deliveries]
    return "\r\n".join([*preamble, NEW_HEADER, *lines]) + "\r\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a file with its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def generate_old(rows: int, *, seed: int = 1) -> str:
    """Return a file of the older schema with that many invented deals, the same in each run."""
    dice = random.Random(seed)
    return old_text(*(_invent_deal(dice) for _ in range(rows)), preamble=OLD_PREAMBLE)


def generate_new(rows: int, *, seed: int = 1) -> str:
    """Return a file of the newer schema with that many invented delivery years, the same in each run."""
    dice = random.Random(seed)
    return new_text(*(_invent_delivery(dice, number) for number in range(rows)))


_PARTIES = (
    "United States", "Russia", "Soviet Union", "France", "Germany", "China", "Italy", "United Kingdom", "Israel",
    "Spain", "South Korea", "Turkiye", "Brazil", "India", "Poland", "Viet Nam", "eSwatini", "Cabo Verde", "UAE",
    "DR Congo", "Bosnia-Herzegovina", "Houthi rebels (Yemen)*", "NATO**", "unknown recipient(s)",
)  # fmt: skip
_WEAPONS = (
    ("F-16C Block-50", "FGA aircraft", "Aircraft", 30.0),
    ("Leopard-2A4", "tank", "Armoured vehicles", 4.0),
    ("PM-43 120mm", "mortar", "Artillery", 0.25),
    ("AIM-120C", "BVRAAM", "Missiles", 0.5),
    ("Invented-700", "frigate", "Ships", 200.0),
)
_CONDITIONS = (("New", 1.0), ("Second hand", 0.4), ("Second hand but modernized", 0.66))


def _invent_deal(dice: random.Random) -> Deal:
    supplier, recipient = dice.sample(_PARTIES, 2)
    designation, description, _, new = dice.choice(_WEAPONS)
    condition, share = dice.choice(_CONDITIONS)
    ordered, year = dice.randint(1, 60), dice.randint(1950, 2018)
    spans = (f"{year + 1}", f"{year + 1}-{year + 3}", f"{year}; {year + 2}-{year + 4}")
    unit = round(new * share, 2)
    return Deal(
        recipient=recipient,
        supplier=supplier,
        order_year=str(year),
        order_flag=dice.choice(("", "?")),
        ordered=str(ordered),
        designation=designation,
        description=description,
        delivered=str(ordered),
        years=dice.choice(spans),
        status=condition,
        comments=dice.choice(("Invented", "Invented; part of $40 m deal, with spares", "")),
        tiv_unit=f"{unit:g}",
        tiv_order=f"{ordered * unit:g}",
        tiv_delivered=f"{ordered * unit:g}",
    )


def _invent_delivery(dice: random.Random, number: int) -> Delivery:
    supplier, recipient = dice.sample(_PARTIES, 2)
    designation, description, category, new = dice.choice(_WEAPONS)
    condition, share = dice.choice(_CONDITIONS)
    units, year = dice.randint(1, 60), dice.randrange(1950, 2018, 2)
    unit = round(new * share, 2)
    return Delivery(
        deal_id=str(10_000 + number // 2),
        supplier=supplier,
        recipient=recipient,
        designation=designation,
        description=description,
        category=category,
        order_year=str(year - 1),
        order_flag=dice.choice(("Yes", "No")),
        delivered=str(units),
        delivered_flag=dice.choice(("Yes", "No")),
        # the two years of a deal differ: one is even, one odd
        year=str(year + number % 2),
        status=condition,
        tiv_new=f"{new:g}",
        tiv_unit=f"{unit:g}",
        tiv_delivered=f"{units * unit:g}",
    )


def _line(row: Deal | Delivery | str) -> str:
    if isinstance(row, str):
        return row
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(vars(row).values())
    return text.getvalue()
