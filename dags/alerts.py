"""Alerts: what a failed task or a late run tells people, through the console, by e-mail or to a webhook.

``ARMSLEDGER_ALERTS`` names the channels, with white space between: ``console``, ``smtp://host:port/?to=…&from=…``
(``smtps://`` for TLS from the start, ``starttls=1`` for TLS after it, user and password before the host), and any
``http://`` or ``https://`` address, which gets a JSON document by POST.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import smtplib
import urllib.request
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from airflow.sdk import AsyncCallback, BaseNotifier, DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

    from warehouse.receipts import AuditReceipt

SECONDS = 15.0
"""Longest wait for a mail server or a webhook: an alert must not hold up the task that failed."""
PORTAL = "http://127.0.0.1:8090"
SHOWN_LINES = 20


class GateRefusedError(AirflowFailException):
    """A gate refused a load or a candidate; the task isn't tried again, for the same content would be refused again.

    Attributes:
        receipt: the verdict.
    """

    def __init__(self, receipt: AuditReceipt) -> None:
        self.receipt = receipt
        failures = "; ".join(receipt.failures)
        super().__init__(f"{receipt.subject} was refused: {failures} (report: {receipt.report_path})")


@dataclass(frozen=True)
class Alert:
    """What is told.

    Attributes:
        title: one line: what failed.
        lines: why; of a gate one line per expectation: suite, expectation, rows, keys.
        link: where to read more, or None.
    """

    title: str
    lines: tuple[str, ...]
    link: str | None

    @property
    def text(self) -> str:
        """The alert as plain text."""
        more = [f"... and {len(self.lines) - SHOWN_LINES} more"] if len(self.lines) > SHOWN_LINES else []
        told = [f"- {line}" for line in self.lines[:SHOWN_LINES]]
        return "\n".join([self.title, "", *told, *more, *(["", f"Report: {self.link}"] if self.link else [])])


class Channel(Protocol):
    """A way to tell people."""

    def send(self, alert: Alert) -> None:
        """Send an alert; whatever it raises is logged."""


@dataclass(frozen=True)
class ConsoleChannel:
    """Prints into the task's log."""

    def send(self, alert: Alert) -> None:
        """Print the alert."""
        print(f"ALERT {alert.text}", flush=True)


@dataclass(frozen=True)
class MailChannel:
    """Sends an e-mail.

    Attributes:
        host: mail server.
        port: its port.
        sender: address in From.
        recipients: addresses in To.
        user: login, or None for none.
        password: its password.
        is_tls: TLS from the start.
        is_starttls: TLS after the greeting.
    """

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: str | None = None
    is_tls: bool = False
    is_starttls: bool = False

    def send(self, alert: Alert) -> None:
        """Send the alert as plain text: markup in a name or a headline stays text in every mail program."""
        message = EmailMessage()
        message["Subject"] = " ".join(alert.title.split())[:200]
        message["From"], message["To"] = self.sender, ", ".join(self.recipients)
        message.set_content(alert.text)
        server = smtplib.SMTP_SSL if self.is_tls else smtplib.SMTP
        with server(self.host, self.port, timeout=SECONDS) as connection:
            if self.is_starttls:
                connection.starttls()
            if self.user:
                connection.login(self.user, self.password or "")
            connection.send_message(message)


