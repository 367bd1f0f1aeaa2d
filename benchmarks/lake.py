"""What a lake of many accounts takes to open and to cut: `python -m benchmarks.lake [accounts days]`.

Lands made-up usage of three technologies on every day, month by month, as a source would; then a process of
its own opens the lake, cuts it twice, and reads what forecasts are made from. Printed are seconds, and the
peak of memory of each process.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import duckdb
from sqlalchemy import Engine

from daemon.lake.facts import schema_of
from daemon.lake.landing import land
from daemon.lake.reading import LakeReader
from daemon.state.engine import connect
from daemon.state.schema import migrate
from daemon.usage import usage_panels
from integrations.interfaces import Batch, Watermark

TODAY = datetime(2026, 3, 2, tzinfo=UTC)
MONTH = 30

ACCOUNTS = """SELECT 'account:' || a AS identity, NULL::varchar fallback_identity,
    timestamptz '{today}' - to_days({days}) AS event_at, NULL::timestamptz known_at, a::varchar account_id,
    'n' || a AS name, 'DE' country, 'r' || a % 5 AS region, 's' || a % 3 AS segment, 'i' || a % 9 AS industry,
    't' || a % 4 AS tier, NULL::varchar owner_id, 'org-' || a AS tenant, 'customer-' || a || '.example' AS
    "domain", (timestamptz '{today}' - to_days({days}))::date created_on, false deleted,
    NULL::varchar merged_into FROM range({accounts}) t(a)"""

USAGE = """SELECT 'tenant:org-' || a AS identity, 'domain:customer-' || a || '.example' AS fallback_identity,
    timestamptz '{today}' - to_days(d::int - 1) AS event_at, NULL::timestamptz known_at,
    (timestamptz '{today}' - to_days(d::int))::date AS day, x AS technology, floor(random() * 500)::double
    events, floor(random() * 40)::double users, floor(random() * 90)::double repositories
    FROM range({newest}, {oldest}) u(d), range({accounts}) t(a), unnest(['docker', 'maven', 'npm']) v(x)"""


def main(accounts: int, days: int) -> None:
    """Land, read, print."""
    with tempfile.TemporaryDirectory() as folder:
        for work in (_landed, _read):
            process = get_context("spawn").Process(target=work, args=(Path(folder), accounts, days))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(process.exitcode)


def _landed(folder: Path, accounts: int, days: int) -> None:
    engine = _state(folder)
    migrate(engine)
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    values = {"accounts": accounts, "days": days, "today": TODAY.isoformat()}

    def pulled(fact: str, query: str) -> Batch:
        return Batch(fact, connection.sql(query).to_arrow_table().cast(schema_of(fact)), Watermark(None))

    def fill() -> str:
        land(engine, folder, "crm", pulled("accounts", ACCOUNTS.format(**values)), TODAY)
        rows = 0
        for newest in range(1, days + 1, MONTH):
            part = {**values, "newest": newest, "oldest": min(newest + MONTH, days + 1)}
            rows += land(engine, folder, "usage", pulled("usage_daily", USAGE.format(**part)), TODAY).rows
        return f"landed {rows:,} rows of usage of {accounts:,} accounts"

    _timed(fill)


def _read(folder: Path, _accounts: int, days: int) -> None:
    readers: list[LakeReader] = []

    def opened() -> str:
        readers.append(LakeReader(_state(folder), folder))
        return "opened"

    def cut(back: int) -> str:
        at = TODAY - timedelta(days=back)
        rows = readers[0].as_of(at).usage_daily
        known = rows.group_by("account_id").aggregate(events=rows.events.sum()).count().execute()
        return f"usage of {known:,} accounts, summed as of {at:%Y-%m-%d}"

    def panels() -> str:
        events, _ = usage_panels(readers[0], TODAY)
        return f"panels of {len(events.account_ids):,} accounts x {events.days} days"

    _timed(opened)
    _timed(lambda: cut(0))
    _timed(lambda: cut(days // 2))
    _timed(panels)
    readers[0].close()


def _state(folder: Path) -> Engine:
    return connect(f"sqlite:///{folder}/state.db")


def _timed(work: Callable[[], str]) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    done = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    took, on_cpu = time.perf_counter() - start, time.process_time() - cpu
    print(f"{done}: {took:.1f} s, {on_cpu:.1f} s of CPU, peak memory {peak:.1f} GB", flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*given) if given else main(10_000, 730)
