"""`make audit` and `make sbom`: pip-audit against a database on loopback, and the list of what is installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "security"))
import audit

PROJECT = Path(__file__).resolve().parents[2]
HOLE = {
    "id": "GHSA-test-0001",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "a hole",
    "affected": [
        {
            "package": {"name": "badly", "ecosystem": "PyPI"},
            "versions": ["1.0"],
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


@pytest.fixture
def osv():
    """Serve OSV's protocol: one package has a hole."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(query["package"]["name"])
            body = json.dumps({"vulns": [HOLE]} if asked[-1] == "badly" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query", asked
        server.shutdown()


def write_lock(folder, *names):
    path = folder / "requirements.lock"
    path.write_text("".join(f"{name}==1.0 --hash=sha256:{'0' * 64}\n" for name in names), encoding="utf-8")
    return path


@pytest.mark.parametrize(("names", "code"), [(("fine", "good"), 0), (("fine", "badly"), 1)])
def test_a_known_hole_fails_the_audit_and_is_named(osv, tmp_path, capsys, names, code):
    address, asked = osv
    assert audit.main(["-s", "osv", "--osv-url", address], [write_lock(tmp_path, *names)]) == code
    assert sorted(asked) == sorted(names)
    told = capsys.readouterr().out
    assert "audited 2 of 2 packages" in told
    assert ("badly 1.0: GHSA-test-0001, fixed in 1.1" in told) is bool(code)


def test_a_database_that_cannot_be_reached_is_no_pass(tmp_path, capsys):
    options = ["-s", "osv", "--osv-url", "http://127.0.0.1:9/v1/query", "--timeout", "2"]
    assert audit.main(options, [write_lock(tmp_path, "fine")]) == 2
    assert "nothing was audited" in capsys.readouterr().out


def test_the_sbom_lists_every_package_that_is_locked_and_installed_and_no_folder(tmp_path):
    path = tmp_path / "sbom.json"
    make = subprocess.run(["make", "sbom", f"SBOM={path}"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert make.returncode == 0, make.stderr
    text = path.read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "armsledger"
    listed = {re.sub(r"[-_.]+", "-", each["name"]).lower(): each["version"] for each in document["components"]}
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    everywhere = dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", lock, re.MULTILINE))
    assert len(everywhere) > 200
    assert {name: version for name, version in everywhere.items() if listed.get(name) != version} == {}
    assert str(PROJECT) not in text
    assert sum(bool(each.get("licenses")) for each in document["components"]) > 0.9 * len(listed)


def test_every_lock_of_what_runs_is_audited():
    assert set(audit.LOCKS) == {path.name for path in PROJECT.glob("*.lock")}
