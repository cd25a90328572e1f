"""Alerts, sent to a real mail server and a real web server on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from warehouse.errors import SettingsError
from warehouse.receipts import AuditReceipt

LOGIN = "gate:p%40ss"
LINE = "articles: expect_column_values_to_match_regex(title): 7 of 20 rows; article_id 0a, 0b and 5 more"
REPORT = "reports/validation/articles/20260310T120000Z-abcdef01.html"


@pytest.fixture(scope="module")
def alerts(tmp_path_factory):
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
    from dags import alerts

    return alerts


def run_trigger(path, kwargs):
    """Run a callback as Airflow's triggerer does; gives its states."""
    from airflow.triggers.callback import CallbackTrigger

    async def run():
        return [str(event.payload["state"]) async for event in CallbackTrigger(path, kwargs).run()]

    return asyncio.run(run())


class Mailbox:
    """What a mail server took in."""

    def __init__(self):
        self.messages = []
        self.logins = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"

    def log_in(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)


@pytest.fixture
def mail_server():
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    login = {"authenticator": mailbox.log_in, "auth_require_tls": False}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **login)
    controller.start()
    yield port, mailbox
    controller.stop()


@pytest.fixture
def web_server():
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", posted
        server.shutdown()
        thread.join()


def refused(alerts, *, line=LINE, report=REPORT):
    receipt = AuditReceipt("articles/load=load-1", "0", "v-1", "failed", (line,), (), report, "2026-03-10")
    return {"exception": alerts.GateRefusedError(receipt), "ti": SimpleNamespace(dag_id="d", task_id="t")}


def test_an_email_names_suite_expectation_rows_and_report(alerts, mail_server, monkeypatch):
    port, mailbox = mail_server
    monkeypatch.setenv("ARMSLEDGER_REPORTS_URL", "https://reports.example.org/")
    alerts.AlertNotifier(f"smtp://127.0.0.1:{port}/?to=a@example.org,b@example.org&from=gate@example.org")(
        refused(alerts)
    )
    ((sender, recipients, content),) = mailbox.messages
    assert (sender, recipients) == ("gate@example.org", ["a@example.org", "b@example.org"])
    assert "Subject: Armsledger: articles/load=load-1 was refused" in content
    text = content.replace("=\r\n", "").replace("\r\n", " ")
    assert LINE in text
    assert "https://reports.example.org/validation/articles/20260310T120000Z-abcdef01.html" in text
    assert "Content-Type: text/plain" in content
    assert mailbox.logins == []


def test_a_mail_server_may_want_a_login(alerts, mail_server):
    port, mailbox = mail_server
    alerts.AlertNotifier(f"smtp://{LOGIN}@127.0.0.1:{port}/?to=a@example.org")(refused(alerts))
    assert mailbox.logins == [("gate", "p@ss")]
    assert len(mailbox.messages) == 1


def test_a_title_cannot_add_a_header(alerts, mail_server):
    port, mailbox = mail_server
    context = {"exception": ValueError("x"), "ti": SimpleNamespace(dag_id="d\r\nBcc: c@example.org", task_id="t")}
    alerts.AlertNotifier(f"smtp://127.0.0.1:{port}/?to=a@example.org")(context)
    ((_, recipients, content),) = mailbox.messages
    assert recipients == ["a@example.org"]
    assert "\r\nBcc:" not in content.split("\r\n\r\n")[0]


def test_a_webhook_gets_a_document(alerts, web_server):
    address, posted = web_server
    alerts.AlertNotifier(f"{address}/hook?key=1")(refused(alerts))
    ((path, kind, document),) = posted
    assert path == "/hook?key=1"
    assert kind.startswith("application/json")
    assert document["title"] == "Armsledger: articles/load=load-1 was refused"
    assert document["lines"] == [LINE]
    assert document["link"].startswith("http://127.0.0.1:8090/validation/articles/")
    assert LINE in document["text"]


