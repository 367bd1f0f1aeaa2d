"""Which permission sets and assignments an org lacks, row by row, so that others' rows stay untouched.

Deploying a permission set replaces the whole of it; so only a new one is deployed.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simple_salesforce.format import format_soql

from integrations.errors import SetupError
from integrations.interfaces import JsonScalar
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.org_changes import Assignment, Change, PermissionRow
from integrations.salesforce.schema import PermissionSetSpec

_RIGHTS = ("Read", "Create", "Edit")


@dataclass(frozen=True)
class _Grant:
    """A row of permissions as it stands."""

    id: str
    rights: frozenset[str]


_NONE = _Grant("", frozenset())


def permission_set_findings(
    client: SalesforceClient, spec: PermissionSetSpec, there: set[str]
) -> Iterator[Change | str]:
    """Changes, and warnings as plain text. there: fields that exist or will, as `Account.Tier__c`."""
    for name in sorted(set(spec.fields) - there):
        yield f"field {name} does not exist, so {spec.name} cannot show it; see [sources]"
    fields = {name: rights for name, rights in spec.fields.items() if name in there}
    set_id = _set_id(client, spec.name)
    if set_id is None:
        detail = ", ".join([f"{len(spec.objects)} objects, {len(fields)} fields", *sorted(spec.user)])
        new = dataclasses.replace(spec, fields=fields)
        yield Change("permission set", spec.name, "create", detail, new)
        return
    have = _grants(client, set_id)
    for name, rights in sorted({**spec.objects, **fields}.items()):
        grant = have.get(name, _NONE)
        if missing := rights - grant.rights:
            words = f"{' and '.join(sorted(missing)).lower()} {name}"
            row = _row(set_id, name, grant, missing)
            yield Change("permission set", spec.name, "grant", words, row)
    if lacking := _lacking(client, set_id, spec.user):
        row = PermissionRow("PermissionSet", set_id, {f"Permissions{right}": True for right in lacking})
        yield Change("permission set", spec.name, "grant", " and ".join(lacking), row)


def assignment_findings(
    client: SalesforceClient, permission_set: str, usernames: Sequence[str]
) -> Iterator[Change]:
    """The users who lack the permission set."""
    soql = "SELECT Assignee.Username FROM PermissionSetAssignment WHERE PermissionSet.Name = {}"
    rows = client.query(format_soql(soql, permission_set))
    assigned = {str(row["Assignee.Username"]).lower() for row in rows}
    for username in usernames:
        if username.lower() not in assigned:
            part = Assignment(permission_set, username)
            yield Change("permission set", permission_set, "assign", f"to {username}", part)


def save_assignment(client: SalesforceClient, part: Assignment) -> None:
    """Give the set to the user. raises: SetupError when one of them does not exist."""
    set_id = _set_id(client, part.permission_set)
    soql = format_soql("SELECT Id FROM User WHERE Username = {} AND IsActive = true", part.username)
    user = next(iter(client.query(soql)), None)
    if set_id is None or user is None:
        what = f"permission set {part.permission_set}" if set_id is None else f"active user {part.username}"
        raise SetupError(f"salesforce: there is no {what}; create it, or correct its name in [salesforce]")
    client.save("PermissionSetAssignment", "", {"AssigneeId": user["Id"], "PermissionSetId": set_id})


def _set_id(client: SalesforceClient, name: str) -> str | None:
    rows = client.query(format_soql("SELECT Id FROM PermissionSet WHERE Name = {}", name))
    return next((str(row["Id"]) for row in rows), None)


def _grants(client: SalesforceClient, set_id: str) -> dict[str, _Grant]:
    objects = (
        "SELECT Id, SobjectType, PermissionsRead, PermissionsCreate, PermissionsEdit "
        "FROM ObjectPermissions WHERE ParentId = {}"
    )
    fields = "SELECT Id, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions WHERE ParentId = {}"
    rows = [*client.query(format_soql(objects, set_id)), *client.query(format_soql(fields, set_id))]
    return {str(row.get("Field") or row["SobjectType"]): _grant(row) for row in rows}


def _lacking(client: SalesforceClient, set_id: str, wanted: frozenset[str]) -> list[str]:
    """Rights of a user that the set does not give."""
    if not wanted:
        return []
    fields = {right: f"Permissions{right}" for right in sorted(wanted)}
    soql = f"SELECT {', '.join(fields.values())} FROM PermissionSet WHERE Id = {{}}"  # noqa: S608 - our own names
    (row,) = client.query(format_soql(soql, set_id))
    return [right for right, field in fields.items() if not row[field]]


def _grant(row: Mapping[str, JsonScalar]) -> _Grant:
    rights = frozenset(right for right in _RIGHTS if row.get(f"Permissions{right}"))
    return _Grant(str(row["Id"]), rights)


def _row(set_id: str, name: str, grant: _Grant, missing: frozenset[str]) -> PermissionRow:
    values: dict[str, str | bool] = {f"Permissions{right}": True for right in sorted(missing)}
    table = "FieldPermissions" if "." in name else "ObjectPermissions"
    if not grant.id:
        target = {"Field": name} if "." in name else {}
        values = {"ParentId": set_id, "SobjectType": name.partition(".")[0], **target, **values}
    return PermissionRow(table, grant.id, values)
