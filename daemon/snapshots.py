"""Snapshots kept in the lake: built once for what they were built from, read ever after."""

import hashlib
import json
from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import structlog
from sqlalchemy import Engine, RowMapping, func, select

from daemon.clock import Clock
from daemon.config import Config
from daemon.context import Context
from daemon.events import Event
from daemon.lake.durable import write_table
from daemon.lake.reading import LakeReader
from daemon.state.engine import read, write
from daemon.state.tables import manifest, runs, snapshots, steps
from daemon.state.upsert import upsert
from models.features.catalogue import Catalogue, catalogue
from models.features.snapshot import build, digest
from models.tables import Label, Snapshot

FOLDER = "snapshots"


_Key = tuple[str, int | None, datetime, tuple[str, ...]]

_RECENT: OrderedDict[_Key, Snapshot] = OrderedDict()
"""Snapshots of this process by lake, newest manifest row, cut and columns: the steps of a run ask for the
same ones, and to find out by digest whether they are kept, the lake would have to be opened each time."""

RECENT = 32


class Snapshots:
    """The feature tables of one configuration, over what is landed now."""

    def __init__(
        self,
        engine: Engine,
        lake: Path,
        reader: Callable[[], LakeReader],
        features: Catalogue,
        now: Callable[[], datetime],
    ) -> None:
        """reader: opens the lake, once; asked for only when a snapshot is not at hand."""
        self._engine = engine
        self._lake = lake
        self._reader = reader
        self._features = features
        self._now = now

    def at(self, cut: datetime) -> Snapshot:
        """The snapshot as of a cut; built where none was built from the same facts and features."""
        key = (str(self._lake), self._newest_landing(), cut, self._features.names)
        if key not in _RECENT:
            _RECENT[key] = self._kept_or_built(cut)
            while len(_RECENT) > RECENT:
                _RECENT.popitem(last=False)
        return _RECENT[key]

    def countries(self, cut: datetime) -> dict[str, int]:
        """Accounts per country, ISO 3166 alpha-2, as of a cut; those without one are left out."""
        countries = self._reader().as_of(cut).accounts.select("country").to_pyarrow()["country"].to_pylist()
        return Counter(country for country in countries if country)

    def _newest_landing(self) -> int | None:
        with read(self._engine) as connection:
            return connection.execute(select(func.max(manifest.c.id))).scalar()

    def _kept_or_built(self, cut: datetime) -> Snapshot:
        documented = [(each.name, each.kind, each.meaning) for each in self._features]
        facts = self._reader().digest(cut)
        source = hashlib.sha256(json.dumps([facts, documented]).encode()).hexdigest()
        found = self._kept(cut, source)
        if found is None:
            found = build(self._reader().as_of(cut), cut, self._features)
            self._keep(found, source)
        return found

    def _kept(self, cut: datetime, source: str) -> Snapshot | None:
        where = (snapshots.c.as_of == cut, snapshots.c.source_digest == source)
        with read(self._engine) as connection:
            row = connection.execute(select(snapshots).where(*where)).mappings().one_or_none()
        if row is None:
            return None
        frame = _read(self._lake, row)
        return None if frame is None else Snapshot(cut, frame, row["digest"])

    def _keep(self, built: Snapshot, source: str) -> None:
        path = Path(FOLDER) / f"{built.as_of.astimezone(UTC):%Y%m%dT%H%M%S}-{source[:16]}.parquet"
        write_table(self._lake / path, pa.Table.from_pandas(built.frame.reset_index()))
        row = {
            "as_of": built.as_of,
            "source_digest": source,
            "digest": built.digest,
            "path": path.as_posix(),
            "accounts": len(built.frame),
            "built_at": self._now(),
        }
        with write(self._engine) as connection:
            upsert(connection, snapshots, [row], key=["as_of", "source_digest"])


@contextmanager
def open_snapshots(context: Context) -> Iterator[Snapshots]:
    """Snapshots over what is landed now, for a step of a run."""
    with snapshots_over(context.config, context.engine, context.clock) as snapshots:
        yield snapshots


