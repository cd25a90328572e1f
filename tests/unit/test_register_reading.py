"""Register files in both schemas and all encodings: each record is read, repaired, or set aside by name."""

from __future__ import annotations

import math
import random

import pytest
from register_files import (
    NEW_HEADER,
    OLD_HEADER,
    OLD_PREAMBLE,
    Deal,
    Delivery,
    generate_new,
    generate_old,
    new_text,
    old_text,
    write,
)

from extract.errors import InputError
from extract.trade_registers.model import Schema
from extract.trade_registers.reading import MAX_BYTES, read_register

ACCENTED = Deal(recipient="Côte d'Ivoire", supplier="Türkiye", comments="Geänderte Fassung")


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("preamble", [(), OLD_PREAMBLE])
def test_the_older_schema_is_read_in_each_encoding_with_and_without_preamble(tmp_path, encoding, preamble):
    file = read_register(write(tmp_path / "a.csv", old_text(ACCENTED, Deal(), preamble=preamble), encoding))
    assert (file.schema, file.records, file.broken) == (Schema.DEALS, 2, ())
    assert file.edition == ("2024-02-12" if preamble else None)
    first = file.deliveries[0]
    assert (first.recipient, first.supplier, first.comments) == ("Côte d'Ivoire", "Türkiye", "Geänderte Fassung")


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8", "utf-8-sig", "utf-16"])
def test_the_newer_schema_is_read_in_each_encoding(tmp_path, encoding):
    file = read_register(write(tmp_path / "a.csv", new_text(Delivery(supplier="Türkiye", order_flag="Yes")), encoding))
    assert (file.schema, file.records, file.edition) == (Schema.DELIVERIES, 1, "2024-03-11")
    (row,) = file.deliveries
    assert (row.line, row.deal_id, row.supplier, row.delivery_year) == (13, "90001", "Türkiye", 2023)
    assert (row.order_year_is_estimate, row.delivery_year_is_estimate, row.is_local_production) == (True, False, False)
    assert (row.quantity_delivered, row.tiv_unit, row.tiv_delivered, row.is_apportioned) == (20, 2, 40, False)


def test_the_published_example_lines_are_read_as_they_stand(tmp_path):
    old = (
        "Afghanistan,Brazil,2017,,6,,EMB-314 Super Tucano,trainer/combat aircraft,6,,2018,New,"
        "A-29B version; financed by USA; ordered via USA from US production line,4.5,27,27"
    )
    new = "55238,Albania,Burkina Faso,PM-43 120mm,mortar,Artillery,2011,Yes,12,No,2011,No,Second hand,0.25,0.1,1.2,No;"
    (deal,) = read_register(write(tmp_path / "old.csv", old_text(old))).deliveries
    (year,) = read_register(write(tmp_path / "new.csv", new_text(new))).deliveries
    assert (deal.supplier, deal.recipient, deal.order_year, deal.tiv_ordered) == ("Brazil", "Afghanistan", 2017, 27)
    assert (year.condition, year.tiv_unit_new, year.tiv_unit, year.tiv_delivered) == ("second_hand", 0.25, 0.1, 1.2)


@pytest.mark.parametrize("total", ["1", "7", "100", "0.1", "0"])
@pytest.mark.parametrize("years", ["2018", "2018; 2020", "2018; 2020-2022", "1991-2000", "1999-03"])
def test_totals_of_a_deal_are_divided_by_its_years_never_multiplied(tmp_path, total, years):
    deal = Deal(years=years, ordered=total, delivered=total, tiv_order=total, tiv_delivered=total, order_year="1990")
    rows = read_register(write(tmp_path / "a.csv", old_text(deal))).deliveries
    assert len({row.delivery_year for row in rows}) == len(rows) == rows[0].delivery_year_count
    assert {row.is_apportioned for row in rows} == {len(rows) > 1}
    for measure in ("quantity_ordered", "quantity_delivered", "tiv_ordered", "tiv_delivered"):
        assert math.fsum(getattr(row, measure) for row in rows) == pytest.approx(float(total), abs=1e-12)


def test_blank_is_not_zero(tmp_path):
    deals = Deal(tiv_delivered="0", years="2023"), Deal(tiv_delivered="", delivered="", years="", tiv_unit="")
    zero, blank = read_register(write(tmp_path / "a.csv", old_text(*deals))).deliveries
    assert (zero.tiv_delivered, blank.tiv_delivered, blank.tiv_unit) == (0.0, None, None)
    assert (blank.quantity_delivered, blank.delivery_year, blank.quantity_ordered) == (None, None, 40)


