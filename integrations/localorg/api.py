"""The REST API's frame: a call, an answer, and the table of paths."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote

from integrations.localorg.instants import wire
from integrations.localorg.permissions import Access
from integrations.localorg.query import Asker
from integrations.localorg.records import Writer
from integrations.localorg.refusals import Refusal, bad_json, not_found
from integrations.localorg.store import Store

FIRST_VERSION = 45
LAST_VERSION = 64
DAILY_REQUESTS = 100_000


@dataclass(frozen=True)
class Call:
    """One authenticated request.

    path: without `/services/data/vNN.N`, still percent-encoded: an external id may hold a slash.
    locked: the fault plan's word on which rows are locked.
    """

    store: Store
    access: Access
    now: datetime
    version: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    locked: Callable[[str], bool] = lambda _: False

    @property
    def base(self) -> str:
        """Where this version of the API begins."""
        return f"/services/data/v{self.version}"

    def json(self) -> dict[str, object]:
        """The body as an object.

        raises: Refusal, JSON_PARSER_ERROR.
        """
        try:
            parsed = json.loads(self.body)
        except ValueError as error:
            raise bad_json(f"Unexpected character in the request body: {error}") from error
        if not isinstance(parsed, dict):
            raise bad_json("The request body is not a JSON object")
        return parsed

    def writer(self) -> Writer:
        """For changing records in this call's name."""
        return Writer(self.store, self.access, wire(self.now), self.request_id, self.locked)

    def asker(self, tooling: bool = False, include_deleted: bool = False) -> Asker:
        """For queries in this call's name."""
        return Asker(self.access, self.now, self.version, tooling, include_deleted)


@dataclass(frozen=True)
class Answer:
    """What goes back; body None is an empty one."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Answer]


class Router:
    """Paths to handlers. A handler gets the call and the path's named parts, in the path's own case."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def on(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Bind a handler to a method and a path such as `/sobjects/{name}/{record}`."""
        parts = (
            f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)
            for part in path.split("/")
        )
        pattern = re.compile("/".join(parts) + "/?", re.IGNORECASE)

        def bind(handler: Handler) -> Handler:
            self._routes.append((method, pattern, handler))
            return handler

        return bind

    def answer(self, call: Call) -> Answer:
        """What the first matching handler answers.

        raises: Refusal, NOT_FOUND where no path fits and METHOD_NOT_ALLOWED where only the method does not.
        """
        fits = [
            (method, match, handler)
            for method, pattern, handler in self._routes
            if (match := pattern.fullmatch(call.path))
        ]
        for method, match, handler in fits:
            if method == call.method:
                return handler(call, **{name: unquote(part) for name, part in match.groupdict().items()})
        if fits:
            raise Refusal(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are "
                f"{','.join(sorted({method for method, _, _ in fits}))}")  # fmt: skip
        raise not_found()


def known_version(version: str) -> bool:
    """Whether the org serves this version of the API."""
    match = re.fullmatch(r"(\d+)\.0", version)
    return match is not None and FIRST_VERSION <= int(match[1]) <= LAST_VERSION


def versions() -> list[dict[str, str]]:
    """The answer of `/services/data`: three releases a year since Spring '19."""
    seasons = ("Spring", "Summer", "Winter")
    listed = []
    for number in range(FIRST_VERSION, LAST_VERSION + 1):
        year, season = divmod(number - FIRST_VERSION, 3)
        label = f"{seasons[season]} '{19 + year + (season == 2)}"
        listed.append({"label": label, "url": f"/services/data/v{number}.0", "version": f"{number}.0"})
    return listed


def used_requests(store: Store, now: datetime) -> int:
    """Requests of the last 24 hours."""
    return store.calls_since(wire(now - timedelta(days=1)))
