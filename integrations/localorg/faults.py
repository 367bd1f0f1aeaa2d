"""Faults on purpose, seeded or scripted: refusals, locks, slowness, lost answers, writes that land late."""

import asyncio
import json
import random
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from integrations.errors import SetupError
from integrations.localorg import auth
from integrations.localorg.refusals import Refusal
from integrations.localorg.store import Store

KINDS = {
    "unavailable": "503, nothing applied",
    "expired": "401, and the session is gone for good",
    "quota": "403 REQUEST_LIMIT_EXCEEDED, nothing applied",
    "locked": "UNABLE_TO_LOCK_ROW on a share `rows` of the records",
    "slow": "answered after `delay_s`",
    "cut_before": "the connection is cut, nothing applied",
    "cut_after": "applied, then the connection is cut: the answer is lost",
    "late": "the connection is cut, and the request is applied after `delay_s`, even when the client is gone",
}


@dataclass(frozen=True)
class Fault:
    """One thing to go wrong.

    share: of the requests, when drawn by chance. rows: of the records, for `locked`.
    path: a regular expression that the request's path must contain.
    """

    kind: str
    share: float = 0.0
    rows: float = 1.0
    delay_s: float = 0.2
    path: str = "/services/data/"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SetupError(f'"{self.kind}" is no fault; there are {", ".join(KINDS)}')


@dataclass
class FaultPlan:
    """Which request meets which fault. Scripted faults come first, in order; then chance decides.

    injected: every fault so far as (kind, method, path).
    """

    faults: tuple[Fault, ...] = ()
    seed: int = 0
    injected: list[tuple[str, str, str]] = field(default_factory=list)
    _script: deque[Fault | None] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 seeded chance, not secrecy

    @classmethod
    def parse(cls, text: str) -> "FaultPlan":
        """A plan from `seed=7 delay_s=0.3 unavailable=0.1 late=0.15`: shares by kind.

        raises: SetupError.
        """
        try:
            numbers = {
                name: float(value) for name, _, value in (part.partition("=") for part in text.split())
            }
        except ValueError as error:
            raise SetupError(f'faults "{text}": write them as "seed=7 unavailable=0.1 late=0.15"') from error
        seed, delay_s, rows = (numbers.pop(*each) for each in (("seed", 0), ("delay_s", 0.2), ("rows", 0.1)))
        faults = tuple(Fault(kind, share, rows, delay_s) for kind, share in numbers.items())
        return cls(faults, int(seed))

    def script(self, *faults: Fault | None) -> None:
        """What the next requests meet, one each; None lets one through."""
        self._script.extend(faults)

    def draw(self, method: str, path: str) -> Fault | None:
        """The fault for this request, if any."""
        found = self._scripted(path) if self._script else self._by_chance(path)
        if found is not None:
            self.injected.append((found.kind, method, path))
        return found

    def _scripted(self, path: str) -> Fault | None:
        if self._script[0] is not None and not re.search(self._script[0].path, path):
            return None
        return self._script.popleft()

    def _by_chance(self, path: str) -> Fault | None:
        drawn = self.random.random()
        for each in self.faults:
            if drawn < each.share:
                return each if re.search(each.path, path) else None
            drawn -= each.share
        return None


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 that hands each request its connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Faulty:
    """The application behind a fault plan."""

    def __init__(self, app: ASGIApp, plan: FaultPlan, store: Store) -> None:
        self._app = app
        self._plan = plan
        self._store = store
        self._landing: set[asyncio.Task[None]] = set()
        self._acts: dict[str, Callable[[Fault, Scope, Receive, Send], object]] = {
            "slow": self._slow,
            "locked": self._locked,
            "cut_before": self._cut_before,
            "cut_after": self._cut_after,
            "late": self._late,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._plan.draw(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind in self._acts:
            await self._acts[fault.kind](fault, scope, receive, send)  # type: ignore[misc]
        else:
            await self._refuse(fault, scope, receive, send)

    async def _refuse(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await _body(receive)
        if fault.kind == "expired":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            auth.end_session(self._store, auth.bearer(headers))
        refusal = _REFUSALS[fault.kind]
        content = [(b"content-type", b"application/json;charset=UTF-8")]
        await send({"type": "http.response.start", "status": refusal.status, "headers": content})
        await send({"type": "http.response.body", "body": json.dumps(refusal.as_response()).encode()})

    async def _slow(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(fault.delay_s)
        await self._app(scope, receive, send)

    async def _locked(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        chance = random.Random(self._plan.random.random())  # noqa: S311 seeded chance, not secrecy
        scope["state"]["locked"] = lambda _: chance.random() < fault.rows
        await self._app(scope, receive, send)

    async def _cut_before(self, _: Fault, scope: Scope, receive: Receive, __: Send) -> None:
        await _body(receive)
        await _cut(scope)

    async def _cut_after(self, _: Fault, scope: Scope, receive: Receive, __: Send) -> None:
        await self._app(scope, receive, _nowhere)
        await _cut(scope)

    async def _late(self, fault: Fault, scope: Scope, receive: Receive, _: Send) -> None:
        body = await _body(receive)
        task = asyncio.create_task(self._land(fault, dict(scope), body))
        self._landing.add(task)
        task.add_done_callback(self._landing.discard)
        await _cut(scope)

    async def _land(self, fault: Fault, scope: Scope, body: bytes) -> None:
        await asyncio.sleep(fault.delay_s)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, _nowhere)


_REFUSALS = {
    "unavailable": Refusal(503, "SERVER_UNAVAILABLE", "Service Unavailable. Please try again later."),
    "expired": auth.expired(),
    "quota": Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
}


async def _nowhere(_: Message) -> None:
    """An answer that nobody gets."""


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _cut(scope: Scope) -> None:
    """Cut the connection and wait until the server has noticed, so that it does not try to answer."""
    transport = scope["state"]["transport"]
    transport.abort()
    for _ in range(5):
        await asyncio.sleep(0)