@contextmanager
def snapshots_over(config: Config, engine: Engine, clock: Clock) -> Iterator[Snapshots]:
    """Snapshots over what is landed now; the lake is opened when the first is asked for that is not kept."""
    lake = config.path(config.lake.path)
    with ExitStack() as stack:

        @cache
        def reader() -> LakeReader:
            return stack.enter_context(LakeReader(engine, lake, config.static))

        yield Snapshots(engine, lake, reader, features_of(config), clock.now)


def table_of_run(engine: Engine, lake: Path, run_id: int) -> pd.DataFrame | None:
    """The feature table that a run scored, as it was then; None where it is not kept any more.

    Its columns are those of that run's catalogue.
    """
    step = select(steps.c.output_digest).where(steps.c.run_id == run_id, steps.c.step == "snapshot")
    cut = select(runs.c.cut).where(runs.c.id == run_id)
    statement = select(snapshots).where(
        snapshots.c.digest == step.scalar_subquery(), snapshots.c.as_of == cut.scalar_subquery()
    )
    with read(engine) as connection:
        row = connection.execute(statement.limit(1)).mappings().one_or_none()
    return None if row is None else _read(lake, row)


def features_of(config: Config) -> Catalogue:
    """The catalogue for the configured topics and technologies, without what is barred."""
    whole = catalogue(tuple(config.topics.root), config.maturity.technologies)
    return Catalogue(tuple(each for each in whole if each.name not in config.maturity.barred))


def label_cuts(
    config: Config,
    labels: Sequence[Label],
    cut: datetime,
    run_cuts: Sequence[datetime],
    history_days: int | None = None,
) -> list[datetime]:
    """The cuts that labels are joined to, and the run's own, which comes last.

    Each label gets the last cut before it: of an earlier run, or on a grid that counts from the year 1
    and not from now, so that yesterday's snapshots serve today.

    run_cuts: of earlier runs, ascending. history_days: instead of config.toml's.
    """
    settings = config.maturity
    oldest = cut - timedelta(days=history_days or settings.training_history_days)
    chosen = set()
    for label in labels:
        if label.at >= oldest:
            before = run_cuts[: bisect_right(run_cuts, label.at)]
            chosen.add(max([grid_cut(label.at, settings.training_every_days), *before[-1:]]))
    return [*sorted(chosen - {cut}), cut]


def grid_cut(at: datetime, every_days: int) -> datetime:
    """The last midnight (UTC) before an instant whose day's number is a multiple of so many days."""
    day = at.astimezone(UTC).date()
    start = date.fromordinal(day.toordinal() - day.toordinal() % every_days)
    return datetime(start.year, start.month, start.day, tzinfo=UTC)


def _read(lake: Path, row: RowMapping) -> pd.DataFrame | None:
    """The table of a snapshot, with the columns that it was built with; None where it is not kept any more.

    A file that is not the one that was written is as good as none: it can be built again, or done without.
    """
    path = lake / row["path"]
    if not path.is_file():
        return None
    try:
        frame = _typed(pq.read_table(path))
        found = digest(row["as_of"], frame)
    except (OSError, pa.ArrowException, KeyError) as error:
        reason = str(error)
    else:
        if found == row["digest"]:
            return frame
        reason = f"its digest is {found[:12]}, not {row['digest'][:12]}"
    structlog.get_logger().warning(Event.SNAPSHOT_DISCARDED, path=row["path"], reason=reason)
    return None


def _typed(table: pa.Table) -> pd.DataFrame:
    """The frame in the types that `build` gives it; Parquet tells None and NaN apart, pandas does not."""
    frame = table.to_pandas().set_index("account_id")
    frame.index = pd.Index(frame.index.tolist(), dtype=object, name="account_id")
    columns = {
        name: frame[name].astype("float64")
        if pa.types.is_floating(table.schema.field(name).type)
        else frame[name].astype(object).where(frame[name].notna(), None)
        for name in frame.columns
    }
    return pd.DataFrame(columns, index=frame.index)
