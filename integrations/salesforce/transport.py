"""Every HTTP exchange with Salesforce: time limits, retries, budget, log.

One subclass of requests.Session is the seam, since simple-salesforce takes a session and leaves
time limits, retries and logging to it. Nothing else in the package opens a connection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from requests.auth import AuthBase
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)
from urllib3.exceptions import NewConnectionError

from integrations.errors import Retryable, SetupError
from integrations.events import Event
from integrations.salesforce.errors import AnswerLost, row_error

log = structlog.get_logger()

Wait = Callable[[float], object]
"""Waits so many seconds; returns something true when the program is to stop (threading.Event.wait)."""

Clock = Callable[[], datetime]
"""Now, aware."""

BELIEVED = timedelta(minutes=10)
"""How long a used-up budget, or a session refused twice, is believed; then one request asks again, since
nothing else would tell that it has passed."""

_CONNECT_TIMEOUT_S = 10.0
_SAFE = frozenset({"GET", "HEAD"})
_NOT_DONE = frozenset({420, 429, 503})
_DOUBTFUL = frozenset({500, 502, 504})
_TRIES = 6
_TRYING_S = 600
_BACKOFF = wait_random_exponential(multiplier=1, max=60)


@dataclass(frozen=True)
class ApiUsage:
    """The org's API calls in the last 24 hours, everybody's together."""

    used: int
    allowed: int

    @property
    def share(self) -> float:
        """Used part of the allowance."""
        return self.used / self.allowed if self.allowed else 1.0


class TokenAuth(AuthBase):
    """Puts the newest access token on each request; renews it once, and rests when that is refused.

    login: gives a fresh token; raises SetupError or Retryable.
    """

    def __init__(self, token: str, login: Callable[[], str], clock: Clock) -> None:
        self._token = token
        self._login = login
        self._clock = clock
        self._lock = Lock()
        self._refused_at: datetime | None = None

    def __repr__(self) -> str:
        return "TokenAuth(...)"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def renew(self, request: requests.PreparedRequest) -> None:
        """Log in again, unless another thread has since this request was sent."""
        with self._lock:
            self._stop_if_refused()
            if request.headers["Authorization"] == f"Bearer {self._token}":
                self._token = self._login()
        self(request)

    def refuse(self) -> None:
        """A fresh token was refused too: log in no more for a while, since many log-ins can lock the user."""
        self._refused_at = self._clock()
        self._stop_if_refused()

    def _stop_if_refused(self) -> None:
        if self._refused_at is not None and self._clock() - self._refused_at < BELIEVED:
            raise SetupError(
                "salesforce: a fresh session was refused as well (INVALID_SESSION_ID); "
                "check that the user of [salesforce] is active and may use the API"
            )


class _NotNow(Retryable):
    """Not carried out, and worth another try. after_s: what Retry-After asked for."""

    def __init__(self, message: str, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.after_s = after_s


class Transport(requests.Session):
    """A session with the house rules; thread-safe as far as requests is.

    wait: see Wait; a retry ends when it says that the program is to stop.
    clock: tells how old the org's usage is.
    api_share: part of the org's daily API calls at which this program stops calling.
    timeout_s: longest silence within an answer.
    calls: requests sent so far, retries included.
    """

    def __init__(
        self,
        wait: Wait,
        clock: Clock,
        *,
        ca_bundle: str | None = None,
        api_share: float = 0.8,
        timeout_s: float = 60.0,
    ) -> None:
        super().__init__()
        self._timeout_s = (_CONNECT_TIMEOUT_S, timeout_s)
        self._wait = wait
        self._clock = clock
        self._api_share = api_share
        self.calls = 0
        self.usage: ApiUsage | None = None
        self._usage_at = clock()
        self.server_time: datetime | None = None
        self.headers["Sforce-Call-Options"] = "client=maturityd"  # names us in the org's own logs
        if ca_bundle is not None:
            if not Path(ca_bundle).is_file():
                raise SetupError(
                    f"salesforce: ca_bundle {ca_bundle} is not a file; correct it in [salesforce]"
                )
            self.verify = ca_bundle
            self.trust_env = False  # REQUESTS_CA_BUNDLE would win over verify

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send, retry what is certain not to have been done, and renew an expired session once.

        raises: SetupError, Retryable; AnswerLost when a write may or may not have been done.
        """
        if not (request.url or "").startswith("https://"):
            raise SetupError(f"salesforce: {_place(request)} is not https; check login_url and instance_url")
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout_s
        kwargs["allow_redirects"] = False  # a token is for one host only
        answer = self._persistently(request, kwargs)
        if answer.status_code == 401 and isinstance(self.auth, TokenAuth) and _session_expired(answer):
            log.info(Event.SESSION_RENEWED)
            self.auth.renew(request)
            answer = self._persistently(request, kwargs)
            if answer.status_code == 401:
                self.auth.refuse()
        return answer

    def _persistently(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        retrying = Retrying(
            retry=retry_if_exception_type(_NotNow),
            stop=stop_after_attempt(_TRIES) | stop_after_delay(_TRYING_S),
            wait=_pause_s,
            sleep=self._pause,
            reraise=True,
        )
        return retrying(self._once, request, kwargs)

    def _pause(self, seconds: float) -> None:
        if self._wait(seconds):
            raise Retryable("salesforce: stopped while waiting for another try")

    def _once(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        self._keep_budget()
        self.calls += 1
        try:
            answer = super().send(request, **kwargs)
        except requests.RequestException as error:
            raise _unanswered(request, error) from error
        self._learn(answer)
        return _judged(request, answer)

    def _keep_budget(self) -> None:
        if self.usage is None or self._clock() - self._usage_at >= BELIEVED:
            return
        if self.usage.share >= self._api_share:
            raise Retryable(
                f"salesforce: {self.usage.used} of the org's {self.usage.allowed} API calls of the last "
                f"24 hours are used; maturityd stops at {self._api_share:.0%} (api_share in [salesforce])"
            )

    def _learn(self, answer: requests.Response) -> None:
        name, _, figures = answer.headers.get("Sforce-Limit-Info", "").partition(",")[0].partition("=")
        used, _, allowed = figures.partition("/")
        if name.strip() == "api-usage" and used.isdigit() and allowed.isdigit():
            self.usage, self._usage_at = ApiUsage(int(used), int(allowed)), self._clock()
        if "Date" in answer.headers:
            self.server_time = parsedate_to_datetime(answer.headers["Date"])


def _unanswered(request: requests.PreparedRequest, error: requests.RequestException) -> Exception:
    words = f"salesforce: no answer from {_place(request)}: {type(error).__name__}"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return SetupError(f"{words}: the certificate is not trusted; set ca_bundle in [salesforce]")
    if request.method in _SAFE or _never_left(error):
        return _NotNow(words)
    return AnswerLost(words)


def _never_left(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)


def _judged(request: requests.PreparedRequest, answer: requests.Response) -> requests.Response:
    """The answer, if it is one that Salesforce gave and that settles the request."""
    status = answer.status_code
    words = f"salesforce: {_place(request)} answered {status}"
    if status in _NOT_DONE or (status == 403 and "ConcurrentRequests" in answer.text):
        raise _NotNow(
            f"{words}: {row_error(json_of(answer) or answer.text).message[:200]}", _retry_after_s(answer)
        )
    readable = status == 204 or json_of(answer) is not None
    if status in _DOUBTFUL or (status < 300 and not readable):
        kind = "" if readable else ", and that is no JSON (a proxy, or a log-in page)"
        raise _NotNow(f"{words}{kind}") if request.method in _SAFE else AnswerLost(f"{words}{kind}")
    if 300 < status < 400:
        raise SetupError(f"{words}, a redirect; set login_url and instance_url to the org's own My Domain")
    return answer


def json_of(answer: requests.Response) -> Any:
    """What the answer says; None where that is no JSON (a proxy, or a log-in page)."""
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return None


def _session_expired(answer: requests.Response) -> bool:
    return row_error(json_of(answer)).code == "INVALID_SESSION_ID"


def _retry_after_s(answer: requests.Response) -> float:
    """Seconds that Retry-After asks for; a date in it is left to our own pauses."""
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 0.0


def _pause_s(state: RetryCallState) -> float:
    """Exponential back-off with full jitter, never less than the server asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked_s = error.after_s if isinstance(error, _NotNow) else 0.0
    return max(min(asked_s, _TRYING_S), _BACKOFF(state))


def _place(request: requests.PreparedRequest) -> str:
    """Method, host and path: a query string may hold names of customers."""
    parts = urlsplit(request.url or "")
    return f"{request.method} {parts.hostname}{parts.path}"
