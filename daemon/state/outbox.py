"""The outbox: changes on their way to the CRM, one generation per record and run.

pending ──► in_flight ──► acked
   ▲            ├──────► retry ────► in_flight ...
   │            ├──────► parked ───► in_flight ... (when its time has come, or an admin says so)
   │            ├──────► unknown ──► acked | retry   (after reading back)
   └ enqueue    └──────► superseded                  (also of anything unfinished, by a newer gen, or
                                                      once its account is gone)

A row is marked before it is sent and acknowledged by generation after: a kill between the two leaves
it in flight, and the next push reads it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, or_, select, update

from daemon.state.tables import acked, outbox, predictions
from daemon.state.upsert import insert_new, upsert
from integrations.interfaces import JsonScalar, Outcome, OutgoingChange

UNFINISHED = ("pending", "in_flight", "retry", "unknown", "parked")
DOUBTFUL = ("in_flight", "unknown")
"""Sent, with an answer that nobody has: read back before anything else."""

ID_LENGTH = 18

PARKED_FOR = timedelta(days=1)
"""A refused record is tried again once a day: what refused it may have changed."""

RETRY_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Queued:
    """A change that is to be sent. account_id: the account it is about."""

    change: OutgoingChange
    account_id: str


@dataclass(frozen=True)
class Standing:
    """What the CRM holds or will hold for a record: the newest unfinished change, else what was acked.

    state: of that change. at: when it was queued or acknowledged.
    """

    gen: int
    values: Mapping[str, JsonScalar]
    state: str
    at: datetime


def enqueue(connection: Connection, queued: Sequence[Queued], now: datetime) -> int:
    """Queue changes; older unfinished ones of the same records are superseded. The number of new rows."""
    rows = [
        {
            "object": each.change.object,
            "record": each.change.record,
            "external_id_field": each.change.external_id_field,
            "account_id": each.account_id,
            "gen": each.change.gen,
            "values": dict(each.change.values),
            "state": "pending",
            "attempts": 0,
            "created_at": now,
            "updated_at": now,
        }
        for each in queued
    ]
    for row in rows:
        older = and_(
            outbox.c.object == row["object"], outbox.c.record == row["record"], outbox.c.gen < row["gen"]
        )
        connection.execute(
            update(outbox)
            .where(older, outbox.c.state.in_(UNFINISHED))
            .values(state="superseded", reason=f"generation {row['gen']} took its place", updated_at=now)
        )
    return insert_new(connection, outbox, rows, key=["object", "record", "gen"])


def close_gone(connection: Connection, run_id: int, now: datetime) -> int:
    """Close what is unfinished of accounts that a run has no prediction of; the number of rows.

    They were deleted or merged: Salesforce would refuse them for ever.
    """
    there = select(predictions.c.account_id).where(predictions.c.run_id == run_id)
    gone = and_(outbox.c.state.in_(UNFINISHED), outbox.c.account_id.not_in(there))
    closed = {"state": "superseded", "reason": f"run {run_id} has no such account", "updated_at": now}
    return connection.execute(update(outbox).where(gone).values(closed)).rowcount


def close(
    connection: Connection, object_name: str, records: Sequence[str], reason: str, now: datetime
) -> int:
    """Close what is unfinished of these records; the number of rows."""
    rows = and_(outbox.c.state.in_(UNFINISHED), outbox.c.object == object_name, outbox.c.record.in_(records))
    closed = {"state": "superseded", "reason": reason, "updated_at": now}
    return connection.execute(update(outbox).where(rows).values(closed)).rowcount


def unfinished(connection: Connection, object_name: str) -> list[str]:
    """Records of an object with a change that is not settled."""
    statement = select(outbox.c.record).where(outbox.c.object == object_name, outbox.c.state.in_(UNFINISHED))
    return list(connection.execute(statement).scalars())


def states(connection: Connection, object_name: str) -> dict[str, str]:
    """State of the newest change of each record of an object."""
    statement = select(outbox.c.record, outbox.c.state).where(outbox.c.object == object_name)
    return dict(connection.execute(statement.order_by(outbox.c.gen)).all())


def take(connection: Connection, limit: int, now: datetime) -> list[OutgoingChange]:
    """Mark the next changes as in flight and return them; parents (accounts) come before their children."""
    ready = or_(
        outbox.c.state == "pending",
        and_(outbox.c.state.in_(("retry", "parked")), outbox.c.next_try_at <= now),
    )
    order = (outbox.c.external_id_field.is_not(None), outbox.c.account_id, outbox.c.gen)
    rows = connection.execute(select(outbox).where(ready).order_by(*order).limit(limit)).mappings().all()
    if rows:
        marked = {"state": "in_flight", "attempts": outbox.c.attempts + 1, "updated_at": now}
        ids = [row["id"] for row in rows]
        connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(marked))
    return [_change(row) for row in rows]


def doubtful(connection: Connection, limit: int) -> list[OutgoingChange]:
    """Changes that were sent and never answered, as far as anybody knows."""
    statement = select(outbox).where(outbox.c.state.in_(DOUBTFUL)).order_by(outbox.c.id).limit(limit)
    return [_change(row) for row in connection.execute(statement).mappings()]


def settle(connection: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Put on record what became of changes, each by its own generation; what is settled stays settled."""
    for outcome in outcomes:
        change = outcome.change
        row = and_(
            outbox.c.object == change.object,
            outbox.c.record == change.record,
            outbox.c.gen == change.gen,
        )
        values = {
            "state": outcome.result,
            "code": outcome.code or None,
            "reason": outcome.reason or None,
            "next_try_at": _next_try(outcome.result, now),
            "updated_at": now,
        }
        settled = connection.execute(update(outbox).where(row, outbox.c.state.in_(DOUBTFUL)).values(values))
        # A change superseded in the queue may still have landed: the CRM holds it all the same.
        if outcome.result == "acked" and (settled.rowcount or _superseded(connection, row)):
            _acknowledge(connection, change, now)


