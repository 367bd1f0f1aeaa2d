"""push: what the outbox holds goes to Salesforce; what may have landed is read back first."""

from collections.abc import Iterable

import structlog

from daemon.alerts import book
from daemon.context import Context, Done
from daemon.events import Event
from daemon.salesforce import org_of
from daemon.state import outbox
from daemon.state.engine import read, write
from integrations.interfaces import Outcome, OutgoingChange, Sink

TAKEN_AT_A_TIME = 200
"""What a kill leaves in doubt at most; also the largest request of sObject Collections."""

READ_BACK_ROUNDS = 3
"""An answer lost again and again is left for the next slot."""


def run(context: Context) -> Done:
    """raises: Retryable, SetupError where nothing more can be sent; what was acknowledged stays so."""
    sink = org_of(context.config, context.clock).pusher
    sent = 0
    for _ in range(READ_BACK_ROUNDS):
        _read_back(context, sink)
        sent += _send(context, sink)
        with read(context.engine) as connection:
            if not outbox.doubtful(connection, 1):
                break
    _tell_parked(context)
    structlog.get_logger().info(Event.CHANGES_PUSHED, slot=context.run.slot, rows=sent)
    return Done(sent)


def _read_back(context: Context, sink: Sink) -> None:
    while True:
        with read(context.engine) as connection:
            doubtful = outbox.doubtful(connection, TAKEN_AT_A_TIME)
        if not doubtful:
            return
        outcomes = [_at_once(outcome) for outcome in sink.read_back(doubtful)]
        with write(context.engine) as connection:
            outbox.settle(connection, outcomes, context.clock.now())


def _at_once(outcome: Outcome) -> Outcome:
    """What did not land is sent in this very push, not after a pause."""
    return Outcome(outcome.change, "pending") if outcome.result == "retry" else outcome


def _send(context: Context, sink: Sink) -> int:
    with read(context.engine) as connection:
        waiting = outbox.count_by_state(connection).get("pending", 0)
    sent = 0
    while changes := _take(context):
        for outcomes in sink.push(changes):
            with write(context.engine) as connection:
                outbox.settle(connection, outcomes, context.clock.now())
            sent += sum(outcome.result == "acked" for outcome in outcomes)
            _log_parked(outcomes)
            context.report(min(sent / max(waiting, 1), 1.0), f"{sent:,} records")
    return sent


def _take(context: Context) -> list[OutgoingChange]:
    with write(context.engine) as connection:
        return outbox.take(connection, TAKEN_AT_A_TIME, context.clock.now())


def _log_parked(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.result == "parked":
            structlog.get_logger().warning(
                Event.CHANGE_PARKED,
                object=outcome.change.object,
                record=outcome.change.record,
                gen=outcome.change.gen,
                code=outcome.code,
                reason=outcome.reason,
            )


def _tell_parked(context: Context) -> None:
    with read(context.engine) as connection:
        parked = outbox.parked(connection)
    by_code: dict[str, list[str]] = {}
    for row in parked:
        by_code.setdefault(row["code"] or "refused", []).append(row["reason"] or "")
    alerts = [
        book.Alert(
            key=code,
            severity="warning",
            title=f"Salesforce refuses {len(reasons)} record(s): {code}",
            what=reasons[0],
            cause="Salesforce's own words above; often a validation rule, a picklist or a deleted record",
            held_back="these records only; each keeps its last values",
            to_do="see them with: maturityd outbox list; after mending: maturityd outbox retry",
        )
        for code, reasons in sorted(by_code.items())
    ]
    with write(context.engine) as connection:
        book.settle(connection, "push", alerts, context.run.id, context.clock.now())
