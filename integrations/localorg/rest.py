"""The REST API on records: limits, describe, query with paging, create, read, update, upsert, delete."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from integrations.localorg import query, records
from integrations.localorg.api import DAILY_REQUESTS, Answer, Call, Router, used_requests
from integrations.localorg.describe import describe_global, describe_object
from integrations.localorg.instants import parse_datetime, wire
from integrations.localorg.query import Answered, Record
from integrations.localorg.refusals import Refusal, not_found
from integrations.localorg.schema import FieldDef, ObjectDef

PAGE = 2000
MAX_CURSORS = 50

router = Router()


class Cursors:
    """Answers that did not fit on one page, the newest few of them, by locator."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Answered, int]] = OrderedDict()
        self._lock = Lock()

    def keep(self, locator: str, answered: Answered, size: int) -> None:
        """Keep an answer; the oldest goes when there are too many."""
        with self._lock:
            self._kept[locator] = (answered, size)
            while len(self._kept) > MAX_CURSORS:
                self._kept.popitem(last=False)

    def get(self, locator: str) -> tuple[Answered, int]:
        """The answer and its page size.

        raises: Refusal, INVALID_QUERY_LOCATOR.
        """
        with self._lock:
            if locator not in self._kept:
                raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
            return self._kept[locator]


_cursors = Cursors()


@router.on("GET", "/limits")
def limits(call: Call) -> Answer:
    """The org's allowances."""
    remaining = max(0, DAILY_REQUESTS - used_requests(call.store, call.now))
    return Answer(
        200,
        {
            "DailyApiRequests": {"Max": DAILY_REQUESTS, "Remaining": remaining},
            "DataStorageMB": {"Max": 1024, "Remaining": 1024},
            "FileStorageMB": {"Max": 1024, "Remaining": 1024},
            "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
            "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976562, "Remaining": 976562},
        },
    )


# Query


def _run_query(call: Call, tooling: bool, include_deleted: bool) -> Answer:
    text = call.query.get("q")
    if text is None:
        raise Refusal(400, "MALFORMED_QUERY", "unexpected token: <EOF>")
    answered = query.run(call.store, text, call.asker(tooling, include_deleted))
    size = _page_size(call)
    locator = call.store.next_id("01g") if len(answered.records) > size else ""
    if locator:
        _cursors.keep(locator, answered, size)
    return _page(call, answered, locator, 0, size)


def _page_size(call: Call) -> int:
    options = call.headers.get("sforce-query-options", "")
    name, _, wanted = options.replace(" ", "").partition("=")
    if name.lower() == "batchsize" and wanted.isdigit():
        return min(PAGE, max(200, int(wanted)))
    return PAGE


def _page(call: Call, answered: Answered, locator: str, start: int, size: int) -> Answer:
    end = start + size
    body: Record = {"totalSize": answered.total, "done": end >= len(answered.records)}
    if not body["done"]:
        body["nextRecordsUrl"] = f"{call.base}/query/{locator}-{end}"
    body["records"] = answered.records[start:end]
    return Answer(200, body)


@router.on("GET", "/query")
def soql(call: Call) -> Answer:
    """Records that are not deleted."""
    return _run_query(call, tooling=False, include_deleted=False)


@router.on("GET", "/queryAll")
def soql_all(call: Call) -> Answer:
    """Records, deleted ones included."""
    return _run_query(call, tooling=False, include_deleted=True)


@router.on("GET", "/tooling/query")
def tooling_soql(call: Call) -> Answer:
    """The schema as records."""
    return _run_query(call, tooling=True, include_deleted=False)


@router.on("GET", "/query/{locator}")
def more(call: Call, locator: str) -> Answer:
    """The next page."""
    name, _, start = locator.partition("-")
    answered, size = _cursors.get(name)
    if not start.isdigit():
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, answered, name, int(start), size)


# Objects


@router.on("GET", "/sobjects")
def all_objects(call: Call) -> Answer:
    """Global describe."""
    return Answer(200, describe_global(call.store, call.access, call.version))


@router.on("GET", "/sobjects/{name}")
def one_object(call: Call, name: str) -> Answer:
    """An object in short."""
    target = records.target_of(call.store, call.access, name)
    described = describe_object(call.store, target, call.access, call.version)
    short = {key: value for key, value in described.items() if key not in ("fields", "childRelationships")}
    return Answer(200, {"objectDescribe": short, "recentItems": []})


@router.on("GET", "/sobjects/{name}/describe")
def describe(call: Call, name: str) -> Answer:
    """An object in full."""
    target = records.target_of(call.store, call.access, name)
    return Answer(200, describe_object(call.store, target, call.access, call.version))


def _between(call: Call) -> tuple[str, str]:
    try:
        start, end = (parse_datetime(call.query[edge].replace(" ", "+")) for edge in ("start", "end"))
    except (KeyError, ValueError) as error:
        raise Refusal(400, "INVALID_REPLICATION_DATE", "start and end are date-times") from error
    return _minute(start), _minute(end)


def _minute(at: datetime) -> str:
    """Seconds are ignored."""
    return wire(at.replace(second=0, microsecond=0))


