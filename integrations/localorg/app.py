"""The HTTPS application: OAuth, the REST API's frame around every call, the record pages."""

import asyncio
import json
from collections.abc import Mapping
from email.utils import format_datetime
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from integrations.localorg import auth
from integrations.localorg.api import DAILY_REQUESTS, Answer, Call, known_version, used_requests, versions
from integrations.localorg.instants import wire
from integrations.localorg.org import LocalOrg
from integrations.localorg.permissions import access_of
from integrations.localorg.refusals import Refusal, not_found
from integrations.localorg.routes import router
from integrations.localorg.store import ApiCall

_PREFIX = "/services/data/v"
_NO_STORE = {"Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private"}


class RestApi:
    """Everything under /services/."""

    def __init__(self, org: LocalOrg) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """For the application."""
        every = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]
        return [
            Route("/services/oauth2/token", self._token, methods=["POST"]),
            Route("/services/data", self._versions, methods=["GET"]),
            Route("/services/data/", self._versions, methods=["GET"]),
            Route("/services/{rest:path}", self._call, methods=every),
        ]

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        base_url = f"https://{request.headers.get('host', '')}"
        status, body = await asyncio.to_thread(
            auth.token_answer, self._org.store, form, dict(request.headers), base_url, self._org.now()
        )
        return self._response(Answer(status, body))

    async def _versions(self, _: Request) -> Response:
        return self._response(Answer(200, versions()))

    async def _call(self, request: Request) -> Response:
        body = await request.body()
        answer = await asyncio.to_thread(self._answered, request, body)
        return self._response(answer)

    def _answered(self, request: Request, body: bytes) -> Answer:
        try:
            call = self._admitted(request, body)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.as_response(), refusal.headers)
        try:
            answer = router.answer(call)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.as_response(), refusal.headers)
        self._log(call, request, answer.status)
        used = used_requests(self._org.store, call.now)
        return Answer(
            answer.status,
            answer.body,
            {**answer.headers, "Sforce-Limit-Info": f"api-usage={used}/{DAILY_REQUESTS}"},
        )

    def _admitted(self, request: Request, body: bytes) -> Call:
        version, path = _split(_raw_path(request))
        now = self._org.now()
        user_id = auth.user_of(self._org.store, auth.bearer(request.headers), now)
        state = request.scope.get("state", {})
        return Call(
            store=self._org.store,
            access=access_of(self._org.store, user_id),
            now=now,
            version=version,
            method=request.method,
            path=path,
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=body,
            request_id=f"req-{self._org.store.next_number('request')}",
            locked=state.get("locked", lambda _: False),
        )

    def _log(self, call: Call, request: Request, status: int) -> None:
        options: Mapping[str, str] = dict(
            part.strip().partition("=")[::2]
            for part in call.headers.get("sforce-call-options", "").split(",")
        )
        self._org.store.log_call(
            ApiCall(
                wire(call.now),
                call.access.user_id,
                auth.session_digest(auth.bearer(request.headers)),
                call.method,
                call.path,
                status,
                call.request_id,
                options.get("client", ""),
            )
        )

    def _response(self, answer: Answer) -> Response:
        headers = {**_NO_STORE, "Date": format_datetime(self._org.now(), usegmt=True), **answer.headers}
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        content = json.dumps(answer.body, ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json;charset=UTF-8"
        if answer.status < 400:
            headers["Vary"] = "Accept-Encoding"
        return Response(content, answer.status, headers)


def _raw_path(request: Request) -> str:
    """The path as it was sent: an external id may hold an escaped slash."""
    return bytes(request.scope.get("raw_path") or request.url.path.encode()).decode("ascii", "replace")


def _split(raw: str) -> tuple[str, str]:
    """Version and the path below it.

    raises: Refusal, NOT_FOUND.
    """
    version, _, path = raw.removeprefix(_PREFIX).partition("/")
    if not raw.startswith(_PREFIX) or not known_version(version):
        raise not_found()
    return version, f"/{path}"


def application(org: LocalOrg, pages: list[Route | Mount]) -> Starlette:
    """The whole server without its socket."""
    return Starlette(routes=[*RestApi(org).routes(), *pages])
