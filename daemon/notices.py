"""Customer notices: which are due, to whom, and which are none any more. Each happening is told once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from daemon.alerts import book
from daemon.config.notices import NoticesTable
from daemon.context import Context
from daemon.outputs import KEPT
from daemon.state import anomalies as stories
from daemon.state import outbox
from daemon.state.engine import read
from daemon.state.outbox import Queued
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.notices import (
    Notice,
    active_user,
    approved_contacts,
    notice_problems,
    task_change,
)
from integrations.salesforce.schema import TASK

WAITS = timedelta(days=14)
"""So long a confirmed anomaly waits for an approved contact, or for an org that takes its task."""

TIME_TO_TELL = timedelta(days=3)
"""From the run to the day on which the owner should have told the customer."""


@dataclass(frozen=True)
class Notices:
    """What a plan does about notices.

    queued: tasks to be made. marks: what becomes of the anomalies' notices. lapsed: keys of tasks that wait
    in the outbox and tell what is not true any more. alerts: what keeps notices from being made.
    """

    queued: Sequence[Queued]
    marks: Sequence[stories.Kept]
    lapsed: Sequence[str]
    alerts: Sequence[book.Alert]

    def keep(self, connection: Connection, run_id: int, now: datetime) -> None:
        """Write it, in the transaction of the plan: a notice is queued and marked so, or neither."""
        outbox.close(connection, TASK, self.lapsed, "what it tells is over, or was withdrawn", now)
        outbox.enqueue(connection, self.queued, now)
        stories.amend(connection, self.marks)
        book.settle(connection, "notices", self.alerts, run_id, now)


def notices(context: Context, client: SalesforceClient, predictions: Mapping[str, RowMapping]) -> Notices:
    """What is due of this run's accounts. Nothing is written."""
    table = context.config.notices
    with read(context.engine) as connection:
        due = stories.with_notice_due(connection)
        waiting = stories.noticed(connection, outbox.unfinished(connection, TASK))
    over = {row["id"] for row in (*due, *waiting) if not _holds(row, table, context.clock.now())}
    lapsed = [stories.Kept(row["id"], {"notice": "lapsed"}) for row in (*due, *waiting) if row["id"] in over]
    keys = [row["notice_key"] for row in waiting if row["id"] in over]
    due = [row for row in due if row["id"] not in over]
    problems = notice_problems(client, table.approved_field, table.owner) if table.enabled else []
    if problems:
        return Notices((), lapsed, keys, [_alert(problems, len(due))])
    found = _addressed(context, client, [row for row in due if _shown(row, predictions)])
    queued = [Queued(task_change(notice, context.run.id), notice.account_id) for notice in found.values()]
    told = [
        stories.Kept(anomaly, {"notice": "queued", "notice_key": notice.key})
        for anomaly, notice in found.items()
    ]
    return Notices(queued, [*lapsed, *told], keys, ())


def _holds(row: RowMapping, table: NoticesTable, now: datetime) -> bool:
    """Whether it is still to be told."""
    wanted = table.enabled and row["kind"] in table.kinds and row["letter"] is not None
    return wanted and now - row["confirmed_at"] <= WAITS


def _shown(row: RowMapping, predictions: Mapping[str, RowMapping]) -> bool:
    """Nothing is told of an account that is gone, or of which the last good values stay."""
    prediction = predictions.get(row["account_id"])
    return prediction is not None and prediction["status"] not in KEPT


def _addressed(context: Context, client: SalesforceClient, due: Sequence[RowMapping]) -> dict[int, Notice]:
    """By anomaly, the notice; none where the account has no approved contact."""
    if not due:
        return {}
    table = context.config.notices
    recipients = approved_contacts(client, table.approved_field, sorted({row["account_id"] for row in due}))
    owner = None if table.owner is None else active_user(client, table.owner)
    zone = context.config.schedule.schedule().timezone
    until = (context.clock.now() + TIME_TO_TELL).astimezone(zone).date()
    found = {}
    for row in due:
        recipient = recipients.get(row["account_id"])
        if recipient is None:
            continue
        found[row["id"]] = Notice(
            key=f"{row['account_id']}|{row['day']}",
            account_id=row["account_id"],
            contact_id=recipient.contact_id,
            owner_id=owner or recipient.owner_id,
            subject=f"Let the customer know: {row['letter']['subject']}",
            text=row["letter"]["text"],
            due=until,
        )
    return found


def _alert(problems: Collection[str], due: int) -> book.Alert:
    return book.Alert(
        key="notices",
        severity="warning",
        title="Customer notices cannot be made",
        what="; ".join(problems),
        cause="the org lacks a field or a permission that [notices] needs, or a name there is not right",
        held_back=f"{due} notice(s); each waits {WAITS.days} days from when its anomaly was confirmed",
        to_do="see `maturityd org plan`; or set enabled = false in [notices]",
    )