def test_flags_of_the_older_schema_stand_in_nameless_cells(tmp_path):
    told = read_register(write(tmp_path / "a.csv", old_text(Deal(order_flag="?", delivered_flag="?")))).deliveries[0]
    assert (told.order_year_is_estimate, told.quantity_ordered_is_estimate) == (True, False)
    assert told.quantity_delivered_is_estimate is True
    stripped = OLD_HEADER.replace(", ,", ",")
    line = "Poland,South Korea,2022,40,K9 Thunder,self-propelled gun,40,2022,New,,2,80,80"
    (bare,) = read_register(write(tmp_path / "b.csv", f"{stripped}\n{line}\n")).deliveries
    assert bare.order_year_is_estimate is None, "a file without the flags tells nothing about estimates"


def test_equal_deals_of_the_older_schema_stay_two(tmp_path):
    rows = read_register(write(tmp_path / "a.csv", old_text(Deal(years="2023"), Deal(years="2023")))).deliveries
    assert len({row.deal_id for row in rows}) == 2


def test_a_deal_keeps_its_id_when_the_next_edition_restates_its_numbers(tmp_path):
    first = read_register(write(tmp_path / "a.csv", old_text(Deal()))).deliveries[0]
    again = read_register(
        write(tmp_path / "b.csv", old_text(Deal(designation="Other"), Deal(delivered="38", tiv_delivered="76")))
    ).deliveries[-1]
    assert again.deal_id == first.deal_id


BROKEN_LINES = {
    "newline": (
        "Poland,Italy,2022,,4,,AW149,helicopter,4,,2023,New,Assembled in Poland",
        "and armed there,5,20,20",
    ),
    "newlines and commas": (
        "Poland,Italy,2022,,4,,AW149,helicopter,4,,2023,New,Assembled in Poland, from kits",
        "",
        "and, later, armed there,5,20,20",
    ),
    "commas": ("Poland,Italy,2022,,4,,AW149,helicopter,4,,2023,New,Assembled in Poland, from kits,5,20,20",),
}


@pytest.mark.parametrize("lines", BROKEN_LINES.values(), ids=BROKEN_LINES)
def test_a_record_broken_inside_its_comments_is_put_together_again(tmp_path, lines):
    file = read_register(write(tmp_path / "a.csv", old_text(Deal(), *lines, Deal())))
    assert (file.records, file.repaired, file.broken) == (3, 1, ())
    mended = next(row for row in file.deliveries if row.supplier == "Italy")
    assert (mended.line, mended.tiv_delivered, mended.delivery_year) == (3, 20, 2023)
    assert mended.comments.startswith("Assembled in Poland")
    assert mended.comments.endswith(("armed there", "from kits"))


def test_a_newline_between_quotation_marks_is_no_damage(tmp_path):
    file = read_register(write(tmp_path / "a.csv", old_text(Deal(comments="one\ntwo, three"), Deal())))
    assert (file.records, file.repaired, file.broken) == (2, 0, ())
    assert file.deliveries[0].comments == "one\ntwo, three"


BAD_CELLS = [
    (Deal(order_year="20x7"), "Year of order is '20x7'"),
    (Deal(order_year="1817"), "Year of order is '1817'"),
    (Deal(delivered="some"), "Number delivered is 'some'"),
    (Deal(years="2023-2020"), "the range ends before it begins"),
    (Deal(status="Used"), "status is 'Used'"),
    (Deal(order_flag="!"), "the cell behind Year of order is '!'"),
    (Deal(supplier=" "), "Supplier is blank"),
    (Deal(tiv_unit="-2"), "SIPRI TIV per unit is '-2'"),
    ("Poland,Italy,2022", "it has 3 cells, the header has 16"),
    ('Poland,"Italy,2022,,4,,AW149,helicopter,4,,2023,New,Lost quotation mark,5,20,20', "it has 2 cells"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_CELLS)
def test_a_record_that_cannot_be_read_is_named_and_the_others_are_kept(tmp_path, bad, reason):
    file = read_register(write(tmp_path / "a.csv", old_text(Deal(), bad, Deal(designation="Other"))))
    (broken,) = file.broken
    assert broken.line == 3
    assert reason in broken.reason
    assert broken.text
    assert {row.line for row in file.deliveries} == {2, 4}
    assert file.records == 3


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Delivery(), "deal 90001 has delivery year 2023 on line 13 already"),
        (Delivery(year=""), "Delivery year is blank"),
        (Delivery(deal_id=""), "SIPRI AT Database ID is blank"),
        (Delivery(local="perhaps"), "Local production is 'perhaps'"),
        ("1,2,3;", "it has 3 cells, the header has 17"),
    ],
)
def test_a_bad_delivery_is_named_and_the_others_are_kept(tmp_path, bad, reason):
    file = read_register(write(tmp_path / "a.csv", new_text(Delivery(), bad, Delivery(deal_id="90002"))))
    assert [reason in one.reason for one in file.broken] == [True]
    assert [row.deal_id for row in file.deliveries] == ["90001", "90002"]


