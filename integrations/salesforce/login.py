"""OAuth log-in: client credentials, or JWT bearer with a private key.

Done here and not by simple-salesforce, since its flows know only hosts under salesforce.com.
source: Salesforce Help, "OAuth 2.0 Client Credentials Flow" and "OAuth 2.0 JWT Bearer Flow".
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt

from integrations.errors import Retryable, SetupError
from integrations.salesforce.transport import Transport, json_of

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class ConnectionSettings:
    """How to reach and enter an org.

    login_url: where tokens are given, best the org's own My Domain ("https://acme.my.salesforce.com").
    client_id, client_secret: of the connected app. Without a secret: `username` and `private_key` (PEM).
    instance_url: overrides the one in the log-in's answer.
    ca_bundle: file of certificates to trust instead of the system's.
    org_id: 15 or 18 characters; another org is refused (a restored sandbox pointing at production).
    api_share: part of the org's daily API calls at which this program stops calling.
    timeout_s: longest silence within an answer.
    """

    login_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    username: str = ""
    private_key: str = field(default="", repr=False)
    instance_url: str | None = None
    api_version: str = "62.0"
    ca_bundle: str | None = None
    org_id: str | None = None
    api_share: float = 0.8
    timeout_s: float = 60.0


@dataclass(frozen=True)
class Session:
    """What a log-in gives. org_id: 18 characters, empty where the answer names none."""

    token: str = field(repr=False)
    instance_url: str
    org_id: str


def log_in(transport: Transport, settings: ConnectionSettings, clock: Callable[[], datetime]) -> Session:
    """Ask for a token once.

    raises: SetupError when it is refused (asking again would only lock the user); Retryable.
    """
    url = f"{settings.login_url.rstrip('/')}/services/oauth2/token"
    if settings.client_secret:
        credentials = (settings.client_id, settings.client_secret)
        answer = transport.post(url, data={"grant_type": "client_credentials"}, auth=credentials)
    else:
        form = {"grant_type": _JWT_GRANT, "assertion": _assertion(settings, clock())}
        answer = transport.post(url, data=form)
    body = json_of(answer)
    if answer.status_code != 200 or not isinstance(body, dict) or "access_token" not in body:
        raise _refused(settings, answer.status_code, body)
    instance_url = settings.instance_url or str(body["instance_url"])
    return Session(str(body["access_token"]), instance_url, _org_of(str(body.get("id", ""))))


def check_org(session: Session, settings: ConnectionSettings) -> None:
    """Refuse any org but the pinned one. raises: SetupError."""
    if settings.org_id and session.org_id[:15] != settings.org_id[:15]:
        raise SetupError(
            f"salesforce: {settings.login_url} leads to org {session.org_id or '(not named)'}, but "
            f"[salesforce] pins org_id {settings.org_id}; correct login_url, or org_id if the org has changed"
        )


def _assertion(settings: ConnectionSettings, now: datetime) -> str:
    if not (settings.username and settings.private_key):
        raise SetupError("salesforce: set client_secret, or username and private_key, in [salesforce]")
    claims = {
        "iss": settings.client_id,
        "sub": settings.username,
        "aud": settings.login_url.rstrip("/"),
        "exp": int((now + timedelta(minutes=3)).timestamp()),
    }
    try:
        return jwt.encode(claims, settings.private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise SetupError(
            f"salesforce: the private_key of {settings.client_id} is no RSA key in PEM format"
        ) from error


def _refused(settings: ConnectionSettings, status: int, body: object) -> SetupError | Retryable:
    words = f"salesforce: {urlsplit(settings.login_url).hostname} refused the log-in ({status})"
    if not isinstance(body, dict) or "error" not in body:
        return Retryable(f"{words}, without words of Salesforce (a proxy? or login_url is no My Domain)")
    return SetupError(
        f"{words}: {body['error']}: {body.get('error_description', '')}; check client_id, its secret or key, "
        "and that the connected app allows this flow for the user"
    )


def _org_of(identity_url: str) -> str:
    """`https://login.salesforce.com/id/<org>/<user>` names the org."""
    parts = urlsplit(identity_url).path.strip("/").split("/")
    return parts[1] if len(parts) == 3 and parts[0] == "id" else ""
