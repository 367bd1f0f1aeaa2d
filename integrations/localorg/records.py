"""Creating, changing and deleting records, with every rule that Salesforce applies on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrations.localorg import history
from integrations.localorg.formula import Occasion, trips
from integrations.localorg.ids import full_id
from integrations.localorg.permissions import Access
from integrations.localorg.refusals import Refusal, not_found
from integrations.localorg.schema import REFERENCE_KINDS, FieldDef, ObjectDef
from integrations.localorg.standard import TASK
from integrations.localorg.store import Row, Store, Value
from integrations.localorg.validate import checked

Payload = Mapping[str, object]


@dataclass(frozen=True)
class Writer:
    """Who writes, when, in which request. locked: whether another transaction holds this record."""

    store: Store
    access: Access
    at: str
    request_id: str
    locked: Callable[[str], bool] = lambda _: False


def target_of(store: Store, access: Access, name: str) -> ObjectDef:
    """The object of this name, as far as the user may see it.

    raises: Refusal, NOT_FOUND.
    """
    folded = name.lower()
    found = next((each for key, each in store.objects.items() if key.lower() == folded), None)
    if found is None or not found.rest or not access.may("Read", found):
        raise not_found()
    return found


def record_id_of(target: ObjectDef, raw: str) -> str:
    """The 18-character id, if it is one of this object.

    raises: Refusal, MALFORMED_ID.
    """
    found = full_id(raw)
    if found is None or not found.startswith(target.prefix):
        label = target.fields["Id"].label
        raise Refusal(400, "MALFORMED_ID", f"{label}: id value of incorrect type: {raw}", ("Id",))
    return found


def living(store: Store, target: ObjectDef, raw: str) -> Row:
    """The record with this id, if it is there and not deleted.

    raises: Refusal: MALFORMED_ID, INVALID_CROSS_REFERENCE_KEY, ENTITY_IS_DELETED.
    """
    row = store.get(target.name, record_id_of(target, raw))
    if row is None:
        raise Refusal(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    if row.get("IsDeleted"):
        raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted", ())
    return row


def create(writer: Writer, target: ObjectDef, payload: Payload) -> str:
    """Add a record and say its id.

    raises: Refusal.
    """
    _allow(writer.access, "Create", target)
    given = _values(writer, target, payload, creating=True)
    row = {**defaults(writer, target), **given}
    derive(target, row)
    _require(target, row)
    _check_unique(writer.store, target, given, None)
    _check_rules(target, Occasion(None, row))
    return add(writer, target, row)


def add(writer: Writer, target: ObjectDef, row: Row, action: str = "create") -> str:
    """Insert a row that was checked: audit fields, numbers, history, log."""
    record_id = writer.store.next_id(target.prefix)
    audit: Row = {
        "CreatedById": writer.access.user_id,
        "CreatedDate": writer.at,
        "LastModifiedById": writer.access.user_id,
        "LastModifiedDate": writer.at,
        "SystemModstamp": writer.at,
        "IsDeleted": 0,
    }
    known = {name: value for name, value in audit.items() if name in target.fields}
    full: Row = {"Id": record_id, **known, **row}
    for field in target.fields.values():
        if field.kind == "AutoNumber" and full.get(field.name) is None:
            full[field.name] = _numbered(writer.store, target, field)
    if "Name" in target.fields and full.get("Name") is None and target.custom:
        full["Name"] = record_id[:15]
    writer.store.insert(target.name, full)
    history.record_created(
        writer.store, target, record_id, str(full["CreatedById"]), str(full["CreatedDate"])
    )
    after = {name: value for name, value in full.items() if value is not None}
    writer.store.log_write(
        writer.at, writer.access.user_id, action, (target.name, record_id), {}, after, writer.request_id
    )
    return record_id


def update(writer: Writer, target: ObjectDef, raw_id: str, payload: Payload) -> str:
    """Change a record and say its id; writing the values it has still renews its SystemModstamp.

    raises: Refusal.
    """
    before = living(writer.store, target, raw_id)
    record_id = str(before["Id"])
    _allow(writer.access, "Edit", target)
    _check_lock(writer, record_id)
    given = _values(writer, target, payload, creating=False)
    after = {**before, **given}
    derive(target, after)
    _require(target, after)
    _check_unique(writer.store, target, given, record_id)
    _check_rules(target, Occasion(before, after))
    changed = {name: value for name, value in after.items() if value != before[name]}
    apply(writer, target, before, changed)
    return record_id


def apply(writer: Writer, target: ObjectDef, before: Row, changed: Row, action: str = "update") -> None:
    """Store changes that were checked: audit fields, history, log."""
    record_id = str(before["Id"])
    stamps: Row = {
        "LastModifiedById": writer.access.user_id,
        "LastModifiedDate": writer.at,
        "SystemModstamp": writer.at,
    }
    writer.store.update(target.name, record_id, {**changed, **stamps})
    history.record_changes(
        writer.store, target, record_id, (writer.access.user_id, writer.at), before, changed
    )
    was = {name: before.get(name) for name in changed}
    writer.store.log_write(
        writer.at, writer.access.user_id, action, (target.name, record_id), was, changed, writer.request_id
    )


def delete(writer: Writer, target: ObjectDef, raw_id: str) -> str:
    """Put a record into the recycle bin; what pointed to it points nowhere.

    raises: Refusal.
    """
    before = living(writer.store, target, raw_id)
    _allow(writer.access, "Delete", target)
    _check_lock(writer, str(before["Id"]))
    if target.api == "setup":
        writer.store.run(f'DELETE FROM "{target.name}" WHERE Id = ?', (before["Id"],))  # noqa: S608 known object
        writer.store.log_write(
            writer.at,
            writer.access.user_id,
            "delete",
            (target.name, str(before["Id"])),
            before,
            {},
            writer.request_id,
        )
        return str(before["Id"])
    apply(writer, target, before, {"IsDeleted": 1}, "delete")
    for child in writer.store.objects.values():
        if child.api == "data":
            for field in child.fields.values():
                if field.reference_to == target.name and field.kind in REFERENCE_KINDS:
                    _orphan(writer, child, field, str(before["Id"]))
    return str(before["Id"])


def _orphan(writer: Writer, child: ObjectDef, field: FieldDef, parent_id: str) -> None:
    cascades = field.kind == "MasterDetail" or child.name == "Contact"
    for row in writer.store.find(child.name, **{field.name: parent_id}):
        if cascades:
            apply(writer, child, row, {"IsDeleted": 1}, "delete")
        else:
            apply(writer, child, row, {field.name: None})


def matches(writer: Writer, target: ObjectDef, field_name: str, raw: object) -> tuple[FieldDef, list[str]]:
    """The external id field and the ids of the records that have this value in it.

    raises: Refusal where the field is no external id, or not for this user.
    """
    field = target.field(field_name)
    usable = (
        field is not None and (field.external_id or field.name == "Id") and writer.access.sees(target, field)
    )
    if field is None or not usable:
        message = f"Provided external ID field does not exist or is not accessible: {field_name}"
        raise Refusal(404, "NOT_FOUND", message)
    if raw is None or raw == "":
        return field, []
    value = record_id_of(target, str(raw)) if field.name == "Id" else checked(field, raw)
    return field, [str(row["Id"]) for row in writer.store.find(target.name, **{field.name: value})]


# Checks


def _allow(access: Access, right: str, target: ObjectDef) -> None:
    if not access.may(right, target):
        raise Refusal(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", ())


def _check_lock(writer: Writer, record_id: str) -> None:
    if writer.locked(record_id):
        message = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
        raise Refusal(400, "UNABLE_TO_LOCK_ROW", message, ())


def _values(writer: Writer, target: ObjectDef, payload: Payload, creating: bool) -> Row:
    fields = {name: target.field(name) for name in payload if name != "attributes"}
    for name, field in fields.items():
        if field is None:
            message = f"No such column '{name}' on sobject of type {target.name}"
            raise Refusal(400, "INVALID_FIELD", message)
    known = {name: field for name, field in fields.items() if field is not None}
    refused = [
        field.name for field in known.values() if not _writable(writer.access, target, field, creating)
    ]
    if refused:
        message = (
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of "
            "this field and verify that it is read/write for your profile or permission set."
        )
        raise Refusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(refused))
    values = {field.name: checked(field, payload[name]) for name, field in known.items()}
    for field in known.values():
        if field.reference_to and values[field.name] is not None:
            _check_reference(writer.store, field, str(values[field.name]))
    return values


def _writable(access: Access, target: ObjectDef, field: FieldDef, creating: bool) -> bool:
    allowed = field.createable if creating else field.updateable
    return allowed and access.writes(target, field)


def _check_reference(store: Store, field: FieldDef, value: str) -> None:
    parent = store.objects[field.reference_to]
    if not value.startswith(parent.prefix):
        message = f"{field.label}: id value of incorrect type: {value}"
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
    row = store.get(parent.name, value)
    if row is None:
        raise Refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))
    if row.get("IsDeleted"):
        raise Refusal(400, "ENTITY_IS_DELETED", "entity is deleted", (field.name,))


def defaults(writer: Writer, target: ObjectDef) -> Row:
    """What a new record holds where nothing is given."""
    row: Row = {field.name: field.default for field in target.fields.values() if field.default is not None}
    row |= {
        field.name: int(bool(field.default)) for field in target.fields.values() if field.kind == "Checkbox"
    }
    if "OwnerId" in target.fields:
        row["OwnerId"] = writer.access.user_id
    return row


def derive(target: ObjectDef, row: Row) -> None:
    """Fields that follow from others."""
    if target.name in ("Contact", "User"):
        row["Name"] = " ".join(str(part) for part in (row.get("FirstName"), row.get("LastName")) if part)
    if target.name == "Case":
        row["IsClosed"] = int(row.get("Status") == "Closed")
    if target.name == TASK:
        row["IsClosed"] = int(row.get("Status") == "Completed")
        row["AccountId"] = row.get("WhatId")


def _require(target: ObjectDef, row: Mapping[str, Value]) -> None:
    missing = [
        field.name for field in target.fields.values() if field.required and row.get(field.name) is None
    ]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise Refusal(400, "REQUIRED_FIELD_MISSING", message, tuple(missing))


def _check_unique(store: Store, target: ObjectDef, given: Row, own_id: str | None) -> None:
    for name, value in given.items():
        if target.fields[name].unique and value is not None:
            others = [
                str(row["Id"]) for row in store.find(target.name, **{name: value}) if row["Id"] != own_id
            ]
            if others:
                message = (
                    f"duplicate value found: {name} duplicates value on record with id: {others[0][:15]}"
                )
                raise Refusal(400, "DUPLICATE_VALUE", message, ())


def _check_rules(target: ObjectDef, occasion: Occasion) -> None:
    for rule in target.rules:
        if rule.active and trips(rule.formula, occasion):
            fields = (rule.display_field,) if rule.display_field else ()
            raise Refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)


def _numbered(store: Store, target: ObjectDef, field: FieldDef) -> str:
    number = store.next_number(f"auto {target.name}.{field.name}")
    head, _, rest = (field.display_format or "{0}").partition("{")
    zeros, _, tail = rest.partition("}")
    return f"{head}{number:0{len(zeros)}d}{tail}"
