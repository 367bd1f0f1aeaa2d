"""Who is calling: connected apps, access tokens that expire, passwords of the record page."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import jwt

from integrations.localorg.instants import wire
from integrations.localorg.refusals import Refusal
from integrations.localorg.store import Store

SESSION_LENGTH = timedelta(hours=2)
_ROUNDS = 20_000
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

TokenAnswer: TypeAlias = tuple[int, dict[str, str]]


def session_digest(token: str) -> str:
    """What stands for a session in the log of calls: the token itself is never kept there."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def _hashed(secret: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), bytes.fromhex(salt), _ROUNDS).hex()


def put_client(store: Store, client_id: str, client_secret: str, user_id: str) -> None:
    """Add a connected app whose client credentials run as this user."""
    salt = secrets.token_hex(16)
    store.run(
        "INSERT OR REPLACE INTO client VALUES (?, ?, ?, ?)",
        (client_id, salt, _hashed(client_secret, salt), user_id),
    )


def put_client_key(store: Store, client_id: str, public_key: str) -> None:
    """Let a connected app sign assertions; public_key: RSA, in PEM, instead of its certificate."""
    store.run("INSERT OR REPLACE INTO client_key VALUES (?, ?)", (client_id, public_key))


def put_password(store: Store, user_id: str, password: str) -> None:
    """Let a user log in on the record page."""
    salt = secrets.token_hex(16)
    store.run("INSERT OR REPLACE INTO password VALUES (?, ?, ?)", (user_id, salt, _hashed(password, salt)))


def user_by_password(store: Store, username: str, password: str) -> str | None:
    """The id of the active user with this name and password."""
    users = store.find("User", Username=username, IsActive=1)
    user_id = str(users[0]["Id"]) if users else ""
    kept = store.rows("SELECT salt, hash FROM password WHERE user_id = ?", (user_id,))
    salt, expected = (str(kept[0]["salt"]), str(kept[0]["hash"])) if kept else ("00", "")
    return user_id if hmac.compare_digest(_hashed(password, salt), expected) else None


def open_session(store: Store, user_id: str, now: datetime) -> str:
    """A new access token for a user."""
    org = str(store.find("Organization")[0]["Id"])[:15]
    token = f"{org}!{secrets.token_urlsafe(60)}"
    expires = wire(now + SESSION_LENGTH)
    store.run("INSERT INTO session VALUES (?, ?, ?, ?)", (token, user_id, expires, secrets.token_urlsafe(24)))
    return token


def user_of(store: Store, token: str, now: datetime) -> str:
    """The user behind a token; using it keeps it alive.

    raises: Refusal, INVALID_SESSION_ID.
    """
    rows = store.rows("SELECT user_id, expires_at FROM session WHERE token = ?", (token,))
    if not rows or str(rows[0]["expires_at"]) <= wire(now):
        raise expired()
    renewed = wire(now + SESSION_LENGTH)
    if renewed != rows[0]["expires_at"]:
        store.run("UPDATE session SET expires_at = ? WHERE token = ?", (renewed, token))
    return str(rows[0]["user_id"])


def csrf_of(store: Store, token: str) -> str:
    """The secret that every form of this session carries."""
    return str(store.rows("SELECT csrf FROM session WHERE token = ?", (token,))[0]["csrf"])


def end_session(store: Store, token: str) -> None:
    """Log out."""
    store.run("DELETE FROM session WHERE token = ?", (token,))


def expired() -> Refusal:
    """The answer to a token that is unknown or too old."""
    headers = {"WWW-Authenticate": "Token"}
    return Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid", headers=headers)


def bearer(headers: Mapping[str, str]) -> str:
    """The token of an Authorization header; empty where there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def token_answer(
    store: Store, form: Mapping[str, str], headers: Mapping[str, str], base_url: str, now: datetime
) -> TokenAnswer:
    """Status and body of the token endpoint: client credentials, by Basic header or in the form, or a JWT."""
    if form.get("grant_type") == _JWT_GRANT:
        return _by_assertion(store, form.get("assertion", ""), base_url, now)
    if form.get("grant_type") != "client_credentials":
        return 400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"}
    client_id, secret = _client_credentials(form, headers)
    clients = store.rows("SELECT * FROM client WHERE client_id = ?", (client_id,))
    if not clients:
        return 400, {"error": "invalid_client_id", "error_description": "client identifier invalid"}
    if not hmac.compare_digest(
        _hashed(secret, str(clients[0]["secret_salt"])), str(clients[0]["secret_hash"])
    ):
        return 400, {"error": "invalid_client", "error_description": "invalid client credentials"}
    user_id = str(clients[0]["user_id"])
    if not (store.get("User", user_id) or {}).get("IsActive"):
        return _no_grant("inactive user")
    return 200, _granted(store, user_id, base_url, now, secret)


def _by_assertion(store: Store, assertion: str, base_url: str, now: datetime) -> TokenAnswer:
    """OAuth 2.0 JWT bearer: the app's signature stands for the secret, `sub` for the user's consent."""
    try:
        client_id = str(jwt.decode(assertion, options={"verify_signature": False}).get("iss"))
    except jwt.PyJWTError:
        return _no_grant("invalid assertion")
    clients = store.rows("SELECT * FROM client NATURAL JOIN client_key WHERE client_id = ?", (client_id,))
    if not clients:
        return 400, {"error": "invalid_client_id", "error_description": "client identifier invalid"}
    claims = _signed(assertion, str(clients[0]["public_key"]), base_url)
    if claims is None or not now.timestamp() < float(claims["exp"]):
        return _no_grant("invalid assertion")
    user = store.get("User", str(clients[0]["user_id"])) or {}
    if claims["sub"] != user.get("Username"):
        return _no_grant("user hasn't approved this consumer")
    if not user.get("IsActive"):
        return _no_grant("inactive user")
    return 200, _granted(store, str(user["Id"]), base_url, now, assertion)


def _signed(assertion: str, public_key: str, audience: str) -> dict[str, Any] | None:
    """The claims, if the app signed them for this org. When they expire is for the org's own clock."""
    options = {"verify_exp": False, "require": ["exp", "sub", "aud"]}
    try:
        return dict(jwt.decode(assertion, public_key, ["RS256"], options=options, audience=audience))  # type: ignore[arg-type]
    except jwt.PyJWTError:
        return None


def _no_grant(why: str) -> TokenAnswer:
    return 400, {"error": "invalid_grant", "error_description": why}


def _granted(store: Store, user_id: str, base_url: str, now: datetime, secret: str) -> dict[str, str]:
    org = str(store.find("Organization")[0]["Id"])
    identity = f"{base_url}/id/{org}/{user_id}"
    issued_at = str(int(now.timestamp() * 1000))
    signed = hmac.new(secret.encode(), f"{identity}{issued_at}".encode(), hashlib.sha256).digest()
    return {
        "access_token": open_session(store, user_id, now),
        "signature": base64.b64encode(signed).decode(),
        "scope": "api",
        "instance_url": base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def _client_credentials(form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return client_id, secret
    return form.get("client_id", ""), form.get("client_secret", "")