def standing(connection: Connection, object_name: str) -> dict[str, Standing]:
    """What the CRM holds, or will hold once the queue is empty, by record."""
    found = {
        row["record"]: Standing(row["gen"], row["values"], "acked", row["at"])
        for row in connection.execute(select(acked).where(acked.c.object == object_name)).mappings()
    }
    waiting = (
        select(outbox)
        .where(outbox.c.object == object_name, outbox.c.state.in_(UNFINISHED))
        .order_by(outbox.c.gen)
    )
    for row in connection.execute(waiting).mappings():
        found[row["record"]] = Standing(row["gen"], row["values"], row["state"], row["created_at"])
    return found


def newest_children(connection: Connection, object_name: str) -> dict[str, Standing]:
    """By account, the newest record of a child object; its records' keys start with the account's Id."""
    account = func.substr(acked.c.record, 1, ID_LENGTH)
    newest = (
        select(account.label("account"), func.max(acked.c.gen).label("gen"))
        .where(acked.c.object == object_name)
        .group_by(account)
        .subquery()
    )
    statement = select(newest.c.account, acked.c.gen, acked.c["values"], acked.c.at).join(
        newest, and_(newest.c.account == account, newest.c.gen == acked.c.gen)
    )
    found = {
        row["account"]: Standing(row["gen"], row["values"], "acked", row["at"])
        for row in connection.execute(statement.where(acked.c.object == object_name)).mappings()
    }
    waiting = select(outbox).where(outbox.c.object == object_name, outbox.c.state.in_(UNFINISHED))
    for row in connection.execute(waiting.order_by(outbox.c.gen)).mappings():
        known = found.get(row["account_id"])
        if known is None or known.gen < row["gen"]:
            found[row["account_id"]] = Standing(row["gen"], row["values"], row["state"], row["created_at"])
    return found


def forget_acked(connection: Connection, object_name: str) -> None:
    """The CRM may hold something else than was acknowledged: every record is sent anew by the next plan."""
    connection.execute(delete(acked).where(acked.c.object == object_name))


def count_by_state(connection: Connection) -> dict[str, int]:
    """Rows in each state."""
    counted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return dict(connection.execute(counted).all())


def states_of_gen(connection: Connection, object_name: str, gen: int) -> dict[str, str]:
    """State of each change of one generation, by record."""
    statement = select(outbox.c.record, outbox.c.state).where(
        outbox.c.object == object_name, outbox.c.gen == gen
    )
    return dict(connection.execute(statement).all())


def parked(connection: Connection) -> list[RowMapping]:
    """Parked changes with Salesforce's reason, oldest first."""
    statement = select(outbox).where(outbox.c.state == "parked").order_by(outbox.c.id)
    return list(connection.execute(statement).mappings())


def retry_parked(connection: Connection, now: datetime) -> int:
    """Let every parked change be tried at the next push; the number of them."""
    statement = update(outbox).where(outbox.c.state == "parked").values(next_try_at=now, updated_at=now)
    return connection.execute(statement).rowcount


def _acknowledge(connection: Connection, change: OutgoingChange, now: datetime) -> None:
    held = and_(acked.c.object == change.object, acked.c.record == change.record)
    newest = connection.execute(select(acked.c.gen, acked.c["values"]).where(held)).one_or_none()
    if newest is None or newest.gen <= change.gen:
        held_values = newest[1] if newest else {}
        row = {
            "object": change.object,
            "record": change.record,
            "gen": change.gen,
            "values": {**held_values, **change.values},
            "at": now,
        }
        upsert(connection, acked, [row], key=["object", "record"])


def _superseded(connection: Connection, row: ColumnElement[bool]) -> bool:
    state = connection.execute(select(outbox.c.state).where(row)).scalar_one_or_none()
    return state == "superseded"


def _next_try(result: str, now: datetime) -> datetime | None:
    return {"retry": now + RETRY_AFTER, "parked": now + PARKED_FOR}.get(result)


def _change(row: RowMapping) -> OutgoingChange:
    return OutgoingChange(row["object"], row["record"], row["gen"], row["values"], row["external_id_field"])
