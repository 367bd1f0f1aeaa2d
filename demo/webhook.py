"""A receiver of alerts on loopback, so that the demo's webhook has somewhere to go."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Inbox:
    """Where alerts arrive, and those that did."""

    url: str
    alerts: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Inbox]:
    """Receive alerts while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.alerts.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo prints what arrived."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox = Inbox(f"http://127.0.0.1:{server.server_port}/alerts")
    threading.Thread(target=server.serve_forever, name="webhook", daemon=True).start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
