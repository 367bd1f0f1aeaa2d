"""What both grids share: cuts that stay, keys of cells, and the time left."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from daemon.errors import StepFailed
from daemon.snapshots import grid_cut
from daemon.state.tables import runs
from daemon.this_release import this_release


def newest_cut(connection: Connection) -> datetime:
    """That of the newest run.

    raises: StepFailed before the first.
    """
    newest: datetime | None = connection.execute(select(func.max(runs.c.cut))).scalar()
    if newest is None:
        raise StepFailed("there is no run yet whose data a grid could train on; run: maturityd cycle")
    return newest


def earlier_cuts(before: datetime, every_days: int, count: int) -> list[datetime]:
    """So many cuts before an instant, the newest first.

    They lie on days that count from the year 1 and not from now: tomorrow's grid finds today's cells.
    """
    first = grid_cut(before, every_days)
    return [first - timedelta(days=every_days * back) for back in range(count)]


def key_of(*about: Any) -> str:
    """SHA-256 of all that makes a cell what it is, the release of this program included."""
    return hashlib.sha256(json.dumps((this_release(), *about), sort_keys=True).encode()).hexdigest()


def time_left(seconds: float) -> str:
    """As a person would say it."""
    return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"