def test_the_console_gets_the_same(alerts, capsys):
    alerts.AlertNotifier("console")(refused(alerts))
    assert LINE in capsys.readouterr().out


def test_a_channel_that_fails_does_not_silence_the_others(alerts, web_server, capsys):
    address, posted = web_server
    setting = f"smtp://127.0.0.1:1/?to=a@example.org {address}/broken nonsense {address}/hook console"
    alerts.AlertNotifier(setting)(refused(alerts))
    assert [path for path, *_ in posted] == ["/broken", "/hook"]
    assert LINE in capsys.readouterr().out


def test_any_other_failure_is_told_with_its_task_and_reason(alerts):
    context = {"exception": OSError("the disk is\nfull"), "ti": SimpleNamespace(dag_id="d", task_id="t")}
    alert = alerts.build_alert(context)
    assert (alert.title, alert.lines, alert.link) == ("Armsledger: d.t failed", ("the disk is full",), None)
    assert "see the task's log" in alerts.build_alert({}).lines[0]


def test_hundreds_of_failures_are_cut(alerts):
    alert = alerts.Alert("title", tuple(f"line {number}" for number in range(300)), None)
    assert "... and 280 more" in alert.text
    assert len(alert.text) < 1000


@pytest.mark.parametrize(
    "part",
    ["mail", "smtp://host/", "smtp://host:port/?to=a@example.org", "ftp://host", "https://", f"smtp://{LOGIN}@/"],
)
def test_a_channel_that_cannot_be_used_is_named_without_its_password(alerts, part):
    with pytest.raises(SettingsError, match="ARMSLEDGER_ALERTS") as error:
        alerts.read_channels(part)
    assert "p%40ss" not in str(error.value)


_RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from warehouse.settings import Settings
from dags.embedded import prepare_airflow, run_dag
settings = Settings.from_environment()
prepare_airflow(settings)
outcome = run_dag("extract_claims")
print("SUCCEEDED" if outcome.has_succeeded else "FAILED")
"""


@pytest.mark.slow
def test_a_refused_gate_of_a_real_dag_run_reaches_the_webhook(web_server, tmp_path):
    from pathlib import Path

    address, posted = web_server
    unit = Path(__file__).resolve().parents[1] / "unit"
    prepare = f"""
import sys
sys.path.insert(0, {str(unit)!r})
from pathlib import Path
from gate_batches import ARTICLES, TRANSFER_CLAIMS, make_article, make_claim, make_settings, stage
from expectations import gate
from warehouse import waivers
settings = make_settings(Path({str(tmp_path)!r}))
stage(settings, TRANSFER_CLAIMS, "c-1", [make_claim(n, article_id="f" * 16) for n in range(3)], returned=[])
"""
    environment = {**os.environ, "ARMSLEDGER_DATA": str(tmp_path), "ARMSLEDGER_ALERTS": f"{address}/hook"}
    subprocess.run([sys.executable, "-c", prepare], env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(unit)], env=environment, capture_output=True, text=True, check=False
    )
    assert "FAILED" in done.stdout, done.stderr[-2000:]
    ((_, _, document),) = posted
    assert document["title"] == "Armsledger: transfer_claims/load=c-1 was refused"
    assert any("expect_article_to_be_in_the_lake" in line for line in document["lines"])


def test_a_late_run_is_told_as_the_triggerer_does(alerts, web_server, monkeypatch):
    address, posted = web_server
    monkeypatch.setenv("ARMSLEDGER_ALERTS", f"{address}/late")
    context = {"dag_run": {"dag_id": "ingest_articles", "dag_run_id": "scheduled__2026-03-10"}, "deadline": {"id": "1"}}
    callback = alerts.late_after(45).callback
    states = run_trigger(callback.path, {**callback.kwargs, "context": context})
    assert states[-1].endswith("success"), states
    ((path, _, document),) = posted
    assert (path, document["title"]) == ("/late", "Armsledger: ingest_articles is late")
    assert document["lines"] == ["run scheduled__2026-03-10 hasn't ended 45 minutes after it was queued"]
