"""Writes a world as the vendor's systems hold it at an instant: warehouse, CSV, maildir; and the truth."""

import csv
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import numpy as np

from demo.world.firmographics import PUBLISHED_AFTER_DAYS
from demo.world.latent import DRIVERS
from demo.world.mime import message_bytes
from demo.world.records import LEVELS, Array, World

_TABLES = """
CREATE TABLE IF NOT EXISTS product_usage (
    tenant_id TEXT NOT NULL, usage_date TEXT NOT NULL, technology TEXT NOT NULL,
    event_count REAL, active_users REAL, repositories REAL, loaded_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS customer_activity (
    activity_id TEXT NOT NULL, tenant_id TEXT, company_domain TEXT, happened_at TEXT NOT NULL,
    kind TEXT NOT NULL, amount REAL, loaded_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS product_usage_loaded ON product_usage (loaded_at);
CREATE INDEX IF NOT EXISTS customer_activity_loaded ON customer_activity (loaded_at);
"""

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def write(world: World, folder: Path, until: datetime) -> None:
    """Write everything that was published up to and including `until` (aware UTC).

    Called again with a later `until`, it adds the rows and mails published since. truth.json holds the
    whole truth from the start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_warehouse(world, folder / "warehouse.db", until)
    _write_firmographics(world, folder / "firmographics.csv", until)
    _write_mails(world, folder / "mail", until)
    (folder / "truth.json").write_text(_truth(world), encoding="utf-8")


def _write_warehouse(world: World, file: Path, until: datetime) -> None:
    """Rows in the order of their publication. What is there is there up to the newest `loaded_at` found."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(_TABLES)
        usage = _usage_rows(world, _newest(db, "product_usage"), until)
        activity = _activity_rows(world, _newest(db, "customer_activity"), until)
        with db:
            db.executemany("INSERT INTO product_usage VALUES (?, ?, ?, ?, ?, ?, ?)", usage)
            db.executemany("INSERT INTO customer_activity VALUES (?, ?, ?, ?, ?, ?, ?)", activity)


def _newest(db: sqlite3.Connection, table: str) -> datetime:
    (newest,) = db.execute(f"SELECT max(loaded_at) FROM {table}").fetchone()  # noqa: S608 our own table
    return datetime.fromisoformat(newest) if newest else _BEFORE_ALL


def _usage_rows(world: World, since: datetime, until: datetime) -> Iterator[tuple[object, ...]]:
    """Rows of product_usage loaded after `since` and up to `until`, in the order of their loads."""
    series = world.usage
    loaded = np.concatenate([each.loaded_at for each in series])
    events = np.concatenate([each.events for each in series])
    owner = np.repeat(np.arange(len(series)), [len(each.events) for each in series])
    day = np.concatenate([np.arange(len(each.events)) for each in series])
    wanted = ~np.isnan(events) & (loaded > since.timestamp()) & (loaded <= until.timestamp())
    rows = np.flatnonzero(wanted)
    rows = rows[np.lexsort((day[rows], owner[rows], loaded[rows]))]
    counts = [
        _or_none(np.concatenate(column)[rows])
        for column in zip(*((each.events, each.users, each.repositories) for each in series), strict=True)
    ]
    days = [(series[0].first_day + timedelta(days=n)).isoformat() for n in range(world.days)]
    names = [(each.tenant, each.technology) for each in series]
    instants = {int(at): _iso(datetime.fromtimestamp(int(at), UTC)) for at in np.unique(loaded[rows])}
    columns = zip(owner[rows].tolist(), day[rows].tolist(), *counts, loaded[rows].tolist(), strict=True)
    for of, on, n_events, n_users, n_repositories, at in columns:
        tenant, technology = names[of]
        yield tenant, days[on], technology, n_events, n_users, n_repositories, instants[at]


def _or_none(values: Array) -> list[float | None]:
    """The values as a list, None for NaN."""
    found = values.astype(object)
    found[np.isnan(values)] = None
    listed: list[float | None] = found.tolist()
    return listed


def _activity_rows(world: World, since: datetime, until: datetime) -> Iterator[tuple[object, ...]]:
    for act in world.activity:
        if since < act.loaded_at <= until:
            yield act.id, act.tenant, act.domain, _iso(act.at), act.kind, act.amount, _iso(act.loaded_at)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _write_firmographics(world: World, file: Path, until: datetime) -> None:
    """The whole file anew: rows are ordered by date, so that a later file begins with the earlier one."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("website", "as_of", "employees", "devops_engineers", "public", "industry"))
    for row in world.firmographics:
        published = datetime.combine(row.as_of, time.min, UTC) + timedelta(days=PUBLISHED_AFTER_DAYS)
        if published <= until:
            rows.writerow(asdict(row).values())
    file.write_text(text.getvalue(), encoding="utf-8")


def _write_mails(world: World, maildir: Path, until: datetime) -> None:
    """One file per mail: what came in is new, what went out is seen. A file's time is the delivery's."""
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True, exist_ok=True)
    there = {path.name for part in ("cur", "new") for path in (maildir / part).iterdir()}
    for mail in world.mails:
        if mail.at > until:
            break
        seconds = int(mail.at.timestamp())
        name = f"{seconds}.{mail.key}.mail"
        name, part = (f"{name}:2,S", "cur") if mail.direction == "out" else (name, "new")
        if name not in there:
            path = maildir / part / name
            path.write_bytes(message_bytes(mail))
            os.utime(path, (seconds, seconds))


def _truth(world: World) -> str:
    accounts = [
        {
            "account_id": account.id,
            "tenant": account.tenant,
            "domain": account.domain,
            "situation": account.situation,
            "levels": truth.levels,
            "drivers": truth.drivers,
            "events": [
                {"kind": e.kind, "start": e.start.isoformat(), "days": e.days, "size": e.size}
                for e in truth.events
            ],
        }
        for account, truth in zip(world.accounts, world.truths, strict=True)
    ]
    months = [month.isoformat() for month in world.months]
    about = {"seed": world.seed, "today": world.today.isoformat(), "rule": world.rule, "days": world.days}
    return json.dumps({**about, "levels": LEVELS, "drivers": DRIVERS, "months": months, "accounts": accounts})
