"""The pages' routes: log in, log out, list, account, feedback."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from integrations.localorg import auth, records
from integrations.localorg.ids import full_id
from integrations.localorg.instants import wire
from integrations.localorg.org import LocalOrg
from integrations.localorg.pages.account import Viewer, account_page, listed
from integrations.localorg.permissions import access_of
from integrations.localorg.records import Writer
from integrations.localorg.refusals import Refusal

_HERE = Path(__file__).parent
_COOKIE = "__Host-sid"
_LOGIN_COOKIE = "__Host-login"
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Pages:
    """The HTML side of an org."""

    def __init__(self, org: LocalOrg) -> None:
        self._org = org
        loader = FileSystemLoader(_HERE / "templates")
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )

    def routes(self) -> list[Route | Mount]:
        """For the application."""
        return [
            Route("/", self._home),
            Route("/login", self._ask_login, methods=["GET"]),
            Route("/login", self._threaded(self._login), methods=["POST"]),
            Route("/logout", self._threaded(self._logout), methods=["POST"]),
            Route("/lightning/o/Account/list", self._threaded(self._list), methods=["GET"]),
            Route("/lightning/r/Account/{record}/view", self._threaded(self._account), methods=["GET"]),
            Route("/lightning/r/Account/{record}/feedback", self._threaded(self._feedback), methods=["POST"]),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ]

    def _threaded(self, page: Callable[[Request, dict[str, str]], Response]) -> Callable[..., object]:
        """Pages wait for SQLite: not in the event loop."""

        async def endpoint(request: Request) -> Response:
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
            return await asyncio.to_thread(page, request, form)

        return endpoint

    def _html(self, template: str, status: int = 200, **context: object) -> HTMLResponse:
        text = self._templates.get_template(template).render(**context)
        return HTMLResponse(text, status, headers=_HEADERS)

    # Log in and out

    async def _home(self, _: Request) -> Response:
        return RedirectResponse("/lightning/o/Account/list", 303)

    async def _ask_login(self, request: Request) -> Response:
        return self._login_form(str(request.query_params.get("next", "/")), "")

    def _login_form(self, goal: str, problem: str, status: int = 200) -> Response:
        token = secrets.token_urlsafe(24)
        answer = self._html("login.html", status, csrf=token, goal=goal, problem=problem)
        answer.set_cookie(_LOGIN_COOKIE, token, secure=True, httponly=True, samesite="strict", path="/")
        return answer

    def _login(self, request: Request, form: dict[str, str]) -> Response:
        goal = _local(form.get("next", "/"))
        if not _same(form.get("csrf", ""), request.cookies.get(_LOGIN_COOKIE, "")):
            return self._login_form(goal, "This form was too old. Please log in again.", 403)
        user_id = auth.user_by_password(self._org.store, form.get("username", ""), form.get("password", ""))
        if user_id is None:
            return self._login_form(goal, "User name or password is wrong.", 401)
        answer = RedirectResponse(goal, 303)
        token = auth.open_session(self._org.store, user_id, self._org.now())
        answer.set_cookie(_COOKIE, token, secure=True, httponly=True, samesite="strict", path="/")
        answer.delete_cookie(_LOGIN_COOKIE, path="/", secure=True)
        return answer

    def _logout(self, request: Request, form: dict[str, str]) -> Response:
        if self._viewer(request) is not None and self._genuine(request, form):
            auth.end_session(self._org.store, request.cookies[_COOKIE])
        return RedirectResponse("/login", 303)

    def _viewer(self, request: Request) -> Viewer | None:
        """Who is logged in."""
        now = self._org.now()
        try:
            user_id = auth.user_of(self._org.store, request.cookies.get(_COOKIE, ""), now)
        except Refusal:
            return None
        return Viewer(self._org.store, access_of(self._org.store, user_id), now)

    def _genuine(self, request: Request, form: dict[str, str]) -> bool:
        """Whether a form came from a page of this session."""
        return _same(form.get("csrf", ""), auth.csrf_of(self._org.store, request.cookies[_COOKIE]))

    def _frame(self, request: Request, viewer: Viewer, search: str = "") -> dict[str, Any]:
        """What every page shows around its content."""
        user = self._org.store.get("User", viewer.access.user_id) or {}
        csrf = auth.csrf_of(self._org.store, request.cookies[_COOKIE])
        return {"user": user.get("Name"), "csrf": csrf, "search": search}

    # Accounts

    def _list(self, request: Request, _: dict[str, str]) -> Response:
        viewer = self._viewer(request)
        if viewer is None:
            return _to_login(request)
        search = request.query_params.get("q", "").strip()
        return self._html("list.html", **self._frame(request, viewer, search), rows=listed(viewer, search))

    def _account(self, request: Request, _: dict[str, str], problem: str = "", status: int = 200) -> Response:
        viewer = self._viewer(request)
        if viewer is None:
            return _to_login(request)
        record_id = full_id(request.path_params["record"])
        page = account_page(viewer, record_id) if record_id else None
        frame = self._frame(request, viewer)
        if page is None:
            return self._html("missing.html", 404, **frame)
        saved = request.query_params.get("saved") == "1" and not problem
        return self._html("account.html", status, **frame, page=page, saved=saved, problem=problem)

    def _feedback(self, request: Request, form: dict[str, str]) -> Response:
        viewer = self._viewer(request)
        if viewer is None:
            return _to_login(request)
        if not self._genuine(request, form):
            return self._account(request, form, "This form was too old. Please send it again.", 403)
        values = {
            "Maturity_Feedback__c": form.get("value") or None,
            "Maturity_Feedback_Note__c": form.get("note") or None,
        }
        record = request.path_params["record"]
        writer = Writer(self._org.store, viewer.access, wire(viewer.now), "page")
        try:
            with self._org.store.transaction():
                records.update(writer, self._org.store.objects["Account"], record, values)
        except Refusal as refusal:
            return self._account(request, form, refusal.message, 400)
        return RedirectResponse(f"/lightning/r/Account/{quote(record)}/view?saved=1", 303)


def _same(left: str, right: str) -> bool:
    return bool(left) and hmac.compare_digest(left.encode(), right.encode())


def _local(goal: str) -> str:
    """Where to go after the log-in: a path of this server, nothing else."""
    return goal if goal.startswith("/") and not goal.startswith(("//", "/\\")) else "/"


def _to_login(request: Request) -> Response:
    return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
