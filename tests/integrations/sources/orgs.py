"""A local org to read from: in this process, or by an unchanged simple-salesforce over HTTPS."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import requests
from simple_salesforce import Salesforce

from integrations.errors import Permanent, Retryable
from integrations.interfaces import JsonScalar
from integrations.localorg import Address, FieldDef, LocalOrg, Login, standard_org
from integrations.localorg.permissions import access_of
from integrations.localorg.query import Asker, run
from integrations.localorg.refusals import Refusal

RATINGS = ("Low", "Medium", "High", "Unknown")
FEEDBACK = ("Rating right", "Rating too low", "Rating too high", "Not interested", "Not now", "Won", "No fit")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def build_template(folder: Path) -> None:
    """An org with the fields that the sources read."""
    org = LocalOrg.create(folder, now=Clock())
    standard_org(org)
    picklist = {"length": 255, "restricted": True, "tracked": True}
    levels = ("Low", "Medium", "High", "Unknown")
    org.define_field(
        "Account", FieldDef("Maturity_Rating__c", "Picklist", "Rating", values=levels, **picklist)
    )
    org.define_field(
        "Account", FieldDef("Maturity_Feedback__c", "Picklist", "F", values=FEEDBACK, **picklist)
    )
    org.define_field("Account", FieldDef("Maturity_Score__c", "Number", "Score", precision=5, scale=1))
    org.define_field("Account", FieldDef("Maturity_Feedback_Note__c", "Text", "Note", length=255))
    org.track_history("Account", "Maturity_Rating__c", "Maturity_Feedback__c")
    org.close()


class InProcess:
    """A client without a network."""

    def __init__(self, org: LocalOrg, now: Callable[[], datetime], away: bool = False) -> None:
        self._org, self._now, self._away = org, now, away

    def query(self, soql: str, include_deleted: bool = False) -> Iterator[Mapping[str, JsonScalar]]:
        self._answer()
        access = access_of(self._org.store, self._org.admin_id)
        asker = Asker(access, self._now(), "62.0", include_deleted=include_deleted)
        try:
            records = run(self._org.store, soql, asker).records
        except Refusal as refusal:
            raise Permanent(str(refusal)) from refusal
        yield from (_flat(record) for record in records)

    def server_now(self) -> datetime:
        self._answer()
        return self._now()

    def _answer(self) -> None:
        if self._away:
            raise Retryable("the org does not answer")


class OverHttps:
    """A client of a few lines around simple-salesforce as it is."""

    def __init__(self, address: Address, login: Login) -> None:
        self._address, self._login = address, login
        self.session = requests.Session()
        self.session.verify, self.session.trust_env = str(address.ca_file), False
        self.log_in()

    def log_in(self) -> None:
        """Log in anew; the answer says what time it is there."""
        answer = self.session.post(
            f"{self._address.url}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(self._login.client_id, self._login.secret),
            timeout=10,
        )
        token = answer.json()["access_token"]
        self.date = answer.headers["Date"]
        self.salesforce = Salesforce(
            session_id=token, instance_url=self._address.url, session=self.session, version="62.0"
        )

    def query(self, soql: str, include_deleted: bool = False) -> Iterator[Mapping[str, JsonScalar]]:
        yield from map(_flat, self.salesforce.query_all_iter(soql, include_deleted=include_deleted))

    def server_now(self) -> datetime:
        return parsedate_to_datetime(self.date)


def admin_of(org: LocalOrg) -> Login:
    """The administrator of the template."""
    username = "ada.admin@northwind-tools.example"
    return Login(org.user_id(username), username, "admin-app", "admin-secret")


def _flat(record: Mapping[str, Any]) -> dict[str, JsonScalar]:
    return {name: value for name, value in record.items() if name != "attributes"}
