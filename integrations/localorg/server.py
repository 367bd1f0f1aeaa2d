"""Serving an org over TLS on loopback: in a thread, or until the process is told to stop."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from integrations.errors import SetupError
from integrations.localorg.app import application
from integrations.localorg.certificates import server_context
from integrations.localorg.faults import CuttableProtocol, FaultPlan, Faulty
from integrations.localorg.org import Clock, LocalOrg
from integrations.localorg.pages.web import Pages
from integrations.localorg.standard_org import standard_org

LOOPBACK = "127.0.0.1"
_START_LIMIT_S = 20.0


@dataclass(frozen=True)
class Address:
    """Where the org answers, and the certificate to trust."""

    url: str
    ca_file: Path


class _Server(uvicorn.Server):
    """A server that says when it listens, and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None], with_signals: bool) -> None:
        super().__init__(config)
        self._on_listening = on_listening
        self._with_signals = with_signals

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if self._with_signals:
            with super().capture_signals():
                yield
        else:
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Idle clients keep their connections open; an org that stops is simply gone for them.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.01)
        await super().shutdown(sockets)


def _server(
    org: LocalOrg, faults: FaultPlan | None, on_listening: Callable[[], None], with_signals: bool = False
) -> _Server:
    app = application(org, Pages(org).routes())
    config = uvicorn.Config(
        Faulty(app, faults, org.store) if faults else app,
        http=CuttableProtocol,
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        ssl_context_factory=lambda *_: server_context(org.folder),
        timeout_keep_alive=60,
        timeout_graceful_shutdown=0,
    )
    return _Server(config, on_listening, with_signals)


def _listen(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise SetupError(
            f"port {port} on {LOOPBACK} is not free ({error}); choose another or stop what uses it"
        ) from error
    return listener


@contextmanager
def serving(org: LocalOrg, port: int = 0, faults: FaultPlan | None = None) -> Iterator[Address]:
    """Serve in a thread while the block runs. port 0: any free one."""
    listener = _listen(port)
    listening = threading.Event()
    server = _server(org, faults, listening.set)
    thread = threading.Thread(target=server.run, args=([listener],), name="local-org", daemon=True)
    thread.start()
    try:
        if not listening.wait(_START_LIMIT_S):
            raise SetupError("the local org did not start to listen")
        yield _address(listener, org)
    finally:
        server.should_exit = True
        thread.join(_START_LIMIT_S)
        listener.close()


def serve_forever(
    folder: Path,
    port: int,
    now: Clock,
    on_listening: Callable[[Address], None],
    faults: FaultPlan | None = None,
) -> None:
    """Serve the org in the folder until SIGINT or SIGTERM; where there is none, make the standard one.

    on_listening: called once, as soon as it answers. raises: SetupError where the port is taken.
    """
    listener = _listen(port)
    org = LocalOrg.open(folder, now) if (folder / "org.db").exists() else _new(folder, now)
    try:
        address = _address(listener, org)
        _server(org, faults, lambda: on_listening(address), with_signals=True).run([listener])
    finally:
        listener.close()
        org.close()


def _address(listener: socket.socket, org: LocalOrg) -> Address:
    return Address(f"https://{LOOPBACK}:{listener.getsockname()[1]}", org.ca_file)


def _new(folder: Path, now: Clock) -> LocalOrg:
    org = LocalOrg.create(folder, now)
    standard_org(org)
    return org
