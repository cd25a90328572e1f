"""A real S3-compatible server on loopback (moto), with the faults that a storage can have.

moto looks at a condition and writes in two steps, so writes follow one another here; it checks no keys, so that is done
here, too. Everything else is moto's.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

KEY, SECRET = "AKIATESTONLY", "a-secret-that-no-log-may-hold"
BUCKET = "lake"
_ERROR = '<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'


@dataclass
class ObjectServer:
    """A server that runs.

    Attributes:
        url: its address.
        requests: method (``COPY`` for a put that the server itself takes from another object) and path of each request.
        refuse: says for a request (method, path) which status it gets instead of an answer, or None.
    """

    url: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    refuse: Callable[[str, str], int | None] = field(default=lambda method, path: None)

    @property
    def environment(self) -> dict[str, str]:
        """Settings that lead to it."""
        return {
            "ARMSLEDGER_DATA": f"s3://{BUCKET}/news",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def list_keys(self) -> list[str]:
        """Return the keys of all objects."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def client(self) -> Any:
        """Return a client of the tests' own."""
        return boto3.session.Session().client(
            "s3", endpoint_url=self.url, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
        )


@contextlib.contextmanager
def serve_objects() -> Iterator[ObjectServer]:
    """Serve an empty bucket while the block runs."""
    server = ObjectServer()
    moto = DomainDispatcherApplication(create_backend_app)
    one_at_a_time = threading.Lock()

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path.startswith("/moto-api"):
            return moto(environ, start)  # type: ignore[no-any-return]
        server.requests.append(("COPY" if "HTTP_X_AMZ_COPY_SOURCE" in environ else method, path))
        if f"Credential={KEY}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            return _fail(403, "InvalidAccessKeyId")(environ, start)
        status = server.refuse(method, path)
        if status:
            return _fail(status, "InternalError")(environ, start)
        if method == "GET":
            return moto(environ, start)  # type: ignore[no-any-return]
        with one_at_a_time:
            return moto(environ, start)  # type: ignore[no-any-return]

    listening = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=_QuietHandler)
    server.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        server.client().create_bucket(Bucket=BUCKET)
        yield server
    finally:
        # moto keeps its objects in this process
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].reset()
        listening.shutdown()
        thread.join()
        listening.server_close()


def _fail(status: int, code: str) -> Response:
    return Response(_ERROR.format(code=code), status=status, content_type="application/xml")


class _QuietHandler(MotoRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Print nothing."""
