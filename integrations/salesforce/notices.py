"""Customer notices: a task for whoever owns the account, made once, and what the org needs for it.

Once, whatever happens: the task carries the notice's key in a text field that is unique and an external id,
so the org itself refuses a second one, also where the first answer was lost or its request comes late. It is
created, never upserted: what a rep has written into the task since stays. A custom field of tasks is kept on
Activity, and there it may be both unique and an external id.
source: `objects/Activity/fields/External_Id__c` with externalId and unique true in the public projects
EndritSino/todotasks-batch-api-call-project and ukeys-anz/salesforce. That field-level security names Task:
dxatscale/sfpowerkit, issues 446 and 517.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from simple_salesforce.format import format_soql

from integrations.errors import SetupError
from integrations.interfaces import OutgoingChange
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.schema import (
    ACTIVITY,
    EDIT,
    READ,
    SYNC,
    TASK,
    FieldSpec,
    OrgSpec,
    PermissionSetSpec,
)

CONTACT = "Contact"
KEY = "Maturity_Notice__c"
APPROVER = "Maturity_Notice_Approver"

_AT_A_TIME = 200
"""Accounts a query: a query travels in the URL, which Salesforce takes up to 16,384 characters long."""


@dataclass(frozen=True)
class Recipient:
    """The contact who may be told, and the owner of their account."""

    contact_id: str
    owner_id: str


@dataclass(frozen=True)
class Notice:
    """One to be sent on. key: the same for the same happening. due: when the owner should have done it."""

    key: str
    account_id: str
    contact_id: str
    owner_id: str
    subject: str
    text: str
    due: date


def task_change(notice: Notice, gen: int) -> OutgoingChange:
    """The task. Status and priority are left to the org's own defaults."""
    values = {
        "WhatId": notice.account_id,
        "WhoId": notice.contact_id,
        "OwnerId": notice.owner_id,
        "Subject": notice.subject,
        "Description": notice.text,
        "ActivityDate": notice.due.isoformat(),
    }
    return OutgoingChange(TASK, notice.key, gen, values, KEY)


def approved_contacts(
    client: SalesforceClient, approved_field: str, accounts: Sequence[str]
) -> dict[str, Recipient]:
    """By account, the approved contact; of several, the one who has been in the org longest."""
    found: dict[str, Recipient] = {}
    for start in range(0, len(accounts), _AT_A_TIME):
        soql = (
            f"SELECT Id, AccountId, Account.OwnerId FROM {CONTACT} "  # noqa: S608 - a name from config, checked
            f"WHERE {approved_field} = true AND AccountId IN {{}} ORDER BY CreatedDate, Id"
        )
        for row in client.query(format_soql(soql, list(accounts[start : start + _AT_A_TIME]))):
            recipient = Recipient(str(row["Id"]), str(row["Account.OwnerId"]))
            found.setdefault(str(row["AccountId"]), recipient)
    return found


def active_user(client: SalesforceClient, username: str) -> str | None:
    """The Id of an active user; None where there is none of this name."""
    soql = format_soql("SELECT Id FROM User WHERE Username = {} AND IsActive = true", username)
    return next((str(row["Id"]) for row in client.query(soql)), None)


def notice_problems(client: SalesforceClient, approved_field: str, owner: str | None) -> list[str]:
    """What keeps notices from being made, with the way out; empty where nothing does."""
    return [
        *_field_problems(client, TASK, KEY, to_write=True),
        *_field_problems(client, CONTACT, approved_field, to_write=False),
        *_owner_problems(client, owner),
    ]


def _field_problems(
    client: SalesforceClient, object_name: str, field: str, *, to_write: bool
) -> Iterator[str]:
    way_out = f"run `maturityd org plan`, and give the user of [salesforce] the permission set {SYNC}"
    try:
        shape = client.describe(object_name).fields.get(field)
    except SetupError as error:
        yield str(error)
        return
    if shape is None:
        yield f"{object_name}.{field}: the user of [salesforce] sees no such field; {way_out}"
    elif to_write and not shape.createable:
        yield f"{object_name}.{field}: the user of [salesforce] may not fill it; {way_out}"
    elif to_write and not shape.unique:
        yield (
            f"{object_name}.{field}: is not unique, so a notice could be made twice; "
            "make it so in Setup, at the custom fields of activities"
        )
    elif not to_write and shape.type != "boolean":
        yield f"{object_name}.{field}: is no checkbox; name one in approved_field of [notices]"


def _owner_problems(client: SalesforceClient, owner: str | None) -> Iterator[str]:
    if owner is not None and active_user(client, owner) is None:
        yield f"no active user is named {owner}; correct owner in [notices], or leave it out"


def with_notices(spec: OrgSpec, approved_field: str) -> OrgSpec:
    """What the org is to have where notices are made.

    Tasks have no object permissions; rights of the user open them.
    """
    key = FieldSpec(
        ACTIVITY,
        KEY,
        "Maturity Notice",
        "Text",
        "notice",
        "Marks the task of a customer notice, so that it is made once. Do not edit.",
        length=80,
        unique=True,
    )
    approval = FieldSpec(
        CONTACT,
        approved_field,
        "Usage Notices",
        "Checkbox",
        "approved",
        "Whether this person may be told of unusual usage.",
    )
    approved = f"{CONTACT}.{approved_field}"
    sets = [
        _for_notices(each, {approved: READ, f"{key.seen_on}.{KEY}": EDIT}) if each.name == SYNC else each
        for each in spec.permission_sets
    ]
    approver = PermissionSetSpec(
        APPROVER,
        "Maturity Notice Approver",
        "For those who may approve a contact for customer notices and may edit contacts anyway.",
        {CONTACT: READ},
        {approved: EDIT},
    )
    return replace(spec, fields=(*spec.fields, key, approval), permission_sets=(*sets, approver))


def _for_notices(sync: PermissionSetSpec, fields: Mapping[str, frozenset[str]]) -> PermissionSetSpec:
    return replace(
        sync,
        objects={CONTACT: READ, **sync.objects},
        fields={**sync.fields, **fields},
        user=frozenset({"ActivitiesAccess", "EditTask"}),
    )
