"""Which training sets are kept, and which are kept no longer."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from daemon.state.tables import model_versions, training_sets
from daemon.state.upsert import insert_new


def note(connection: Connection, digest: str, path: str, rows: int, size: int) -> None:
    """List a file that is written. path: relative to the lake. size: bytes."""
    row = {"digest": digest, "path": path, "rows": rows, "bytes": size}
    insert_new(connection, training_sets, [row], key=["digest"])


def kept(connection: Connection) -> set[str]:
    """Digests of the sets that are kept."""
    return set(connection.execute(select(training_sets.c.digest)).scalars())


def path_of(connection: Connection, digest: str) -> str | None:
    """Where a set is kept, relative to the lake."""
    statement = select(training_sets.c.path).where(training_sets.c.digest == digest)
    return connection.execute(statement).scalar_one_or_none()


def outdated(connection: Connection, oldest: datetime) -> list[str]:
    """Paths of the sets that only versions trained before an instant need; never a champion's."""
    needed = (
        select(model_versions.c.training_digest)
        .group_by(model_versions.c.training_digest)
        .having(func.max(model_versions.c.created_at) >= oldest)
    )
    in_use = select(model_versions.c.training_digest).where(model_versions.c.state == "champion")
    statement = select(training_sets.c.path).where(
        training_sets.c.digest.not_in(needed), training_sets.c.digest.not_in(in_use)
    )
    return list(connection.execute(statement).scalars())


def forget(connection: Connection, paths: list[str]) -> None:
    """Take sets off the list."""
    connection.execute(delete(training_sets).where(training_sets.c.path.in_(paths)))
