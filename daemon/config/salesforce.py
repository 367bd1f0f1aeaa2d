"""[salesforce], [salesforce.admin] and [[salesforce.fields]]: the org, its two users, and what goes where."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, model_validator

from daemon.config.table import SecretReference, Table


def _https(url: HttpUrl) -> HttpUrl:
    if url.scheme != "https":
        raise ValueError("Salesforce is spoken to over https only")
    return url


ApiName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""API name of an object or field. It goes into queries as it is, so nothing else is taken."""


class ClientTable(Table):
    """client_id: of a connected app.

    client_secret: its secret, for the client-credentials flow.
    username: who the app acts for, in the JWT bearer flow.
    private_key: RSA key in PEM, whose certificate the app holds, in the JWT bearer flow.
    """

    client_id: str
    client_secret: SecretReference | None = None
    username: str | None = None
    private_key: SecretReference | None = None

    @model_validator(mode="after")
    def _one_flow(self) -> Self:
        """raises: ValueError where neither flow, or more than one, is set."""
        given = [name for name in ("client_secret", "username", "private_key") if getattr(self, name)]
        if given not in (["client_secret"], ["username", "private_key"]):
            raise ValueError(
                "log in by client_secret (client credentials), or by username and private_key (JWT bearer); "
                f"there is {' and '.join(given) or 'neither'}"
            )
        return self


class FieldTable(Table):
    """output: what maturityd computes; admin.md lists them.

    field: where it goes.
    object: whose field it is: the account's.
    values: the output's value to the org's, for picklists with words of their own.
    empty: what is written where there is no value: "null" or "keep" (what is there stays).
    push: false keeps it out of the org.
    """

    output: str
    field: ApiName
    object: Literal["Account"] = "Account"
    values: dict[str, str] = Field(default={})
    empty: str = Field(default="null", pattern="^(null|keep)$")
    push: bool = True


class SalesforceTable(ClientTable):
    """The org that is kept up to date, as the sync user.

    instance_url: of the org, such as https://acme.my.salesforce.com.
    login_url: where tokens are given, if elsewhere.
    ca_file: certificate to trust instead of the system's: the local org's.
    api_version: of Salesforce's API.
    org_id: 18-character Id of the org; another one is refused, so that a test never writes to production.
    api_share: of the org's daily API calls after which the daemon stops short.
    timeout_s: longest silence within an answer.
    admin: who `maturityd org` runs as; without it, the sync user.
    sync_username: who gets the permission set Maturity_Sync.
    rep_usernames: who get the permission set Maturity_User.
    fields: outputs that go to fields of the customer's own.
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
