"""SECURITY.md: each defence that it names is proven by a test that exists, and each threat has at least one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
POLICY = (PROJECT / "SECURITY.md").read_text(encoding="utf-8")
THREATS = ("Hostile feed", "Hostile page", "Hostile register file", "Hostile reviewer file", "Leaked report")
PROOFS = sorted(set(re.findall(r"`([\w/.-]+\.py)::(\w+)`", POLICY)))


def list_tests(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("name", "test"), PROOFS)
def test_each_proof_is_a_test(name, test):
    path = PROJECT / "tests" / name
    assert path.is_file(), f"SECURITY.md names tests/{name}, which doesn't exist"
    assert test.startswith("test_")
    assert test in list_tests(path), f"SECURITY.md names {test}, which tests/{name} hasn't"


@pytest.mark.parametrize("threat", THREATS)
def test_each_threat_has_its_section_and_every_line_a_proof(threat):
    section = re.search(rf"^### {threat}\b.*?\n(.*?)(?=^##|\Z)", POLICY, re.MULTILINE | re.DOTALL)
    assert section, f"SECURITY.md has no section {threat}"
    rows = [line for line in section[1].splitlines() if line.startswith("| ")][2:]
    assert rows
    assert [row for row in rows if not re.search(r"`[\w/.-]+\.py::\w+`", row)] == []
