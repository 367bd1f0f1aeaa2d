"""Anomalies in a sentence that a rep can say."""

from datetime import date

from models.forecast.anomalies import DROP, MISUSE, SPIKE, STOP, Anomaly

_AS_MANY = 3.0
"""From this size on a multiple is easier to say than a percentage."""


def anomaly_sentence(one: Anomaly) -> str:
    """What happened, when, and how large it was."""
    day, size = spoken(one.day), _size(one.size)
    if one.kind == STOP:
        return f"Usage stopped on {day}."
    if one.kind == MISUSE:
        return f"On {day} usage was {size} expected without more users; worth asking what ran."
    if one.kind in (SPIKE, DROP):
        return f"On {day} usage was {size} expected."
    return f"Since {day} usage has been {size} expected."


def spoken(day: date) -> str:
    """`5 March`."""
    return f"{day.day} {day:%B}"


def _size(size: float) -> str:
    if size >= _AS_MANY - 1:
        return f"about {size + 1:.0f} times what was"
    side = "above" if size > 0 else "below"
    return f"about {abs(size) * 100:.0f} % {side} what was"
