"""Log events of the daemon, and what each field of an event means; see integrations/events.py."""

from integrations.events import LogEvent


class Event(LogEvent):
    """What the daemon logs."""

    DAEMON_STARTED = "daemon.started", "`maturityd run` is up and looks what is due."
    DAEMON_STOPPED = "daemon.stopped", "It has ended in good order."
    RUN_CLAIMED = "run.claimed", "A slot's run begins, or goes on where it stopped.", "slot gen epoch"
    RUN_FINISHED = "run.finished", "All its steps are done.", "slot duration_s"
    RUN_FAILED = "run.failed", "A step could not be done; it is tried again.", "slot step error"
    RUN_LEFT = "run.left", "The process was asked to stop, or another daemon has taken over.", "slot reason"
    STATE_LOST = "state.lost", "The state's database does not answer; it is tried again.", "reason"
    SLOT_SKIPPED = "slot.skipped", "A missed slot is on record and will not be run.", "slot"
    STEP_FINISHED = "step.finished", "A step is done and will not be repeated.", "slot step rows duration_s"
    STEP_PROGRESSED = "step.progressed", "Another fifth of a step is done.", "step share doing"
    SOURCE_PULLED = (
        "source.pulled",
        "A source gave its new rows, and they are landed.",
        "source rows rejected",
    )
    SOURCE_FAILED = "source.failed", "A source could not be read; the others go on.", "source error"
    SNAPSHOT_DISCARDED = (
        "snapshot.discarded",
        "A kept feature table is not what was written; it is built again, or done without.",
        "path reason",
    )
    MODEL_DECIDED = (
        "model.decided",
        "A model takes over, or the champion stays, or nothing was trained.",
        "task version published reason",
    )
    MODEL_UNREADABLE = (
        "model.unreadable",
        "Another release wrote the forecast's networks; new ones are trained.",
        "version reason",
    )
    CHANGES_PUSHED = "changes.pushed", "Salesforce has acknowledged what was sent.", "slot rows"
    CHANGE_PARKED = "change.parked", "Salesforce refuses a record.", "object record gen code reason"
    ALERT_RAISED = (
        "alert.raised",
        "A new cause for an alert.",
        "scope severity title what cause held_back to_do",
    )
    ALERT_RESOLVED = "alert.resolved", "Its check no longer finds it.", "title scope"
    ALERT_UNDELIVERED = (
        "alert.undelivered",
        "A channel did not take an alert; it is sent again.",
        "channel error",
    )


FIELDS = {
    "cause": "what is likely behind it",
    "channel": "name of the alert channel in config.toml",
    "code": "Salesforce's error code",
    "doing": "what the step is at",
    "duration_s": "seconds it took",
    "epoch": "number of the daemon's lease; a later one has taken over",
    "error": "the reason, in the other system's words where it has some",
    "gen": "the run's number, which fences its writes",
    "held_back": "what is not done because of it",
    "object": "Salesforce object",
    "org_id": "18-character Id of the org",
    "path": "of a file, relative to the lake",
    "published": "whether the newly trained model takes over",
    "reason": "why",
    "record": "record Id, or key of a score record",
    "rejected": "rows put into quarantine",
    "rows": "how many it was about",
    "scope": "the check that raises and resolves the alert",
    "severity": "info, warning or critical",
    "share": "part of the step that is done, 0 to 1",
    "slot": "the run's slot, a local time",
    "source": "name of the source in config.toml",
    "step": "step of the cycle",
    "task": "maturity or forecast",
    "title": "the alert in a line",
    "to_do": "the way out",
    "version": "of the model; none where nothing was trained",
    "what": "what was found, with its numbers",
}
"""Of all events. Each log line also has `event`, `level` and `timestamp` (UTC)."""
