"""A server on loopback that speaks the OpenAI protocol, and answers whatever a test writes down."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from extract.claims import ArticleText
from extract.model.schema import build_claim_schema
from extract.model.settings import ModelSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NORWAY = ArticleText(
    "0123456789abcdef",
    "load-1",
    "Norway picks South Korean guns",
    "Norway has signed a contract with Hanwha for 24 K9 self-propelled howitzers worth $180 million.\n\n"
    "Deliveries begin in 2026, the defence ministry in Oslo said on Monday.\n\n"
    "Finland received 48 second-hand K9s from South Korea in 2018.",
    2025,
    5,
)
SIGNED = "Norway has signed a contract with Hanwha for 24 K9 self-propelled howitzers worth $180 million."
RECEIVED = "Finland received 48 second-hand K9s from South Korea in 2018."


@dataclass(frozen=True)
class Question:
    """One request as the server got it.

    Attributes:
        body: the whole request.
        headers: its headers, in lower case.
        number: how often this article was asked about before.
    """

    body: dict[str, Any]
    headers: dict[str, str]
    number: int

    @property
    def user(self) -> str:
        """What the user's message says."""
        return str(self.body["messages"][1]["content"])

    @property
    def article(self) -> dict[str, Any]:
        """The article in it."""
        parsed: dict[str, Any] = json.loads(self.user)
        return parsed


@dataclass(frozen=True)
class Reply:
    """What the server sends; it waits before the answer, or before each byte of it."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    pause_seconds: float = 0.0
    trickle_seconds: float = 0.0


@dataclass
class ModelServer:
    """The server's answer and memory.

    Attributes:
        url: base address for the client.
        answer: from a question to the reply.
        questions: all that came in.
        most_at_once: greatest number of requests that were under way together.
    """

    url: str = ""
    answer: Callable[[Question], Reply] = field(default=lambda _: reply_claims())
    questions: list[Question] = field(default_factory=list)
    most_at_once: int = 0
    _open: int = 0
    _asked: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def settings(self, **changes: Any) -> ModelSettings:
        """Settings that lead here."""
        return ModelSettings(**{"model": "Test-Model 7B", "url": self.url, "key": "k-secret", **changes})

    def serve(self, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        """Note a question and answer it."""
        with self._lock:
            article = body["messages"][1]["content"]
            question = Question(body, headers, self._asked[article])
            self._asked[article] += 1
            self.questions.append(question)
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
        try:
            reply = self.answer(question)
            time.sleep(reply.pause_seconds)
            return reply
        finally:
            with self._lock:
                self._open -= 1


def tell_claim(**fields: Any) -> dict[str, Any]:
    """Give a claim as a model that works well tells it, with changes."""
    claim = {
        **dict.fromkeys(build_claim_schema()["properties"]),
        "supplier_text": "Hanwha",
        "supplier_code": "KOR",
        "supplier_is_inferred": True,
        "recipient_text": "Norway",
        "recipient_code": "NOR",
        "weapon_text": "K9 self-propelled howitzers",
        "weapon_designation": "K9 Thunder",
        "weapon_category": "artillery",
        "quantity_text": "24",
        "quantity_min": 24,
        "quantity_max": 24,
        "quantity_is_approximate": False,
        "value_text": "$180 million",
        "value_min": 180e6,
        "value_max": 180e6,
        "value_currency": "USD",
        "value_type": "contract",
        "status": "ordered",
        "deal_type": "sale",
        "order_year": 2025,
        "order_year_is_estimate": True,
        "delivery_year_first": 2026,
        "delivery_year_last": 2026,
        "delivery_year_is_estimate": False,
        "is_background": False,
        "evidence_text": SIGNED,
    }
    return claim | fields


def tell_finland(**fields: Any) -> dict[str, Any]:
    """Give the claim of the background paragraph, with changes."""
    finland = {
        "supplier_text": "South Korea",
        "supplier_is_inferred": False,
        "recipient_text": "Finland",
        "recipient_code": "FIN",
        "weapon_text": "K9s",
        "quantity_text": "48",
        "quantity_min": 48,
        "quantity_max": 48,
        **dict.fromkeys(("value_text", "value_min", "value_max", "value_currency", "value_type", "order_year")),
        "order_year_is_estimate": False,
        "status": "delivered",
        "condition": "second_hand",
        "delivery_year_first": 2018,
        "delivery_year_last": 2018,
        "is_background": True,
        "evidence_text": RECEIVED,
    }
    return tell_claim(**{**finland, **fields})


def reply_claims(*claims: dict[str, Any], **changes: Any) -> Reply:
    """Reply with claims in the form that was asked for."""
    return reply_text(json.dumps({"claims": list(claims)}), **changes)


def reply_text(content: str | None, *, finish: str = "stop", refusal: str | None = None, **changes: Any) -> Reply:
    """Reply with a completion of any content."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    completion = {
        "id": "c-1",
        "object": "chat.completion",
        "created": 0,
        "model": "test",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }
    return Reply(json.dumps(completion).encode(), **changes)


def reply_error(status: int, message: str = "no", **headers: str) -> Reply:
    """Reply with an error as the protocol has it; the client may try again at once."""
    known = {"Content-Type": "application/json", "Retry-After-Ms": "1", **headers}
    return Reply(json.dumps({"error": {"message": message}}).encode(), status, known)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    model: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/chat/completions"
        reply = self.model.serve(body, {name.lower(): value for name, value in self.headers.items()})
        with contextlib.suppress(ConnectionError):
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if not reply.trickle_seconds:
                self.wfile.write(reply.body)
                return
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                time.sleep(reply.trickle_seconds)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def serve_model() -> Iterator[ModelServer]:
    """Serve a model for this block."""
    model = ModelServer()
    handler = type("Handler", (_Handler,), {"model": model})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()