@pytest.mark.parametrize("make", [generate_old, generate_new])
@pytest.mark.parametrize("seed", range(20))
def test_whatever_line_is_damaged_no_record_is_lost(tmp_path, make, seed):
    dice = random.Random(seed)
    lines = make(200, seed=seed).splitlines(keepends=True)
    # the last line stays whole: a file that ends within a record is truncated
    for place in dice.sample(range(40, len(lines) - 1), 40):
        line, cut = lines[place], dice.randrange(1, 30)
        lines[place] = dice.choice((line[:cut] + "\n", line[:cut] + '"' + line[cut:], line[:cut] + line[cut + 3 :]))
    file = read_register(write(tmp_path / "a.csv", "".join(lines)))
    told = {row.line for row in file.deliveries} | {one.line for one in file.broken}
    assert file.records == len(told) == 200


REFUSED = {
    "empty": ("", "is empty"),
    "no header": ("a,b,c\n1,2,3\n", "has the wrong schema"),
    "another table": ("Supplier,Recipient,Year,Value\nFrance,India,2016,3\n", "has the wrong schema"),
    "header alone": (old_text(), "has a header but no record"),
    "missing columns": (
        old_text(Deal()).replace("Comments,", "", 1).replace("status,", "", 1),
        "the header lacks the columns 'status', 'comments' of the deals schema",
    ),
    "missing column": (new_text(Delivery()).replace("TIV deal unit,", ""), "lacks the columns 'tiv deal unit'"),
    "repeated column": (new_text(Delivery()).replace("Description,", "Designation,Description,"), "twice"),
    "cut in a record": (old_text(Deal(), Deal())[:-40], "is truncated: its last record, on line 3"),
    "cut in the last number": (old_text(Deal(), Deal())[:-2], "is truncated: it ends without a line end"),
    "cut before the last number": (old_text(Deal(), Deal())[:-3], "is truncated: it ends without a line end"),
    "cut in a newer record": (new_text(Delivery(), Delivery(deal_id="2"))[:-12], "is truncated"),
    "cut before the semicolon": (new_text(Delivery(), Delivery(deal_id="2"))[:-3], "the semicolon"),
    "every record broken": (old_text(Deal(status="x"), Deal(status="y")), "none of its 2 records can be read"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_by_name(tmp_path, text, message):
    with pytest.raises(InputError, match=r"register\.csv") as raised:
        read_register(write(tmp_path / "register.csv", text))
    assert message in str(raised.value)


def test_bytes_that_no_register_has_are_refused_by_name(tmp_path):
    path = tmp_path / "register.csv"
    for content, message in (
        (b"\x50\x4b\x03\x04\0\0", "holds binary data"),
        ("Türkiye, Türkiye".encode()[:-6], "ends within a character"),
        (b"\xef\xbb\xbf\xff\xfe abc", "says that it is utf-8-sig"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=message):
            read_register(path)
    with pytest.raises(InputError, match="can't be read"):
        read_register(tmp_path / "absent.csv")


def test_columns_may_stand_in_another_order_and_new_ones_are_told(tmp_path):
    header = NEW_HEADER.rstrip(";").split(",")
    values = list(vars(Delivery()).values())
    text = ",".join(["Programme", *reversed(header)]) + "\n" + ",".join(["x", *reversed(values)]) + "\n"
    file = read_register(write(tmp_path / "a.csv", text))
    assert file.unknown_columns == ("programme",)
    assert (file.deliveries[0].deal_id, file.deliveries[0].tiv_delivered) == ("90001", 40)


@pytest.mark.parametrize(
    ("told", "edition"),
    [
        ("Information generated: 5 Mar 2023", "2023-03-05"),
        ("Information generated: 2021-03-15", "2021-03-15"),
        ("File generated on March 9, 2020", "2020-03-09"),
        ("Made for 1950 to 2017", None),
    ],
)
def test_the_edition_is_the_day_that_the_preamble_tells(tmp_path, told, edition):
    assert read_register(write(tmp_path / "a.csv", old_text(Deal(), preamble=(told,)))).edition == edition


def test_a_file_far_beyond_any_register_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "register.csv"
    with path.open("wb") as handle:
        handle.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match=r"register\.csv has 268 MB, a register has at most 268"):
        read_register(path)
