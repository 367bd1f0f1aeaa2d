"""Accounts, contacts, cases and changes of tier from the CRM, by SOQL."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

import pyarrow as pa

from integrations.interfaces import Batch, JsonScalar, Rejected, Watermark
from integrations.sources.fact_rows import INSTANT, Row, digest_of, fact_schema, fact_table
from integrations.sources.identity import Pseudonyms, domain_of, record_id
from integrations.sources.overlap import Overlap, read_cursors, write_cursors
from integrations.sources.soql import Record, SoqlClient, instant, literal, refusals_as_setup, select
from integrations.sources.values import BadValue, text_of

_TEXT = pa.string()
ACCOUNTS = fact_schema(
    *((name, _TEXT) for name in ("account_id", "name", "country", "region", "segment", "industry", "tier")),
    *((name, _TEXT) for name in ("owner_id", "tenant", "domain")),
    ("created_on", pa.date32()),
    ("deleted", pa.bool_()),
    ("merged_into", _TEXT),
)
CONTACTS = fact_schema(*((name, _TEXT) for name in ("contact_id", "account_id", "address_hmac", "role")))
CASES = fact_schema(("case_id", _TEXT), ("closed_at", INSTANT), ("priority", _TEXT))
TIERS = fact_schema(("tier", _TEXT), ("previous", _TEXT))

ACCOUNT_FIELDS = {
    "name": "Name",
    "country": "BillingCountry",
    "region": "Region__c",
    "segment": "Segment__c",
    "industry": "Industry",
    "tier": "Tier__c",
    "owner_id": "OwnerId",
    "tenant": "Tenant_Id__c",
    "domain": "Website",
    "created_on": "CreatedDate",
    "merged_into": "MasterRecordId",
}
CONTACT_FIELDS = {"account_id": "AccountId", "address": "Email", "role": "Title"}
CASE_FIELDS = {"account_id": "AccountId", "closed_at": "ClosedDate", "priority": "Priority"}


@dataclass(frozen=True)
class CrmSettings:
    """Which objects and fields hold what.

    account_fields, contact_fields, case_fields: our column to the CRM's field, over the defaults; an empty
        name leaves the column null. country: ISO 3166 alpha-2, or mapped to it by `country_codes`.
        created_on: a customer since then; the record's creation where the field is empty.
    history, history_parent: where changes of the tier are tracked.
    overlap: how late a record may show behind records changed after it.
    key: secret of the pseudonyms, the same as for e-mails.
    """

    name: str
    key: bytes = field(repr=False)
    account: str = "Account"
    contact: str = "Contact"
    case: str = "Case"
    history: str = "AccountHistory"
    history_parent: str = "AccountId"
    account_fields: Mapping[str, str] = field(default_factory=dict)
    contact_fields: Mapping[str, str] = field(default_factory=dict)
    case_fields: Mapping[str, str] = field(default_factory=dict)
    country_codes: Mapping[str, str] = field(default_factory=dict)
    overlap: timedelta = timedelta(minutes=10)
    batch_rows: int = 2_000


@dataclass(frozen=True)
class _Stream:
    """Records of one object, in the order of a timestamp of theirs.

    row: raises BadValue; None for a record that is no fact about an account.
    """

    object: str
    fact: str
    schema: pa.Schema
    fields: tuple[str, ...]
    stamp: str
    row: Callable[[Record], Row]
    where: tuple[str, ...] = ()
    deleted: bool = True


class CrmRecords:
    """`accounts`, `contacts`, `cases` and `tiers`, each fetched by when its records changed.

    Deleted and merged records come as such: a deleted contact or case belongs to nobody from then on. A
    batch moves the cursor of its own object only.
    """

    def __init__(self, settings: CrmSettings, client: SoqlClient) -> None:
        """raises: SetupError for a name that is none of Salesforce's."""
        self.name = settings.name
        self._settings, self._client = settings, client
        self._pseudonyms = Pseudonyms(settings.key)
        self._account_fields = _mapped(ACCOUNT_FIELDS, settings.account_fields)
        self._contact_fields = _mapped(CONTACT_FIELDS, settings.contact_fields)
        self._case_fields = _mapped(CASE_FIELDS, settings.case_fields)
        self._streams = list(self._all_streams())
        for stream in self._streams:
            self._soql(stream, None)

    def __repr__(self) -> str:
        return f"CrmRecords({self.name})"

    def pull(self, since: Watermark) -> Iterator[Batch]:
        """Records changed since the watermark, object by object."""
        cursors = read_cursors(self.name, since)
        for stream in self._streams:
            overlap: Overlap[Record] = Overlap(self._settings.overlap, cursors.get(stream.object))
            with refusals_as_setup(self.name, stream.object):
                unseen = overlap.unseen(self._records(stream, overlap.start))
                while records := list(islice(unseen, self._settings.batch_rows)):
                    rows, rejected = _rows(stream, records)
                    cursors[stream.object] = overlap.cursor()
                    yield Batch(
                        stream.fact, fact_table(rows, stream.schema), write_cursors(cursors), tuple(rejected)
                    )

    def check(self) -> str:
        """Ask for records changed from now on, with all their fields."""
        now = self._client.server_now()
        for stream in self._streams:
            with refusals_as_setup(self.name, stream.object):
                list(self._records(stream, now))
        return ", ".join(f"{stream.object} readable" for stream in self._streams)

    def _records(self, stream: _Stream, start: datetime | None) -> Iterator[tuple[datetime, object, Record]]:
        for record in self._client.query(self._soql(stream, start), include_deleted=stream.deleted):
            # An Id would not do: a record may change again within the second in which it was read.
            yield instant(record[stream.stamp]), record, record

    def _soql(self, stream: _Stream, start: datetime | None) -> str:
        where = [*stream.where, *([f"{stream.stamp} >= {literal(start)}"] if start else [])]
        return select(stream.object, ("Id", stream.stamp, *stream.fields), where, stream.stamp)

    def _all_streams(self) -> Iterator[_Stream]:
        settings, account = self._settings, self._account_fields
        for name, fact, schema, fields, row in (
            (settings.account, "accounts", ACCOUNTS, account, self._account),
            (settings.contact, "contacts", CONTACTS, self._contact_fields, self._contact),
            (settings.case, "cases", CASES, self._case_fields, self._case),
        ):
            columns = ("CreatedDate", "IsDeleted", *fields.values())
            yield _Stream(name, fact, schema, columns, "SystemModstamp", row)
        if "tier" in account:
            yield _Stream(
                settings.history,
                "tiers",
                TIERS,
                (settings.history_parent, "OldValue", "NewValue"),
                "CreatedDate",
                self._tier,
                where=(f"Field = {literal(account['tier'])}",),
                deleted=False,
            )

    def _account(self, record: Record) -> Row:
        account_id = record_id(str(record["Id"]))
        values = {ours: text_of(record.get(theirs)) for ours, theirs in self._account_fields.items()}
        created = values.get("created_on") or record["CreatedDate"]
        merged_into = values.get("merged_into")
        return {
            **values,
            "identity": f"account:{account_id}",
            "event_at": instant(record["SystemModstamp"]),
            "account_id": account_id,
            "country": self._country(values.get("country")),
            "domain": domain_of(values.get("domain") or ""),
            "created_on": _day(created),
            "deleted": bool(record["IsDeleted"]),
            "merged_into": record_id(merged_into) if merged_into else None,
        }

    def _country(self, text: str | None) -> str | None:
        """ISO 3166 alpha-2; null for a name that `country_codes` does not know."""
        code = self._settings.country_codes.get(text or "", text or "")
        return code.upper() if len(code) == 2 and code.isascii() and code.isalpha() else None

    def _contact(self, record: Record) -> Row:
        owner = _owner(record, self._contact_fields)
        address = text_of(record.get(self._contact_fields.get("address", ""))) or ""
        return {
            **_belonging(record, owner),
            "contact_id": str(record["Id"]),
            "account_id": owner,
            "address_hmac": self._pseudonyms.address(address) if "@" in address else None,
            "role": text_of(record.get(self._contact_fields.get("role", ""))),
        }

    def _case(self, record: Record) -> Row:
        closed_at = record.get(self._case_fields.get("closed_at", ""))
        return {
            **_belonging(record, _owner(record, self._case_fields)),
            "case_id": str(record["Id"]),
            "closed_at": instant(closed_at) if closed_at else None,
            "priority": text_of(record.get(self._case_fields.get("priority", ""))),
        }

    def _tier(self, record: Record) -> Row:
        return {
            "identity": f"account:{record_id(str(record[self._settings.history_parent]))}",
            "event_at": instant(record["CreatedDate"]),
            "tier": text_of(record["NewValue"]),
            "previous": text_of(record["OldValue"]),
        }


def _mapped(defaults: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    return {name: field for name, field in {**defaults, **ours}.items() if field}


def _day(value: JsonScalar) -> date:
    """The UTC day of an instant, or a date as it is."""
    text = str(value)
    return date.fromisoformat(text) if len(text) == len("2026-03-01") else instant(text).date()


def _owner(record: Record, fields: Mapping[str, str]) -> str | None:
    """The account that a contact or case belongs to; None once it is deleted."""
    account: JsonScalar = record.get(fields.get("account_id", ""))
    return record_id(str(account)) if account and not record["IsDeleted"] else None


def _belonging(record: Record, owner: str | None) -> Row:
    """The identity and date of what belongs to an account; one of nobody's matches none."""
    identity = f"account:{owner}" if owner else f"nobody:{record['Id']}"
    return {"identity": identity, "event_at": instant(record["CreatedDate"])}


def _rows(stream: _Stream, records: list[Record]) -> tuple[list[Row], list[Rejected]]:
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for record in records:
        try:
            rows.append(stream.row(record))
        except (BadValue, ValueError) as error:
            where = f"{stream.object} {record['Id']}"
            rejected.append(Rejected(where, str(error), digest_of(sorted(record.items()))))
    return rows, rejected
