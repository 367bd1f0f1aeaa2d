"""Pushes changes by sObject Collections: up to 200 records a request, a result for each.

source: REST API Developer Guide, "Update Records Using sObject Collections" and "Upsert ...".
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from simple_salesforce.format import format_soql

from integrations.errors import IntegrationError, Permanent
from integrations.events import Event
from integrations.interfaces import JsonScalar, Outcome, OutgoingChange
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.errors import AnswerLost, Remedy, as_integration_error, row_error
from integrations.salesforce.schema import ACCOUNT, SCORE, SCORE_GEN

log = structlog.get_logger()

_SIZES = (200, 50, 10, 1)
"""Records a request; those that found a record locked go again in the next smaller size."""

_LOCK_PAUSE_S = 2.0
_READ_BACK = 100
"""Keys a query: a query travels in the URL, which Salesforce takes up to 16,384 characters long."""

Batch = Sequence[OutgoingChange]


class CollectionsPusher:
    """A Sink (see integrations.interfaces) that writes each change together with its generation.

    gen_fields: object -> field that holds the generation. A validation rule on it refuses older ones, so
        that a request that arrives late, even after we died, does no harm. Records of all other objects are
        created once and are people's from then on: no write of ours changes them, and the org itself refuses
        a second one of the same key, since the external id is unique.
    """

    def __init__(self, client: SalesforceClient, gen_fields: Mapping[str, str]) -> None:
        self._client = client
        self._gen_fields = gen_fields

    def _created_once(self, change: OutgoingChange) -> bool:
        return change.object not in self._gen_fields

    def push(self, changes: list[OutgoingChange]) -> Iterator[list[Outcome]]:
        """See Sink. A record that occurs twice goes in two requests, the older generation first."""
        for batch in _batches(changes):
            yield from self._send(batch, 0)

    def read_back(self, changes: list[OutgoingChange]) -> list[Outcome]:
        """See Sink. A record is written as a whole, so its generation tells which write it shows."""
        outcomes = []
        for group in _groups(changes):
            for chunk in _chunks(group, _READ_BACK):
                if self._created_once(chunk[0]):
                    outcomes += self._look_for(chunk)
                    continue
                there = self._generations(chunk)
                outcomes += [_read_back_outcome(change, there.get(change.record)) for change in chunk]
        return outcomes

    def newest_generation(self, object_name: str) -> int:
        """The highest generation that a record of the object holds; 0 where none holds any.

        raises: Retryable, SetupError, Permanent.
        """
        gen = self._gen_fields[object_name]
        soql = f"SELECT {gen} FROM {object_name} WHERE {gen} != null ORDER BY {gen} DESC LIMIT 1"  # noqa: S608 - names from config, checked
        return next((int(row[gen] or 0) for row in self._client.query(soql)), 0)

    def _send(self, batch: Batch, step: int) -> Iterator[list[Outcome]]:
        rows = [self._record(change) for change in batch]
        try:
            if self._created_once(batch[0]):
                results = self._client.create(rows)
            else:
                results = self._client.write(_path(batch), rows)
        except AnswerLost as error:
            log.warning(Event.ANSWER_LOST, rows=len(batch))
            yield [Outcome(change, "unknown", reason=str(error)) for change in batch]
        except Permanent as error:
            yield from self._split(batch, step, error)
        except IntegrationError as error:
            yield [Outcome(change, "retry", reason=str(error)) for change in batch]
            raise
        else:
            yield from self._settle(batch, results, step)

    def _split(self, batch: Batch, step: int, error: Permanent) -> Iterator[list[Outcome]]:
        """The request was refused as a whole: find the record that is to blame by halving."""
        if len(batch) == 1:
            yield [Outcome(batch[0], "parked", reason=str(error))]
        else:
            middle = len(batch) // 2
            yield from self._send(batch[:middle], step)
            yield from self._send(batch[middle:], step)

    def _settle(self, batch: Batch, results: list[dict[str, Any]], step: int) -> Iterator[list[Outcome]]:
        outcomes, locked = [], []
        setup: IntegrationError | None = None
        for change, result in zip(batch, results, strict=True):
            outcome, error = _outcome(change, result, created_once=self._created_once(change))
            setup = setup or error
            if outcome.code == "UNABLE_TO_LOCK_ROW" and step + 1 < len(_SIZES):
                locked.append(outcome)
            else:
                outcomes.append(outcome)
        if locked and (setup or self._client.wait(_LOCK_PAUSE_S)):
            outcomes += locked
            locked = []
        if outcomes:
            yield outcomes
        if setup:
            raise setup
        for chunk in _chunks([outcome.change for outcome in locked], _SIZES[step + 1] if locked else 1):
            yield from self._send(chunk, step + 1)

    def _record(self, change: OutgoingChange) -> dict[str, JsonScalar | dict[str, str]]:
        gen = {} if self._created_once(change) else {self._gen_fields[change.object]: change.gen}
        return {
            "attributes": {"type": change.object},
            change.external_id_field or "id": change.record,
            **change.values,
            **gen,
        }

    def _look_for(self, chunk: Batch) -> list[Outcome]:
        """Whether records that are created once are there, or were until somebody deleted them."""
        key = chunk[0].external_id_field
        soql = f"SELECT {key} FROM {chunk[0].object} WHERE {key} IN {{}}"  # noqa: S608 - our own names
        asked = format_soql(soql, [change.record for change in chunk])
        there = {str(row[str(key)]) for row in self._client.query(asked, include_deleted=True)}
        return [
            Outcome(change, "acked")
            if change.record in there
            else Outcome(change, "retry", reason="the org shows no such record")
            for change in chunk
        ]

    def _generations(self, chunk: Batch) -> dict[str, int]:
        """Key -> generation, of the records that exist."""
        key = chunk[0].external_id_field or "Id"
        gen = self._gen_fields[chunk[0].object]
        soql = f"SELECT {key}, {gen} FROM {chunk[0].object} WHERE {key} IN {{}}"  # noqa: S608 - names from config, checked
        rows = self._client.query(format_soql(soql, [change.record for change in chunk]))
        return {str(row[key]): int(row[gen] or 0) for row in rows}


def account_pusher(client: SalesforceClient, gen_field: str, account: str = ACCOUNT) -> CollectionsPusher:
    """The pusher of accounts and their score records. gen_field: the account's."""
    return CollectionsPusher(client, {account: gen_field, SCORE: SCORE_GEN})


