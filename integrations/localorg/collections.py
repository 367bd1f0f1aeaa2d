"""sObject Collections: up to 200 records in a request, each with a result of its own."""

from collections import Counter
from collections.abc import Callable

from integrations.localorg import records
from integrations.localorg.api import Answer, Call
from integrations.localorg.ids import full_id
from integrations.localorg.query import Record
from integrations.localorg.records import Payload, Writer
from integrations.localorg.refusals import Refusal, bad_json
from integrations.localorg.rest import router, saved
from integrations.localorg.schema import ObjectDef

MAX_RECORDS = 200

Row = Callable[[Writer], Record]


@router.on("POST", "/composite/sobjects")
def create_many(call: Call) -> Answer:
    """Add records."""
    rows, all_or_none = _payload(call)
    return _each(call, [_creation(call, row) for row in rows], all_or_none)


def _creation(call: Call, payload: Payload) -> Row:
    target = _target(call, payload)
    return lambda writer: saved(records.create(writer, target, payload))


@router.on("PATCH", "/composite/sobjects")
def update_many(call: Call) -> Answer:
    """Change records by id."""
    rows, all_or_none = _payload(call)
    ids = [str(_id_in(row)) for row in rows]
    twice = _twice([full_id(each) or each for each in ids])
    return _each(call, [_change(call, *pair, twice) for pair in zip(rows, ids, strict=True)], all_or_none)


def _change(call: Call, payload: Payload, raw_id: str, twice: set[str]) -> Row:
    target = _target(call, payload)
    values = {name: value for name, value in payload.items() if name.lower() != "id"}

    def write(writer: Writer) -> Record:
        if raw_id == "None":
            raise Refusal(400, "MISSING_ARGUMENT", "Id not specified in an update call", ())
        if (full_id(raw_id) or raw_id) in twice:
            raise Refusal(400, "DUPLICATE_VALUE", f"Duplicate id in list: {raw_id}", ("Id",))
        return saved(records.update(writer, target, raw_id, values))

    return write


@router.on("PATCH", "/composite/sobjects/{name}/{field}")
def upsert_many(call: Call, name: str, field: str) -> Answer:
    """Create or change records of one object by an external id."""
    target = records.target_of(call.store, call.access, name)
    rows, all_or_none = _payload(call)
    key, _ = records.matches(call.writer(), target, field, None)
    keys = [_valued(row, key.name) for row in rows]
    twice = _twice([str(each).lower() for each in keys if each is not None])
    return _each(
        call,
        [_upsertion(target, key.name, *pair, twice) for pair in zip(rows, keys, strict=True)],
        all_or_none,
    )


def _upsertion(target: ObjectDef, key: str, payload: Payload, value: object, twice: set[str]) -> Row:
    def write(writer: Writer) -> Record:
        if value is None:
            raise Refusal(400, "MISSING_ARGUMENT", f"{key} not specified", ())
        if str(value).lower() in twice:
            raise Refusal(400, "DUPLICATE_VALUE", f"Duplicate external id specified: {value}", (key,))
        _, found = records.matches(writer, target, key, value)
        if len(found) > 1:
            shown = ", ".join(found)
            raise Refusal(
                400,
                "DUPLICATE_EXTERNAL_ID",
                f"{key}: more than one record found for external id field: [{shown}]",
                (),
            )
        if not found:
            return saved(records.create(writer, target, payload), created=True)
        values = {name: each for name, each in payload.items() if name.lower() != key.lower()}
        return saved(records.update(writer, target, found[0], values), created=False)

    return write


@router.on("DELETE", "/composite/sobjects")
def delete_many(call: Call) -> Answer:
    """Put records into the recycle bin."""
    ids = [each for each in call.query.get("ids", "").split(",") if each]
    _limit(len(ids))
    return _each(
        call, [_deletion(call, each) for each in ids], call.query.get("allOrNone", "").lower() == "true"
    )


def _deletion(call: Call, raw_id: str) -> Row:
    def write(writer: Writer) -> Record:
        found = full_id(raw_id)
        target = next(
            (each for each in call.store.objects.values() if found and found.startswith(each.prefix)), None
        )
        if found is None or target is None:
            raise Refusal(400, "MALFORMED_ID", f"malformed id {raw_id}", ())
        return saved(records.delete(writer, target, found))

    return write


# All of them


class _RolledBack(Exception):
    """One row failed and the request was all or none."""


def _each(call: Call, rows: list[Row], all_or_none: bool) -> Answer:
    results: list[Record] = []
    try:
        with call.store.transaction():
            results.extend(_result(call, row) for row in rows)
            if all_or_none and not all(each["success"] for each in results):
                raise _RolledBack
    except _RolledBack:
        results = [_rolled_back(each, call.method) if each["success"] else each for each in results]
    return Answer(200, results)


def _result(call: Call, row: Row) -> Record:
    try:
        with call.store.transaction():
            return row(call.writer())
    except Refusal as refusal:
        return {"success": False, "errors": [refusal.as_row()]}


def _rolled_back(result: Record, method: str) -> Record:
    """A record that was fine; one that was to be created has no id after all."""
    message = (
        "Record rolled back because not all records were valid and the request was using AllOrNone header"
    )
    error = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": message, "fields": []}
    kept = {} if method == "POST" or result.get("created") else {"id": result["id"]}
    return {**kept, "success": False, "errors": [error]}


def _payload(call: Call) -> tuple[list[dict[str, object]], bool]:
    body = call.json()
    rows = body.get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_json("records is a list of JSON objects")
    _limit(len(rows))
    return rows, body.get("allOrNone") is True


def _limit(count: int) -> None:
    if count > MAX_RECORDS:
        message = f"record limit reached. cannot submit more than {MAX_RECORDS} records into this call"
        raise Refusal(400, "EXCEEDED_ID_LIMIT", message)


def _target(call: Call, payload: Payload) -> ObjectDef:
    attributes = payload.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise Refusal(400, "INVALID_INPUT", "each record needs attributes with its type")
    return records.target_of(call.store, call.access, name)


def _id_in(payload: Payload) -> object:
    return _valued(payload, "id")


def _valued(payload: Payload, name: str) -> object:
    return next((value for key, value in payload.items() if key.lower() == name.lower()), None)


def _twice(values: list[str]) -> set[str]:
    return {value for value, count in Counter(values).items() if count > 1}