@router.on("GET", "/sobjects/{name}/updated")
def updated(call: Call, name: str) -> Answer:
    """Ids of the records changed in a time span."""
    target = records.target_of(call.store, call.access, name)
    start, end = _between(call)
    rows = call.store.rows(
        f'SELECT Id FROM "{target.name}" WHERE IsDeleted = 0 AND SystemModstamp >= ? AND SystemModstamp < ? '  # noqa: S608 known object
        "ORDER BY SystemModstamp",
        (start, end),
    )
    return Answer(200, {"ids": [row["Id"] for row in rows], "latestDateCovered": end})


@router.on("GET", "/sobjects/{name}/deleted")
def deleted(call: Call, name: str) -> Answer:
    """Ids of the records deleted in a time span."""
    target = records.target_of(call.store, call.access, name)
    start, end = _between(call)
    rows = call.store.rows(
        f'SELECT Id AS id, SystemModstamp AS deletedDate FROM "{target.name}" WHERE IsDeleted = 1 '  # noqa: S608 known object
        "AND SystemModstamp >= ? AND SystemModstamp < ? ORDER BY SystemModstamp",
        (start, end),
    )
    return Answer(200, {"deletedRecords": rows, "earliestDateAvailable": start, "latestDateCovered": end})


# Records


@router.on("POST", "/sobjects/{name}")
def create(call: Call, name: str) -> Answer:
    """Add a record."""
    target = records.target_of(call.store, call.access, name)
    with call.store.transaction():
        record_id = records.create(call.writer(), target, call.json())
    return Answer(201, saved(record_id), {"Location": f"{call.base}/sobjects/{target.name}/{record_id}"})


def saved(record_id: str, **more: object) -> Record:
    """The answer for a record that was written."""
    return {"id": record_id, "success": True, "errors": [], **more}


def _present(call: Call, target: ObjectDef, raw: str) -> str:
    """The id of a record named in a path.

    raises: Refusal; of an id that nobody has, NOT_FOUND.
    """
    record_id = records.record_id_of(target, raw)
    if call.store.get(target.name, record_id) is None:
        raise not_found()
    return record_id


@router.on("GET", "/sobjects/{name}/{record}")
def read(call: Call, name: str, record: str) -> Answer:
    """One record; `fields` chooses."""
    target = records.target_of(call.store, call.access, name)
    row = records.living(call.store, target, _present(call, target, record))
    seen = [each for each in target.fields.values() if call.access.sees(target, each)]
    if "fields" in call.query:
        seen = [_known(target, call, each.strip()) for each in call.query["fields"].split(",")]
    url = f"{call.base}/sobjects/{target.name}/{row['Id']}"
    shown = {each.name: query.shown(each, row[each.name]) for each in seen}
    return Answer(200, {"attributes": {"type": target.name, "url": url}, **shown, "Id": row["Id"]})


def _known(target: ObjectDef, call: Call, name: str) -> FieldDef:
    found = target.field(name)
    if found is None or not call.access.sees(target, found):
        raise Refusal(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {target.name}")
    return found


@router.on("PATCH", "/sobjects/{name}/{record}")
def update(call: Call, name: str, record: str) -> Answer:
    """Change a record."""
    target = records.target_of(call.store, call.access, name)
    with call.store.transaction():
        records.update(call.writer(), target, _present(call, target, record), call.json())
    return Answer(204)


@router.on("DELETE", "/sobjects/{name}/{record}")
def delete(call: Call, name: str, record: str) -> Answer:
    """Put a record into the recycle bin."""
    target = records.target_of(call.store, call.access, name)
    with call.store.transaction():
        records.delete(call.writer(), target, _present(call, target, record))
    return Answer(204)


@router.on("GET", "/sobjects/{name}/{field}/{value}")
def read_by_key(call: Call, name: str, field: str, value: str) -> Answer:
    """One record by an external id."""
    target = records.target_of(call.store, call.access, name)
    _, found = records.matches(call.writer(), target, field, value)
    if len(found) > 1:
        return _several(call, target, found)
    if not found:
        raise not_found()
    return read(call, target.name, found[0])


def _several(call: Call, target: ObjectDef, found: list[str]) -> Answer:
    return Answer(300, [f"{call.base}/sobjects/{target.name}/{each}" for each in found])


@router.on("PATCH", "/sobjects/{name}/{field}/{value}")
def upsert(call: Call, name: str, field: str, value: str) -> Answer:
    """Create or change a record by an external id."""
    target = records.target_of(call.store, call.access, name)
    with call.store.transaction():
        key, found = records.matches(call.writer(), target, field, value)
        if len(found) > 1:
            return _several(call, target, found)
        payload = call.json()
        if any(each.lower() == key.name.lower() for each in payload):
            raise Refusal(
                400, "INVALID_FIELD", f"The {key.name} field should not be specified in the sobject data."
            )
        if found:
            records.update(call.writer(), target, found[0], payload)
            return _updated(call, found[0])
        if call.query.get("updateOnly", "").lower() == "true":
            raise not_found()
        record_id = records.create(call.writer(), target, {**payload, key.name: value})
    location = {"Location": f"{call.base}/sobjects/{target.name}/{record_id}"}
    return Answer(201, saved(record_id, created=True), location)


def _updated(call: Call, record_id: str) -> Answer:
    """API 46 and later say what happened; earlier ones answer with an empty body."""
    if float(call.version) < 46:
        return Answer(204)
    return Answer(200, saved(record_id, created=False))
