"""Receipts: a verdict lets exactly one content pass."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from warehouse.errors import GateError
from warehouse.receipts import AuditReceipt, file_sha256

RECEIPT = AuditReceipt(
    subject="articles/load=load-1",
    fingerprint="a" * 64,
    validation_id="v1",
    verdict="passed",
    failures=(),
    warnings=("few rows",),
    report_path="reports/v1.html",
    issued_at="2026-01-02T00:00:00+00:00",
)


def test_a_pass_lets_its_content_pass():
    RECEIPT.require(subject="articles/load=load-1", fingerprint="a" * 64)
    assert RECEIPT.has_passed


@pytest.mark.parametrize(
    ("receipt", "message"),
    [
        (replace(RECEIPT, subject="articles/load=load-2"), "load=load-1: the receipt is for articles/load=load-2"),
        (replace(RECEIPT, fingerprint="b" * 64), "load=load-1: the content has changed since the gate saw it"),
        (replace(RECEIPT, verdict="failed", failures=("a", "b")), "load=load-1: the gate refused it: a; b"),
        (replace(RECEIPT, verdict="PASSED"), "load=load-1: the gate refused it"),
    ],
)
def test_anything_else_is_refused(receipt, message):
    with pytest.raises(GateError, match=message):
        receipt.require(subject="articles/load=load-1", fingerprint="a" * 64)


def test_a_receipt_reads_back_as_written(tmp_path):
    receipt = replace(RECEIPT, verdict="failed", failures=("Łódź is no country",))
    receipt.write(tmp_path / "receipt.json")
    assert AuditReceipt.read(tmp_path / "receipt.json") == receipt
    assert [path.name for path in tmp_path.iterdir()] == ["receipt.json"]


def test_a_missing_receipt_tells_what_to_run(tmp_path):
    with pytest.raises(GateError, match=r"receipt\.json: no receipt; run the gate first \(python -m expectations\)"):
        AuditReceipt.read(tmp_path / "receipt.json")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff", json.dumps({"failures": [], "warnings": [], "verdict": "passed"}).encode()]
)
def test_a_damaged_receipt_is_named(tmp_path, content):
    (tmp_path / "receipt.json").write_bytes(content)
    with pytest.raises(GateError, match=r"receipt\.json: not a receipt .*run the gate again"):
        AuditReceipt.read(tmp_path / "receipt.json")


def test_the_fingerprint_of_a_file_is_its_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert file_sha256(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
