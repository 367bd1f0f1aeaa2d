"""How long a snapshot takes: `python -m benchmarks.features [accounts days]`.

Generates usage of three technologies on every day, activity, mail and CRM rows as Parquet, and builds
snapshots of the whole catalogue (topics and technologies as in config.toml) on DuckDB with two threads.
"""

# ruff: noqa: S608 - the queries are made of the constants below

import os
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import duckdb
import ibis

from models.features.catalogue import catalogue
from models.features.snapshot import build
from models.tables import Facts

CUT = datetime(2026, 3, 2, 5, tzinfo=UTC)
SEED = 0.42
TOPICS = (
    *("high_availability", "multi_site", "disaster_recovery", "automation"),
    *("security", "migration", "licence_cost", "cancellation"),
)
TECHNOLOGIES = ("docker", "maven", "npm", "pypi", "helm")
USED = TECHNOLOGIES[:3]

ACCOUNT = "'001' || lpad(a::varchar, 15, '0')"
AT = "(timestamptz '{cut}' - to_microseconds((random() * {days} * 86400e6)::bigint))"
TABLES = {
    "accounts": f"""SELECT {ACCOUNT} account_id, 'n' AS name, 'DE' country, 'r' || a % 5 AS region,
        's' || a % 3 AS segment, 'i' || a % 9 AS industry, 't' || a % 4 AS tier,
        date '{{today}}' - ({{days}} + a % 500)::int created_on FROM range({{accounts}}) t(a)""",
    "tiers": f"SELECT {ACCOUNT} account_id, 't' || b AS tier, {AT} event_at "
    "FROM range({accounts}) t(a), range(2) u(b)",
    "contacts": f"SELECT {ACCOUNT} account_id, a || '-' || b contact_id, {AT} event_at, 'r' || b AS role "
    "FROM range({accounts}) t(a), range(4) u(b)",
    "cases": f"SELECT {ACCOUNT} account_id, a || '-' || b case_id, {AT} event_at, {AT} closed_at, "
    "['Low', 'Medium', 'High'][1 + b] AS priority FROM range({accounts}) t(a), range(3) u(b)",
    "usage_daily": f"""SELECT {ACCOUNT} account_id, date '{{today}}' - d::int AS day, x AS technology,
        floor(random() * 500)::double events, floor(random() * 40)::double users,
        floor(random() * 90)::double repositories FROM range(1, {{days}} + 1) u(d), range({{accounts}}) t(a),
        unnest({list(USED)}) v(x)""",
    "activity": f"""SELECT {ACCOUNT} account_id, a || '-' || b activity_id, {AT} event_at,
        ['web_advanced', 'web_basic', 'webinar', 'event', 'training', 'ticket', 'survey'][1 + b % 7] AS kind,
        1 + floor(random() * 9)::double AS value FROM range({{accounts}}) t(a), range(200) u(b)""",
    "emails": f"""SELECT {ACCOUNT} account_id, a || '-' || b message_key, {AT} event_at,
        CASE WHEN b % 2 = 0 THEN 'in' ELSE 'out' END direction,
        CASE WHEN b % 2 = 1 OR b % 6 = 2 THEN a || '-' || b - 1 END reply_to, 'p' || b % 4 person
        FROM range({{accounts}}) t(a), range(120) u(b)""",
    "email_topics": f"""SELECT {ACCOUNT} account_id, a || '-' || b message_key, {AT} event_at,
        {list(TOPICS)}[1 + b % {len(TOPICS)}] AS topic, 2::bigint AS mentions, (b % 3)::bigint AS negated
        FROM range({{accounts}}) t(a), range(60) u(b)""",
    "firmographics": f"""SELECT {ACCOUNT} account_id, {AT} event_at, 500.0::double employees,
        20.0::double devops_engineers, a % 2 = 0 AS is_public, 'i' || a % 9 AS industry
        FROM range({{accounts}}) t(a), range(2) u(b)""",
}


def main(accounts: int, days: int) -> None:
    """Generate, build for three cuts, print seconds and the peak of memory.

    CPU seconds too: on a machine with other work, half of them is what two idle cores would take.
    """
    with tempfile.TemporaryDirectory() as folder:
        generating = get_context("spawn").Process(target=generate, args=(Path(folder), accounts, days))
        generating.start()
        generating.join()
        connection = ibis.duckdb.connect(threads=2)
        connection.raw_sql("SET enable_progress_bar = false")
        facts = Facts(**{name: connection.read_parquet(f"{folder}/{name}.parquet") for name in TABLES})
        features = catalogue(TOPICS, TECHNOLOGIES)
        rows = facts.usage_daily.count().execute()
        for back in (0, 90, 180):
            cut = CUT - timedelta(days=back)
            start, cpu_start = time.perf_counter(), time.process_time()
            snapshot = build(facts, cut, features)
            took, cpu = time.perf_counter() - start, time.process_time() - cpu_start
            height, width = snapshot.frame.shape
            print(
                f"{cut:%Y-%m-%d}: {height:,} accounts x {width} features, {rows:,} usage rows: {took:.1f} s, "
                f"{cpu:.1f} s of CPU, {os.getloadavg()[0]:.0f} processes at work on {os.cpu_count()} cores"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory {peak:,.0f} MB")


def generate(folder: Path, accounts: int, days: int) -> None:
    """One Parquet file per fact."""
    today: date = CUT.date()
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SELECT setseed({SEED})")
        for name, query in TABLES.items():
            text = query.format(accounts=accounts, days=days, cut=CUT.isoformat(), today=today)
            connection.execute(f"COPY ({text}) TO '{folder}/{name}.parquet' (COMPRESSION zstd)")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*given) if given else main(10_000, 730)
