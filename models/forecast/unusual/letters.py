"""What a customer may be told of an anomaly: friendly, without our words, and accusing nobody."""

from dataclasses import dataclass
from datetime import date, timedelta

from models.forecast.unusual.anomalies import LASTING, STOP, Anomaly

_AS_MANY = 2.0
"""From this size on a multiple is easier to understand than a percentage."""
_STEP = 10
"""Percentages are told in steps of so many: more is not known so exactly."""

_HELP = "That may be just as you planned it. If it is not, something may be in the way, and we gladly help."
_GLAD = "We are glad to see that, and would like to make sure that everything works well for you."
_PLANNED = "Often that is planned, such as a migration, a test or a new pipeline; then all is well."


@dataclass(frozen=True)
class Letter:
    """subject: what it is about, in a few words. text: to be sent on as it stands."""

    subject: str
    text: str


def letter(one: Anomaly) -> Letter:
    """The letter about an anomaly that is confirmed, of whichever kind."""
    if one.kind == STOP:
        return _letter(
            f"no use {_when(one)}",
            f"we noticed that there has been no use of our product on your side {_when(one)}. {_HELP}",
        )
    more, lasting = one.size > 0, one.kind in LASTING
    amount = f"{'more' if more else 'less'} use"
    was = "has been" if lasting else "was"
    perhaps = (_GLAD if lasting else _PLANNED) if more else _HELP
    return _letter(
        f"{amount} {_when(one)}",
        f"we noticed that {_when(one)} there {was} {amount} of our product on your side: {_size(one)}. "
        f"{perhaps}",
    )


def _letter(subject: str, seen: str) -> Letter:
    offer = "If you like, we look at it together: a short call is enough. Just tell us what time suits you."
    return Letter(subject, "\n\n".join(("Hello,", seen, offer, "Kind regards")))


def _when(one: Anomaly) -> str:
    """The year is told too: a letter may be read much later than it is written."""
    if one.kind in LASTING:
        return f"since {_day(one.day)}"
    if one.days == 1:
        return f"on {_day(one.day)}"
    return f"from {_day(one.day)} to {_day(one.day + timedelta(days=one.days - 1))}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _size(one: Anomaly) -> str:
    if one.size >= _AS_MANY - 1:
        return f"about {one.size + 1:.0f} times as much as we would expect"
    share = max(_STEP, _STEP * round(abs(one.size) * 100 / _STEP))
    return f"about {share} % {'more' if one.size > 0 else 'less'} than we would expect"
