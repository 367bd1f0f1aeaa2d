"""Posts alerts as JSON to a URL.

Only to the hosts that config names, over https, and never after a redirect: the body of an alert must
not reach, nor its URL probe, any other machine.
"""

from collections.abc import Collection
from dataclasses import asdict
from urllib.parse import urlsplit

import requests

from integrations.errors import Retryable, SetupError
from integrations.interfaces import AlertMessage

_LATER = frozenset({408, 425, 429})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class WebhookChannel:
    """An AlertChannel (see integrations.interfaces).

    url: a secret, since it often holds a token; it is in no message and no repr.
    hosts: the only hosts it may name; `http` is taken on loopback only.
    ca_bundle: file of certificates to trust instead of the system's.
    """

    def __init__(
        self,
        name: str,
        url: str,
        hosts: Collection[str],
        *,
        timeout_s: float = 10.0,
        ca_bundle: str | None = None,
    ) -> None:
        self.name = name
        self._url = url
        self._host = _checked_host(name, url, hosts)
        self._timeout_s = timeout_s
        self._session = requests.Session()
        if ca_bundle is not None:
            self._session.verify = ca_bundle
            self._session.trust_env = False  # REQUESTS_CA_BUNDLE would win over verify

    def __repr__(self) -> str:
        return f"WebhookChannel({self.name}, {self._host})"

    def send(self, alert: AlertMessage) -> None:
        """See AlertChannel. A message sent twice carries the same Idempotency-Key."""
        since = alert.since.isoformat()
        try:
            answer = self._session.post(
                self._url,
                json={**asdict(alert), "since": since},
                headers={"Idempotency-Key": f"{alert.fingerprint}/{since}/{alert.status}"},
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,  # the body is of no interest, however long it is
            )
        except requests.RequestException as error:
            # Its text and its cause name the URL: neither goes on.
            raise Retryable(f"{self._words()} gave no answer ({type(error).__name__})") from None
        answer.close()
        self._judge(answer.status_code)

    def _judge(self, status: int) -> None:
        if 200 <= status < 300:
            return
        if status in _LATER or status >= 500:
            raise Retryable(f"{self._words()} answered {status}; it is tried again")
        if status < 400:
            raise SetupError(f"{self._words()} answered {status}, a redirect; set the final URL")
        raise SetupError(f"{self._words()} answered {status}; check its URL and whether it still exists")

    def _words(self) -> str:
        return f"alerts.{self.name}: {self._host}"


def _checked_host(name: str, url: str, hosts: Collection[str]) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise SetupError(f"alerts.{name}: the URL is not https; plain http is for loopback only")
    if host not in {each.lower() for each in hosts}:
        allowed = ", ".join(sorted(hosts))
        raise SetupError(f"alerts.{name}: host {host or '(none)'} is not among its hosts ({allowed})")
    return host
