"""What the CRM held last of each account: its name, owner and tier; read without opening the whole lake."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy import Engine, select

from daemon.errors import LakeError
from daemon.state.engine import read
from daemon.state.tables import manifest

_COLUMNS = ("account_id", "name", "owner_id", "tier", "deleted", "merged_into")
_ORDER = ("event_at", "known_at", "landed_at")


@dataclass(frozen=True)
class AccountCard:
    """One account. owner_id: the CRM's Id of the user. merged_into: the account that took its place."""

    account_id: str
    name: str | None
    owner_id: str | None
    tier: str | None
    deleted: bool
    merged_into: str | None


def account_cards(engine: Engine, lake: Path) -> dict[str, AccountCard]:
    """Every account that was ever landed, deleted and merged ones too.

    raises: LakeError where a landed file is missing.
    """
    statement = select(manifest.c.path).where(manifest.c.fact == "accounts").order_by(manifest.c.id)
    with read(engine) as connection:
        paths = [lake / path for path in connection.execute(statement).scalars()]
    versions = []
    for path in paths:
        if not path.is_file():
            raise LakeError(f"{path} is in the manifest but not in the lake; restore it")
        versions += pq.read_table(path, columns=[*_COLUMNS, *_ORDER]).to_pylist()
    versions.sort(key=lambda row: tuple(row[name] for name in _ORDER))
    return {row["account_id"]: AccountCard(**{name: row[name] for name in _COLUMNS}) for row in versions}
