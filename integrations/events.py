"""Log events of everything that speaks to another system, each with what it says and its fields."""

from enum import StrEnum
from typing import Self


class LogEvent(StrEnum):
    """An event's name, `noun.past_verb`; `docs/reference/events.md` is made from its members.

    says: one sentence. fields: what stands beside the name in the log.
    """

    says: str
    fields: tuple[str, ...]

    def __new__(cls, name: str, says: str, fields: str = "") -> Self:
        event = str.__new__(cls, name)
        event._value_ = name
        event.says = says
        event.fields = tuple(fields.split())
        return event


class Event(LogEvent):
    """What integrations log."""

    SESSION_OPENED = "session.opened", "Logged in to Salesforce.", "org_id"
    SESSION_RENEWED = "session.renewed", "Salesforce ended the session, and a new one was opened."
    ANSWER_LOST = (
        "answer.lost",
        "A write got no answer: its records are read back before anything else is sent.",
        "rows",
    )
    ORG_APPLIED = "org.applied", "`org apply` has changed the org.", "rows"
