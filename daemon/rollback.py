"""Puts an earlier version back in use, or lets a version that was put back be replaced again."""

from datetime import datetime

from sqlalchemy import Connection

from daemon.errors import VersionError
from daemon.state import promotions, registry

TASK = "maturity"


def roll_back(connection: Connection, to: str | None, by: str, reason: str, now: datetime) -> str:
    """Make the version that was live before, or the given one, the champion, and pin it; its name.

    Only a version that was live before: what the gate held back has never been in use.

    raises: VersionError where there is none to go back to.
    """
    used = registry.champion(connection, TASK)
    if used is None:
        raise VersionError("no maturity model is in use, so there is none to go back from")
    target = to or promotions.before(connection, TASK, used.version)
    if target is None:
        raise VersionError(f"{used.version} is the first model that was ever in use; there is none before it")
    found = registry.get(connection, target)
    if found.task != TASK:
        raise VersionError(f"{target} is a {found.task} model: those are trained anew in each run")
    if found.version == used.version:
        raise VersionError(f"{target} is in use already")
    if found.version not in {each.version for each in promotions.log(connection, TASK)}:
        raise VersionError(f"{target} was never in use ({found.reason}); name one that was")
    registry.promote(connection, target, reason, now, by=by, pinned=True)
    return target


def unpin(connection: Connection, by: str, reason: str, now: datetime) -> str:
    """Let the version in use be replaced as any other; its name.

    raises: VersionError where it is not pinned.
    """
    newest = promotions.newest(connection, TASK)
    if newest is None or not newest.pinned:
        raise VersionError("the maturity model in use is not pinned")
    promotions.note(connection, promotions.Promotion(TASK, newest.version, False, by, reason, now))
    return newest.version
