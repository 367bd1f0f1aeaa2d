"""Anomalies in a sentence that a rep can say."""

from datetime import date, timedelta

from models.forecast.unusual.anomalies import MISUSE, STOP, SUSTAINED, Anomaly

_AS_MANY = 3.0
"""From this size on a multiple is easier to say than a percentage."""


def anomaly_sentence(one: Anomaly, *, sure: bool = True, back: date | None = None) -> str:
    """What happened, when, how large it was, and whether it is over.

    sure: whether it is confirmed. back: first day of usual usage again.
    """
    day, size = spoken(one.day), _size(one.size)
    again = f"since {spoken(back)}" if back is not None else ""
    if one.kind == STOP:
        if back is not None:
            return f"Usage stopped on {day} and is back {again}."
        return f"Usage stopped on {day}." if sure else f"There has been no usage since {day}."
    if one.kind == SUSTAINED:
        if back is not None:
            return f"From {day} usage was {size} expected; it is as expected again {again}."
        return f"Since {day} usage has been {size} expected."
    then = f", and as expected again {again}" if back is not None else ""
    if one.kind == MISUSE:
        return f"{_when(one)} usage was {size} expected without more users{then}; worth asking what ran."
    return f"{_when(one)} usage was {size} expected{then}."


def spoken(day: date) -> str:
    """`5 March`."""
    return f"{day.day} {day:%B}"


def _when(one: Anomaly) -> str:
    if one.days == 1:
        return f"On {spoken(one.day)}"
    return f"From {spoken(one.day)} to {spoken(one.day + timedelta(days=one.days - 1))}"


def _size(size: float) -> str:
    if size >= _AS_MANY - 1:
        return f"about {size + 1:.0f} times what was"
    side = "above" if size > 0 else "below"
    return f"about {abs(size) * 100:.0f} % {side} what was"
