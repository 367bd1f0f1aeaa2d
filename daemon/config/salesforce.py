"""[salesforce], [salesforce.admin] and [[salesforce.fields]]: the org, its two users, and what goes where."""

from typing import Annotated

from pydantic import AfterValidator, Field, HttpUrl

from daemon.config.table import SecretReference, Table


def _https(url: HttpUrl) -> HttpUrl:
    if url.scheme != "https":
        raise ValueError("Salesforce is spoken to over https only")
    return url


ApiName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""API name of an object or field. It goes into queries as it is, so nothing else is taken."""


class ClientTable(Table):
    """client_id, client_secret: of a connected app with the client-credentials flow."""

    client_id: str
    client_secret: SecretReference


class FieldTable(Table):
    """output: what maturityd computes. object, field: where it goes. push: false keeps it here.

    values: the output's value to the org's, for picklists with words of their own.
    empty: what is written where there is no value: "null" or "keep" (what is there stays).
    """

    output: str
    field: ApiName
    object: ApiName = "Account"
    values: dict[str, str] = Field(default={})
    empty: str = Field(default="null", pattern="^(null|keep)$")
    push: bool = True


class SalesforceTable(ClientTable):
    """The org that is kept up to date, as the sync user. `admin` is used by `org` commands only.

    org_id: 18-character Id of the org; another one is refused, so that a test never writes to production.
    api_share: of the org's daily API calls after which the daemon stops short.
    """

    instance_url: Annotated[HttpUrl, AfterValidator(_https)]
    login_url: Annotated[HttpUrl, AfterValidator(_https)] | None = None
    ca_file: str | None = None
    api_version: str = Field(default="62.0", pattern=r"^\d{2}\.0$")
    org_id: str | None = Field(default=None, pattern=r"^00D[A-Za-z0-9]{15}$")
    api_share: float = Field(default=0.8, gt=0, le=1)
    timeout_s: float = Field(default=60.0, gt=0, le=300)
    admin: ClientTable | None = None
    sync_username: str | None = None
    rep_usernames: tuple[str, ...] = ()
    fields: tuple[FieldTable, ...] = ()