def _outcome(
    change: OutgoingChange, result: Mapping[str, Any], *, created_once: bool
) -> tuple[Outcome, IntegrationError | None]:
    """What became of the change, and the error if nobody's changes can be sent."""
    if result.get("success"):
        answered = str(result.get("id", ""))
        if not change.external_id_field and answered[:15] != change.record[:15]:
            return Outcome(change, "unknown", reason=f"the answer is about {answered}"), None
        return Outcome(change, "acked"), None
    error = row_error(result.get("errors"))
    if created_once and error.code == "DUPLICATE_VALUE" and str(change.external_id_field) in error.message:
        return Outcome(change, "acked"), None
    match error.remedy:
        case Remedy.RETRY:
            # A trigger's words around a lock: the lock is what matters.
            code = "UNABLE_TO_LOCK_ROW" if "UNABLE_TO_LOCK_ROW" in error.message else error.code
            return Outcome(change, "retry", code, error.reason), None
        case Remedy.SUPERSEDED:
            return Outcome(change, "superseded", error.code, error.reason), None
        case Remedy.SETUP:
            setup = as_integration_error(error, f"write {change.object} {change.record}")
            return Outcome(change, "retry", error.code, error.reason), setup
        case _:
            return Outcome(change, "parked", error.code, error.reason), None


def _read_back_outcome(change: OutgoingChange, gen: int | None) -> Outcome:
    if gen is None:
        return Outcome(change, "retry", reason="the org shows no such record")
    if gen == change.gen:
        return Outcome(change, "acked")
    if gen > change.gen:
        return Outcome(change, "superseded", reason=f"the org holds generation {gen}")
    return Outcome(change, "retry", reason=f"the org still holds generation {gen}")


def _groups(changes: Sequence[OutgoingChange]) -> Iterator[list[OutgoingChange]]:
    """Changes of one object and one kind of key; objects in the order in which they first occur."""
    groups: dict[tuple[str, str | None], list[OutgoingChange]] = defaultdict(list)
    for change in changes:
        groups[change.object, change.external_id_field].append(change)
    yield from groups.values()


def _batches(changes: Sequence[OutgoingChange]) -> Iterator[Batch]:
    """Sorted by record, since neighbours that share a parent would lock it from two requests."""
    for group in _groups(changes):
        # Salesforce refuses a record that occurs twice in a request.
        rounds: dict[int, list[OutgoingChange]] = defaultdict(list)
        seen: dict[str, int] = defaultdict(int)
        for change in sorted(group, key=lambda change: (change.record, change.gen)):
            rounds[seen[change.record]].append(change)
            seen[change.record] += 1
        for each in rounds.values():
            yield from _chunks(each, _SIZES[0])


def _chunks(changes: Batch, size: int) -> Iterator[Batch]:
    for start in range(0, len(changes), size):
        yield changes[start : start + size]


def _path(batch: Batch) -> str:
    first = batch[0]
    upsert = f"/{first.object}/{first.external_id_field}" if first.external_id_field else ""
    return f"composite/sobjects{upsert}"