@dataclass(frozen=True)
class WebhookChannel:
    """Posts a JSON document with ``title``, ``lines``, ``link`` and ``text``.

    Attributes:
        url: address.
    """

    url: str

    def send(self, alert: Alert) -> None:
        """Post the alert."""
        body = json.dumps({**asdict(alert), "text": alert.text}).encode()
        request = urllib.request.Request(
            self.url, body, {"Content-Type": "application/json; charset=utf-8"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=SECONDS):
            pass


def read_channels(setting: str) -> list[Channel]:
    """Return the channels that a setting names.

    Raises:
        SettingsError: a part of it can't be used; passwords aren't repeated.
    """
    return [_read_channel(part) for part in setting.split()]


def _read_channel(part: str) -> Channel:
    if part == "console":
        return ConsoleChannel()
    url = urlsplit(part)
    try:
        if url.scheme in ("http", "https") and url.hostname:
            return WebhookChannel(part)
        if url.scheme in ("smtp", "smtps") and url.hostname:
            query = parse_qs(url.query)
            recipients = tuple(one for told in query.get("to", ()) for one in told.split(",") if one)
            if recipients:
                return MailChannel(
                    host=url.hostname,
                    port=url.port or (465 if url.scheme == "smtps" else 25),
                    sender=query.get("from", ["armsledger@localhost"])[0],
                    recipients=recipients,
                    user=unquote(url.username) if url.username else None,
                    password=unquote(url.password) if url.password else None,
                    is_tls=url.scheme == "smtps",
                    is_starttls=query.get("starttls", ["0"])[0] == "1",
                )
    except ValueError:
        pass  # a port that is none
    raise SettingsError(
        f"ARMSLEDGER_ALERTS: a channel that begins with {url.scheme or part!r} can't be used; name console, "
        "smtp://host:port/?to=you@example.org, or the http(s) address of a webhook"
    )


def build_alert(context: Context | dict[str, Any]) -> Alert:
    """Say what failed, from the context of a failed task.

    Args:
        context: Airflow's; of a refused gate, its exception carries the receipt.
    """
    error = context.get("exception")
    if isinstance(error, GateRefusedError):
        receipt = error.receipt
        portal = os.environ.get("ARMSLEDGER_REPORTS_URL") or PORTAL
        link = f"{portal.rstrip('/')}/{receipt.report_path.removeprefix('reports/')}" if receipt.report_path else None
        return Alert(f"Armsledger: {receipt.subject} was refused", receipt.failures, link)
    task = context.get("task_instance") or context.get("ti")
    where = f"{task.dag_id}.{task.task_id}" if task else "a task"
    told = " ".join(str(error).split())[:1000] if error else "no reason is told; see the task's log"
    return Alert(f"Armsledger: {where} failed", (told,), None)


class AlertNotifier(BaseNotifier):
    """Tells of a failed task on every channel of ``ARMSLEDGER_ALERTS``; one that fails doesn't silence the others.

    Args:
        setting: channels in place of the setting's.
    """

    template_fields = ()

    def __init__(self, setting: str | None = None) -> None:
        super().__init__()
        self.setting = setting

    def notify(self, context: Context) -> None:
        """Send the alert."""
        setting = self.setting if self.setting is not None else os.environ.get("ARMSLEDGER_ALERTS", "console")
        send_alert(build_alert(context), setting)


def send_alert(alert: Alert, setting: str) -> None:
    """Send an alert on each channel of a setting; one that fails doesn't silence the others.

    Args:
        alert: what to tell.
        setting: channels, as ``ARMSLEDGER_ALERTS`` names them.
    """
    for part in setting.split():
        try:
            _read_channel(part).send(alert)
        except Exception as error:  # an alert that can't be sent must not hide what failed
            name = urlsplit(part).scheme or part
            logging.getLogger(__name__).error("alert by %s could not be sent: %s", name, error)


async def tell_of_deadline(minutes: float, context: dict[str, Any]) -> None:
    """Tell that a DAG run hasn't ended in time; Airflow's triggerer calls it.

    Args:
        minutes: time that the run had.
        context: the run and its deadline, as Airflow gives them.
    """
    run = context["dag_run"]
    if run.get("run_type") == "backfill":
        # all runs of a backfill are queued at once, and wait for each other
        return
    alert = Alert(
        f"Armsledger: {run['dag_id']} is late",
        (f"run {run.get('dag_run_id') or run.get('run_id')} hasn't ended {minutes:g} minutes after it was queued",),
        None,
    )
    await asyncio.to_thread(send_alert, alert, os.environ.get("ARMSLEDGER_ALERTS", "console"))


def late_after(minutes: float) -> DeadlineAlert:
    """Return the deadline of a DAG's runs; the one that misses it goes on, and people are told.

    Args:
        minutes: time from when a run is queued.
    """
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback(tell_of_deadline, kwargs={"minutes": minutes}),
        name=f"late after {minutes:g} minutes",
    )
