"""Field history: a row per change of a tracked field, for ever told apart by who and when."""

import json
from collections.abc import Mapping

from integrations.localorg.schema import REFERENCE_KINDS, FieldDef, ObjectDef
from integrations.localorg.store import Row, Store, Value

_SHORT = 255
_TYPES = {
    "LongTextArea": "TextArea", "Html": "RichTextArea", "Picklist": "DynamicEnum", "Number": "Double",
    "Checkbox": "Boolean", "DateTime": "DateTime", "Date": "DateOnly", "Lookup": "EntityId", "Int": "Integer",
}  # fmt: skip


def record_created(store: Store, target: ObjectDef, record_id: str, user_id: str, at: str) -> None:
    """The row that says when the record came to be."""
    if _tracked(target):
        _add(store, target, record_id, (user_id, at), ("created", "Text", None, None))


def record_changes(
    store: Store,
    target: ObjectDef,
    record_id: str,
    who_when: tuple[str, str],
    before: Row,
    after: Mapping[str, Value],
) -> None:
    """Rows for the tracked fields among the changes."""
    for field in _tracked(target):
        old, new = before.get(field.name), after.get(field.name)
        if field.name in after and old != new:
            for data_type, was, now in _versions(store, field, old, new):
                _add(store, target, record_id, who_when, (_field_name(field), data_type, was, now))


def _tracked(target: ObjectDef) -> list[FieldDef]:
    return [field for field in target.fields.values() if field.tracked] if target.history else []


def _field_name(field: FieldDef) -> str:
    """Custom fields by their API name; a standard reference without its `Id` (`Owner`)."""
    return field.relationship if field.kind in REFERENCE_KINDS and not field.custom else field.name


def _versions(store: Store, field: FieldDef, old: Value, new: Value) -> list[tuple[str, Value, Value]]:
    """A reference leaves two rows: its id, and the name that people know."""
    data_type = _TYPES.get(field.kind, "Text")
    if field.kind in REFERENCE_KINDS:
        names = ("Text", _name(store, field, old), _name(store, field, new))
        return [(data_type, old, new), names]
    if field.kind in ("LongTextArea", "Html", "MultiselectPicklist") or _long(old) or _long(new):
        return [(data_type, None, None)]
    return [(data_type, old, new)]


def _long(value: Value) -> bool:
    return isinstance(value, str) and len(value) > _SHORT


def _name(store: Store, field: FieldDef, record_id: Value) -> Value:
    found = store.get(field.reference_to, str(record_id)) if record_id else None
    return found.get("Name") if found else None


def _add(
    store: Store,
    target: ObjectDef,
    record_id: str,
    who_when: tuple[str, str],
    change: tuple[str, str, Value, Value],
) -> None:
    name, data_type, old, new = change
    boolean = data_type == "Boolean"
    store.insert(
        target.history_name,
        {
            "Id": store.next_id("017"),
            "IsDeleted": 0,
            target.history_parent: record_id,
            "CreatedById": who_when[0],
            "CreatedDate": who_when[1],
            "Field": name,
            "DataType": data_type,
            "OldValue": None if old is None else json.dumps(bool(old) if boolean else old),
            "NewValue": None if new is None else json.dumps(bool(new) if boolean else new),
        },
    )
