"""Names of the log events, each with what it says; `docs/reference/events.md` is made from this."""

from enum import StrEnum


class Event(StrEnum):
    """noun.past_verb"""

    DAEMON_STARTED = "daemon.started"
    DAEMON_STOPPED = "daemon.stopped"
    RUN_CLAIMED = "run.claimed"
    RUN_FINISHED = "run.finished"
    RUN_FAILED = "run.failed"
    RUN_LEFT = "run.left"
    SLOT_SKIPPED = "slot.skipped"
    STEP_FINISHED = "step.finished"
    STEP_FAILED = "step.failed"
    STEP_PROGRESSED = "step.progressed"
    SOURCE_PULLED = "source.pulled"
    SOURCE_FAILED = "source.failed"
    MODEL_DECIDED = "model.decided"
    CHANGES_PUSHED = "changes.pushed"
    CHANGE_PARKED = "change.parked"
    ALERT_RAISED = "alert.raised"
    ALERT_RESOLVED = "alert.resolved"
    ALERT_UNDELIVERED = "alert.undelivered"
