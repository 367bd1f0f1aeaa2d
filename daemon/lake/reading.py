"""Reads the lake as it could be known at a cut.

Opening it resolves identities and puts the versions of each row in order, once; each cut after that is
a filter. Versions are held by DuckDB, in memory up to MEMORY; the rest spills to a folder of the lake, which
DuckDB empties, after a kill at the next spill.
"""

import hashlib
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlalchemy import Engine, select

from daemon.errors import LakeError
from daemon.lake.facts import FACTS, Fact
from daemon.lake.identities import newest, resolved, survivors, with_account
from daemon.state.engine import read
from daemon.state.tables import manifest
from models.tables import Facts

MEMORY = "2GB"
"""Of the reader at most, some .3 GB of the process beside it. Two years of three technologies at 10,000
accounts (22 million rows) open in 1.2 times the time that 4 GB take."""

_INSTANT = "timestamp('UTC', 6)"
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_OF_ACCOUNT = ("country", "region", "segment", "industry")
_ACCOUNT = "name country region segment industry tier created_on"
_COLUMNS = {
    "contacts": "contact_id event_at role",
    "cases": "case_id event_at closed_at priority",
    "usage_daily": "day technology events users repositories",
    "activity": "activity_id event_at kind value",
    "emails": "message_key event_at direction reply_to person",
    "email_topics": "message_key event_at topic mentions negated",
    "firmographics": "event_at employees devops_engineers is_public industry",
}
"""What models get of each fact, beside the account."""


@dataclass(frozen=True)
class MatchRate:
    """How many rows of a source found their account.

    unmatched: the identities with the most rows among those that did not, at most five.
    """

    source: str
    fact: str
    rows: int
    matched: int
    unmatched: tuple[str, ...]


@dataclass(frozen=True)
class TierChange:
    """A change from one tier to another."""

    account_id: str
    previous: str
    tier: str
    at: datetime


