"""A connection to one org: queries, describes and writes, with errors that say what to do."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

import structlog
from simple_salesforce.api import Salesforce

from integrations.errors import Permanent, SetupError
from integrations.events import Event
from integrations.interfaces import JsonScalar
from integrations.salesforce.describe import ObjectShape, object_shape
from integrations.salesforce.errors import AnswerLost, as_integration_error, row_error, translated
from integrations.salesforce.login import ConnectionSettings, Session, check_org, log_in
from integrations.salesforce.schema import SYNC
from integrations.salesforce.transport import ApiUsage, Clock, TokenAuth, Transport, Wait

log = structlog.get_logger()


def connect(settings: ConnectionSettings, clock: Clock, wait: Wait) -> "SalesforceClient":
    """Log in. A connection lasts as long as the program: what it knows of budget and session is renewed.

    wait: seconds -> true when the program is to stop (`threading.Event.wait`).
    raises: SetupError, Retryable.
    """
    # The log-in has a transport of its own: the API's one puts the token on every request.
    entrance = Transport(wait, clock, ca_bundle=settings.ca_bundle, timeout_s=settings.timeout_s)

    def enter() -> Session:
        with entrance:
            session = log_in(entrance, settings, clock)
        check_org(session, settings)
        return session

    session = enter()
    transport = Transport(
        wait,
        clock,
        ca_bundle=settings.ca_bundle,
        api_share=settings.api_share,
        timeout_s=settings.timeout_s,
    )
    transport.auth = TokenAuth(session.token, lambda: enter().token, clock)
    log.info(Event.SESSION_OPENED, org_id=session.org_id)
    return SalesforceClient(transport, session, settings.api_version, clock, wait)


class SalesforceClient:
    """An open connection. Methods raise Retryable, SetupError or Permanent, nothing of requests'.

    sf: an ordinary simple-salesforce client on the same transport, for whatever this class lacks.
    """

    def __init__(
        self, transport: Transport, session: Session, api_version: str, clock: Clock, wait: Wait
    ) -> None:
        host = session.instance_url
        self.sf = Salesforce(
            session_id=session.token, instance_url=host, version=api_version, session=transport
        )
        self.org_id = session.org_id
        self.clock = clock
        self.wait = wait
        self._transport = transport
        self._root = f"https://{urlsplit(host).netloc}/services/data"
        self.api_version = api_version

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the session at Salesforce runs out by itself."""
        self._transport.close()

    def __repr__(self) -> str:
        return f"SalesforceClient({self._root}/v{self.api_version})"

    @property
    def calls(self) -> int:
        """Requests sent so far on this connection, retries included, log-ins not."""
        return self._transport.calls

    @property
    def usage(self) -> ApiUsage | None:
        """The org's API calls as of the last answer that told."""
        return self._transport.usage

    def query(self, soql: str, include_deleted: bool = False) -> Iterator[Mapping[str, JsonScalar]]:
        """Yield rows, page after page. A parent's field has its path as key ("Owner.Name").

        Where the whole parent is null, its path is missing: read with `.get`.
        """
        with translated(f"query {_object_in(soql)}"):
            page = self.sf.query(soql, include_deleted=include_deleted)
        yield from map(_flat, page["records"])
        while not page["done"]:
            with translated(f"go on with the query of {_object_in(soql)}"):
                page = self.sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)
            yield from map(_flat, page["records"])

    def tooling(self, soql: str) -> list[dict[str, Any]]:
        """Rows of the Tooling API, nested as they come. One page: for lists of some hundred."""
        with translated(f"read {_object_in(soql)} from the Tooling API"):
            answer = self._rest("tooling/query/", params={"q": soql})
        return [dict(row) for row in answer["records"]]

    def describe(self, name: str) -> ObjectShape:
        """The object as the logged-in user sees it. raises: SetupError where that user sees none."""
        try:
            with translated(f"describe {name}"):
                return object_shape(self._rest(f"sobjects/{name}/describe"))
        except Permanent as error:
            raise SetupError(
                f"{error}; it does not exist or the user may not read it: run `maturityd org plan`, and "
                f"give the user of [salesforce] the permission set {SYNC}"
            ) from error

    def limits(self) -> Mapping[str, Mapping[str, int]]:
        """The org's limits: name -> {"Max", "Remaining"}."""
        with translated("read the org's limits"):
            limits: Mapping[str, Mapping[str, int]] = self.sf.limits()
        return limits

    def server_now(self) -> datetime:
        """Salesforce's own clock (aware UTC, whole seconds); asks for it, outside the API budget.

        raises: SetupError where the org no longer speaks our API version.
        """
        answer = self._transport.get(self._root)
        versions = {row["version"] for row in answer.json()} if answer.ok else set()
        if self.api_version not in versions:
            raise SetupError(
                f"salesforce: the org offers no API version {self.api_version} "
                f"(newest: {max(versions, key=float, default='none')}); set api_version in [salesforce]"
            )
        if self._transport.server_time is None:
            raise SetupError("salesforce: answers carry no Date header; is there a proxy that removes it?")
        return self._transport.server_time

    def save(self, name: str, record_id: str, values: Mapping[str, JsonScalar]) -> None:
        """Create one record (`record_id` empty) or update it."""
        path = f"sobjects/{name}/{record_id}".rstrip("/")
        with translated(f"save {path}"):
            self._rest(path, method="PATCH" if record_id else "POST", json=dict(values))

    def write(self, path: str, records: list[dict[str, JsonScalar | dict[str, str]]]) -> list[dict[str, Any]]:
        """Update or upsert up to 200 records by the collections resource at `path`; a result per record.

        raises: AnswerLost where the answer does not tell what became of each record.
        """
        return self._collection("PATCH", path, records)

    def create(self, records: list[dict[str, JsonScalar | dict[str, str]]]) -> list[dict[str, Any]]:
        """Create up to 200 records; a result per record. raises: AnswerLost as `write`."""
        return self._collection("POST", "composite/sobjects", records)

    def _collection(
        self, method: str, path: str, records: list[dict[str, JsonScalar | dict[str, str]]]
    ) -> list[dict[str, Any]]:
        with translated(f"write {len(records)} records to {path}"):
            answer = self._rest(path, method=method, json={"allOrNone": False, "records": records})
        if not isinstance(answer, list) or len(answer) != len(records):
            raise AnswerLost(f"salesforce: {path} did not answer with {len(records)} results")
        return answer

    def _rest(self, path: str, **request: Any) -> Any:
        return self.sf.restful(path, **request)

    def send_form(self, method: str, path: str, **parts: Any) -> dict[str, Any]:
        """A request that simple-salesforce cannot make, such as a multipart upload (`files=`)."""
        answer = self._transport.request(method, f"{self._root}/v{self.api_version}/{path}", **parts)
        body = answer.json() if answer.content else {}
        if not answer.ok:
            raise as_integration_error(row_error(body), f"call {path}")
        return dict(body)


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, JsonScalar]:
    flat: dict[str, JsonScalar] = {}
    for key, value in row.items():
        if key == "attributes":
            continue
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _object_in(soql: str) -> str:
    """The object that a query reads, for messages: the query itself may hold names of customers."""
    _, _, rest = soql.partition(" FROM ")
    return rest.split(None, 1)[0] if rest else "Salesforce"
