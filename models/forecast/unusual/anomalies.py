"""The kinds of anomalies, and what is said of each."""

from dataclasses import dataclass
from datetime import date

SPIKE = "spike"
DROP = "drop"
SUSTAINED = "sustained change"
STOP = "stop"
MISUSE = "suspected misuse"

LASTING = (SUSTAINED, STOP)


@dataclass(frozen=True)
class Anomaly:
    """Something that happened to one account's usage.

    day: first day. days: how long, in days. size: actual / expected - 1 over those days.
    chance: of something as large on a day like any other; 0 where it was not judged by chance.
    value: events of its first day: other data than before show in it.
    borne_out: a sustained change, as change points confirm it; a stop, by three silent days.
    """

    kind: str
    day: date
    days: int
    size: float
    chance: float
    value: float = 0.0
    borne_out: bool = False


@dataclass(frozen=True)
class Incident:
    """A day on which most accounts left their forecasts the same way: the source's fault, not theirs.

    size: median over accounts of the error, 1 = the edge of the 80 % interval.
    """

    day: date
    size: float