class LakeReader:
    """The landed facts. Close it after use; what it returned cannot be read any more then."""

    def __init__(self, engine: Engine, lake: Path, static: Collection[str] = ()) -> None:
        """static: what the CRM shows only as it is now and may be taken for what it was before.

        raises: LakeError where a landed file is missing.
        """
        self._lake = lake
        self._static = frozenset(static)
        with read(engine) as connection:
            entries = connection.execute(select(manifest).order_by(manifest.c.id)).all()
        self._entries = entries
        self._db = ibis.duckdb.connect(temp_directory=str(lake / ".spill"), memory_limit=MEMORY)
        try:
            with warnings.catch_warnings():  # Ibis 12 still asks DuckDB 2 for tables by the old name
                warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
                self._db.raw_sql("SET TimeZone = 'UTC'")
                self._db.raw_sql("SET enable_progress_bar = false")  # it would stand on stdout, amid the JSON
                self._identities, self._ends = self._resolve()
                self._versions = {
                    name: self._kept(f"versions_{name}", self._ordered(fact)) for name, fact in FACTS.items()
                }
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "LakeReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back."""
        self._db.disconnect()

    def as_of(self, cut: datetime) -> Facts:
        """The facts that had happened and were known at the cut.

        What a record shows only as it is now is missing before the record is from (`_of_then`), unless it
        is declared static: then it is carried back, to the account's creation. A tier is dated by the
        history of its changes, as far back as that goes.
        """
        at = _instant(cut)
        tables = {name: self._known(name, at) for name in _COLUMNS}
        tables["contacts"] = self._of_then(tables["contacts"], "role", at)
        cases = self._of_then(tables["cases"], "priority", at)
        closed_at = ibis.ifelse(cases.closed_at <= at, cases.closed_at, ibis.null(_INSTANT))
        tables["cases"] = cases.mutate(closed_at=closed_at)
        tables["emails"] = tables["emails"].mutate(person=tables["emails"].identity)
        accounts, tiers = self._accounts(at), self._tiers(at)
        with_tier = _with_last_tier(accounts, tiers)
        if "tier" not in self._static:
            tiers = tiers.filter(tiers.dated)
            if not self._history_reaches(cut):
                with_tier = with_tier.mutate(tier=_if(with_tier.known, with_tier.tier))
        return Facts(
            accounts=with_tier.select("account_id", *_ACCOUNT.split()),
            tiers=tiers.filter(tiers.tier.notnull()).select("account_id", "tier", "event_at"),
            **{name: tables[name].select("account_id", *own.split()) for name, own in _COLUMNS.items()},
        )

    def tier_changes(self, cut: datetime) -> list[TierChange]:
        """Every change of tier until the cut, by account, then instant."""
        tiers = self._tiers(_instant(cut))
        tiers = tiers.filter(tiers.tier.notnull())
        in_time = ibis.window(group_by="account_id", order_by="event_at")
        steps = tiers.mutate(previous=tiers.tier.lag().over(in_time))
        changes = steps.filter(steps.previous.notnull() & (steps.previous != steps.tier))
        rows = changes.order_by(["account_id", "event_at"]).to_pyarrow().to_pylist()
        return [TierChange(row["account_id"], row["previous"], row["tier"], row["event_at"]) for row in rows]

    def match_rates(self) -> list[MatchRate]:
        """How many rows of each source and fact find their account, as known now."""
        rates = []
        for name, versions in self._versions.items():
            current = versions.filter(versions.superseded_at.isnull())
            lost = current.account_id.isnull()
            counted = current.group_by("source").aggregate(rows=current.count(), lost=lost.sum())
            often = current.filter(lost).group_by(["source", "identity"]).aggregate(rows=lambda t: t.count())
            often = often.order_by([ibis.desc("rows"), "identity"]).to_pyarrow().to_pylist()
            for row in counted.order_by("source").to_pyarrow().to_pylist():
                worst = tuple(each["identity"] for each in often if each["source"] == row["source"])[:5]
                rates.append(MatchRate(row["source"], name, row["rows"], row["rows"] - row["lost"], worst))
        return rates

    def digest(self, cut: datetime) -> str:
        """SHA-256 of all that `as_of(cut)` depends on: equal digests, equal facts.

        What lands later with a later `known_at` leaves it as it is, unless it tells whose a row until the cut
        is, or of an account that there was by then.
        """
        watched = self._history_since if self._history_reaches(cut) else None
        header = f"{cut.astimezone(UTC).isoformat()}\n{watched}\n{sorted(self._static)}\n"
        seen = hashlib.sha256(header.encode())
        for since, line in self._timeless:
            if since <= cut:
                seen.update(line.encode())
        for entry in self._entries:
            if max(entry.min_event_at, entry.min_known_at) <= cut:
                seen.update(entry.digest.encode())
        return seen.hexdigest()

    @cached_property
    def _timeless(self) -> list[tuple[datetime, str]]:
        """What cuts read from all that is known now, each with the first instant that it is read for.

        Whose rows are, by the first event of such a row; what is carried back of an account, and its first
        tier, by its creation; merges, always.
        """
        used = self._identities_in_use()
        owners = sorted((row["known_identity"], row["owner"]) for row in _rows(self._identities))
        merges = sorted((row["account_id"], row["survivor"]) for row in _rows(self._ends))
        carried = sorted(_rows(self._carried_back()), key=lambda row: str(row["account_id"]))
        return [
            *((used[identity], f"{identity} {owner}\n") for identity, owner in owners if identity in used),
            *((_ALWAYS, f"{account} {survivor}\n") for account, survivor in merges),
            *((row.pop("created_at") or _ALWAYS, f"{list(row.values())}\n") for row in carried),
        ]

    def _identities_in_use(self) -> dict[str, datetime]:
        """The identities that rows go by, with the instant of the first such row."""
        first: dict[str, datetime] = {}
        for versions in self._versions.values():
            by = ["identity", "fallback_identity"]
            for row in _rows(versions.group_by(by).aggregate(at=versions.event_at.min())):
                for identity in (row["identity"], row["fallback_identity"]):
                    first[identity] = min(row["at"], first.get(identity, row["at"]))
        return first

    def _carried_back(self) -> ir.Table:
        """account_id, created_at, its first version's columns, and its first tier."""
        rows = self._versions["accounts"]
        order = ["event_at", ibis.desc("known_at"), ibis.desc("landed_at")]
        rank = ibis.row_number().over(ibis.window(group_by="account_id", order_by=order))
        first = rows.mutate(rank=rank).filter(lambda t: t.rank == 0)
        both = first.left_join(self._first_changes(), "account_id")
        return both.select(
            "account_id",
            *_OF_ACCOUNT,
            created_at=both.created_on.cast(_INSTANT),
            tier=ibis.coalesce(both.previous, both.tier),
        )

    # --- opening ------------------------------------------------------------------------------------

    def _resolve(self) -> tuple[ir.Table, ir.Table]:
        """The identities and their owners; the merged accounts and what remains of them."""
        accounts = newest(self._landed(FACTS["accounts"]), "account_id")
        gone = accounts.filter(accounts.merged_into.notnull()).select("account_id", "merged_into")
        ends = survivors({row["account_id"]: row["merged_into"] for row in gone.to_pyarrow().to_pylist()})
        columns = {
            "account_id": pa.array(ends, pa.string()),
            "survivor": pa.array(ends.values(), pa.string()),
        }
        ends_table = self._kept("survivors", ibis.memtable(pa.table(columns)))
        contacts = newest(self._landed(FACTS["contacts"]), "contact_id")
        return self._kept("identities", resolved(accounts, contacts, ends_table)), ends_table

    def _landed(self, fact: Fact) -> ir.Table:
        """All landed rows of a fact; an empty table where nothing has landed."""
        paths = [self._lake / entry.path for entry in self._entries if entry.fact == fact.name]
        missing = next((path for path in paths if not path.is_file()), None)
        if missing is not None:
            raise LakeError(
                f"{missing} is in the manifest but not in the lake; restore it, or give the sources of "
                f"{fact.name} new names in config.toml to land it again"
            )
        if not paths:
            return ibis.memtable(fact.landed_schema.empty_table())
        return self._db.read_parquet([str(path) for path in paths], hive_partitioning=False)

    def _ordered(self, fact: Fact) -> ir.Table:
        """The versions of each row with their account, and when the next version became known.

        Among versions known at one instant the last landed counts; the other columns only decide
        between rows that a source gave twice at once, so that every reading decides alike.
        """
        landed = self._landed(fact)
        order = ["known_at", "landed_at", *(name for name in fact.schema.names if name not in fact.key)]
        versions = ibis.window(group_by=list(fact.key), order_by=list(dict.fromkeys(order)))
        rows = landed.mutate(superseded_at=landed.known_at.lead().over(versions))
        if fact.name == "accounts":
            return rows  # a merged account keeps its own row apart from that of the account that remains
        rows = with_account(rows, self._identities)
        return rows.mutate(account_id=rows.resolved_account).drop("resolved_account")

    def _kept(self, name: str, rows: ir.Table) -> ir.Table:
        return self._db.create_table(name, rows, temp=True)

    # --- cutting ------------------------------------------------------------------------------------

    def _known(self, fact: str, at: ir.TimestampScalar) -> ir.Table:
        rows = self._versions[fact]
        newest_known = (rows.known_at <= at) & (rows.superseded_at.isnull() | (rows.superseded_at > at))
        return rows.filter(newest_known & (rows.event_at <= at) & rows.account_id.notnull())

    def _of_then(self, rows: ir.Table, column: str, at: ir.TimestampScalar) -> ir.Table:
        """The rows, the column null where it was read after the cut: what it was before, nobody said."""
        if column in self._static:
            return rows
        return rows.mutate(**{column: _if(~(rows.assumed & (rows.landed_at > at)), rows[column])})

    def _accounts(self, at: ir.TimestampScalar) -> ir.Table:
        """A row per account that existed: its last version `known`, else its first one.

        Of the first one only what is static is carried back; the tier is left to `as_of`.
        """
        rows = self._versions["accounts"].anti_join(self._ends, "account_id")
        known = (rows.known_at <= at) & (rows.event_at <= at)
        age = ibis.ifelse(known, -1, 1) * rows.event_at.epoch_seconds()
        rows = rows.mutate(known=known, age=age)
        order = [ibis.desc("known"), "age", ibis.desc("known_at"), ibis.desc("landed_at")]
        rank = ibis.row_number().over(ibis.window(group_by="account_id", order_by=order))
        first = rows.mutate(rank=rank).filter(lambda t: t.rank == 0)
        first = first.mutate(
            **{name: _if(first.known, first[name]) for name in _OF_ACCOUNT if name not in self._static}
        )
        existed = first.created_on.isnull() | (first.created_on <= at.date())
        return first.filter(existed & ~(first.known & first.deleted))

    def _tiers(self, at: ir.TimestampScalar) -> ir.Table:
        """The tier at the account's creation, then each change known.

        Columns: account_id, tier, event_at, dated (whether the history of changes says so: it does for a
        creation that it reaches back to).
        """
        accounts = self._accounts(at)
        before = self._first_changes()
        joined = accounts.left_join(before, "account_id")
        created_at = ibis.coalesce(joined.created_on, ibis.date(1990, 1, 1)).cast(_INSTANT)
        since = self._history_since
        first = joined.select(
            "account_id",
            tier=ibis.ifelse(joined.changed.notnull(), joined.previous, joined.tier),
            event_at=created_at,
            dated=ibis.literal(False) if since is None else created_at >= _instant(since),
        )
        known = self._known("tiers", at)
        own = known.identity == ibis.literal("account:") + known.account_id
        known = known.filter(own & (known.event_at < at))  # as features count: what is of the cut is later
        known = known.semi_join(accounts, "account_id").mutate(dated=ibis.literal(True))
        return first.union(known.select("account_id", "tier", "event_at", "dated"))

    def _history_reaches(self, cut: datetime) -> bool:
        """Whether a tier without a change since the cut had not changed, and not only was not watched."""
        return self._history_since is not None and self._history_since <= cut

    @cached_property
    def _history_since(self) -> datetime | None:
        """The oldest change of any account's tier; None without any: the CRM may not track them."""
        since: datetime | None = self._own_changes().event_at.min().to_pyarrow().as_py()
        return since

    def _own_changes(self) -> ir.Table:
        """Changes of tier in the history of an account itself, not of one merged into it."""
        changes = self._versions["tiers"]
        return changes.filter(changes.identity == ibis.literal("account:") + changes.account_id)

    def _first_changes(self) -> ir.Table:
        """account_id, previous, changed: the tier before the first change in an account's own history."""
        own = self._own_changes()
        rank = ibis.row_number().over(ibis.window(group_by="account_id", order_by="event_at"))
        first = own.mutate(rank=rank).filter(lambda t: t.rank == 0)
        return first.select("account_id", "previous", changed="event_at")


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _instant(at: datetime) -> ir.TimestampScalar:
    return ibis.literal(at.astimezone(UTC), type=_INSTANT)


def _if(condition: ir.BooleanColumn, value: ir.StringColumn) -> ir.StringColumn:
    return ibis.ifelse(condition, value, ibis.null("string"))


def _with_last_tier(accounts: ir.Table, tiers: ir.Table) -> ir.Table:
    rank = ibis.row_number().over(ibis.window(group_by="account_id", order_by=ibis.desc("event_at")))
    last = tiers.mutate(rank=rank).filter(lambda t: t.rank == 0).select("account_id", "tier")
    return accounts.drop("tier").join(last, "account_id")


def unbound() -> Facts:
    """The tables of `LakeReader.as_of` without rows, named as the facts: for asking what expressions read."""
    own = {"accounts": _ACCOUNT, "tiers": "tier event_at", **_COLUMNS}
    return Facts(**{name: ibis.table(_schema(name, columns), name=name) for name, columns in own.items()})


def _schema(fact: str, columns: str) -> ibis.Schema:
    kinds = {field.name: field.type for field in FACTS[fact].schema} | {"person": pa.string()}
    return ibis.Schema.from_pyarrow(
        pa.schema([("account_id", pa.string()), *((name, kinds[name]) for name in columns.split())])
    )
