"""Values against their fields: JSON types, lengths, digits, picklists, ids, dates."""

import math
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from integrations.localorg.ids import full_id
from integrations.localorg.instants import parse_datetime, wire
from integrations.localorg.refusals import Refusal, bad_json
from integrations.localorg.richtext import sanitise
from integrations.localorg.schema import NUMBER_KINDS, REFERENCE_KINDS, TEXT_KINDS, FieldDef
from integrations.localorg.store import Value

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def checked(field: FieldDef, raw: object) -> Value:
    """The value as it will be stored.

    raises: Refusal with the code that Salesforce gives for this mistake.
    """
    if field.kind == "Checkbox":
        return _checkbox(field, raw)
    if raw is None or raw == "":
        return None
    if field.kind in NUMBER_KINDS:
        return _number(field, raw)
    if isinstance(raw, bool | int | float):
        raw = str(raw).lower() if isinstance(raw, bool) else str(raw)
    if not isinstance(raw, str):
        raise bad_json(f"Cannot deserialize instance of {field.describe_type} from a JSON object or array")
    if field.kind in TEXT_KINDS:
        return _text(field, raw)
    if field.kind in REFERENCE_KINDS:
        return _reference(field, raw)
    return _moment(field, raw)


def _checkbox(field: FieldDef, raw: object) -> Value:
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return int(raw.lower() == "true")
    if raw is None:
        raise Refusal(
            400,
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            f"{field.label}: value not of required type: null",
            (field.name,),
        )
    raise _unreadable("boolean", raw)


def _unreadable(kind: str, raw: object) -> Refusal:
    source = {str: "VALUE_STRING", bool: "VALUE_TRUE", int: "VALUE_NUMBER", float: "VALUE_NUMBER"}.get(
        type(raw), "START_OBJECT"
    )
    return bad_json(
        f"Cannot deserialize instance of {kind} from {source} value {raw} or request may be missing a "
        "required field at [line:1, column:1]"
    )


def _number(field: FieldDef, raw: object) -> Value:
    kind = "int" if field.kind == "Int" else "double"
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise _unreadable(kind, raw)
    try:
        number = float(raw)
    except ValueError as error:
        raise _unreadable(kind, raw) from error
    if not math.isfinite(number):
        raise _unreadable(kind, raw)
    rounded = float(Decimal(str(number)).quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP))
    if abs(rounded) >= 10 ** (field.precision - field.scale):
        message = f"{field.label}: value outside of valid range on numeric field: {raw}"
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
    return int(rounded) if field.kind == "Int" else rounded


def _text(field: FieldDef, raw: str) -> Value:
    value = sanitise(raw) if field.kind == "Html" else raw.strip()
    if field.length and len(value) > field.length:
        message = f"{field.label}: data value too large: {raw} (max length={field.length})"
        raise Refusal(400, "STRING_TOO_LONG", message, (field.name,))
    if field.kind == "Email" and value and not _EMAIL.fullmatch(value):
        message = f"{field.label}: invalid email address: {raw}"
        raise Refusal(400, "INVALID_EMAIL_ADDRESS", message, (field.name,))
    if field.kind in ("Picklist", "MultiselectPicklist"):
        return _picked(field, value)
    return value or None


def _picked(field: FieldDef, value: str) -> Value:
    canonical = {each.lower(): each for each in field.values}
    parts = value.split(";") if field.kind == "MultiselectPicklist" else [value]
    unknown = [part for part in parts if part and part.lower() not in canonical]
    if field.restricted and unknown:
        message = f"{field.label}: bad value for restricted picklist field: {unknown[0]}"
        raise Refusal(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    return ";".join(canonical.get(part.lower(), part) for part in parts) or None


def _reference(field: FieldDef, raw: str) -> Value:
    found = full_id(raw)
    if found is None:
        message = f"{field.label}: id value of incorrect type: {raw}"
        raise Refusal(400, "MALFORMED_ID", message, (field.name,))
    return found


def _moment(field: FieldDef, raw: str) -> Value:
    try:
        if field.kind == "Date":
            return date.fromisoformat(raw[:10]).isoformat()
        return wire(parse_datetime(raw))
    except ValueError as error:
        raise _unreadable("dateTime" if field.kind == "DateTime" else "date", raw) from error
