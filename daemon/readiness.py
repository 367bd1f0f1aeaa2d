"""Whether there is enough to train on, what quality to expect, and what to do about what is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from daemon.clock import Clock
from daemon.config import Config
from daemon.labels import heard_until
from daemon.lake.reading import LakeReader
from daemon.snapshots import snapshots_over
from daemon.state import registry, runs
from daemon.state.engine import read
from daemon.state.tables import manifest
from models.maturity.conflicts import Placed, settle
from models.maturity.expected_quality import Expected, expected_quality
from models.maturity.training_set import VALIDATION
from models.tables import LEVELS, Label

MOSTLY_MISSING = 0.9
"""A feature known of fewer than a tenth of the accounts says little about the others."""

ENOUGH_HISTORY = timedelta(days=90)
"""Most features look back so far."""

ENOUGH_MATCHED = 0.8


@dataclass(frozen=True)
class LabelCount:
    """Labels of one origin that count, by level, after conflicts are settled."""

    origin: str
    counts: Mapping[str, int]
    first: datetime
    last: datetime


@dataclass(frozen=True)
class SourceHistory:
    """A fact of a source in the lake. matched: share of its rows that found their account."""

    source: str
    fact: str
    rows: int
    first: datetime
    last: datetime
    matched: float

    @property
    def days(self) -> int:
        """From the first event to the last."""
        return (self.last - self.first).days


@dataclass(frozen=True)
class MeasuredQuality:
    """Of the newest training, on held-out labels. error: of macro-F1, about one standard error."""

    version: str
    labels: int
    macro_f1: float
    error: float
    decision: str | None


@dataclass(frozen=True)
class Gap:
    """Something missing, and the way out. stops: whether nothing can be trained before."""

    what: str
    to_do: str
    stops: bool


@dataclass(frozen=True)
class Readiness:
    """accounts: in the newest snapshot; None before the first pull. needed: labels of each level.

    outdated, left_out: labels too old to meet a snapshot, and those that others supersede or overrule.
    missing: features that most accounts lack, with the share that does.
    """

    accounts: int | None
    needed: int
    labels: tuple[LabelCount, ...]
    outdated: int
    left_out: int
    sources: tuple[SourceHistory, ...]
    missing: Mapping[str, float]
    expected: Expected
    measured: MeasuredQuality | None
    gaps: tuple[Gap, ...]

    @property
    def ready(self) -> bool:
        """Whether the next cycle will train."""
        return not any(gap.stops for gap in self.gaps)


def readiness(config: Config, engine: Engine, clock: Clock) -> Readiness:
    """Look at labels, lake and models; change nothing that counts."""
    now = clock.now()
    with read(engine) as connection:
        cut = runs.newest_cut(connection)
        heard = heard_until(connection, config.feedback, now).labels
        measured = _measured(connection)
        landed = _landed(connection)
    oldest = now - timedelta(days=config.maturity.training_history_days)
    recent = [label for label in heard if label.at >= oldest]
    settled = settle(Placed(label, label.at) for label in recent)
    counting = [each.label for each in settled.placed]
    sources = _sources(config, engine, landed)
    accounts, missing = (None, {}) if cut is None else _features(config, engine, clock, cut)
    per_level = Counter(LEVELS[label.level] for label in counting if label.origin in VALIDATION)
    gaps = [
        *_without_data(config, cut, sources),
        *_without_labels(per_level, config.maturity.min_labels_per_class),
        *_thin(sources),
    ]
    return Readiness(
        accounts=accounts,
        needed=config.maturity.min_labels_per_class,
        labels=_counts(counting),
        outdated=len(heard) - len(recent),
        left_out=settled.superseded + settled.overruled,
        sources=sources,
        missing=missing,
        expected=expected_quality(sum(per_level.values())),
        measured=measured,
        gaps=tuple(gaps),
    )


def _counts(labels: Sequence[Label]) -> tuple[LabelCount, ...]:
    found = []
    for origin in ("expert", "outcome", "feedback"):
        own = [label for label in labels if label.origin == origin]
        if own:
            levels = Counter(label.level for label in own)
            counts = {level: levels[number] for number, level in enumerate(LEVELS)}
            instants = [label.at for label in own]
            found.append(LabelCount(origin, counts, min(instants), max(instants)))
    return tuple(found)


def _measured(connection: Connection) -> MeasuredQuality | None:
    for version in registry.versions(connection, "maturity"):
        metrics: Mapping[str, Any] = version.evaluation.get("models", {}).get("catboost", {})
        if metrics.get("macro_f1") is not None and metrics.get("n"):
            found, count = float(metrics["macro_f1"]), int(metrics["n"])
            error = (found * (1 - found) / count) ** 0.5
            return MeasuredQuality(version.version, count, found, error, version.reason)
    return None


def _landed(connection: Connection) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """First and last event by source and fact."""
    of = manifest.c
    statement = select(of.source, of.fact, func.min(of.min_event_at), func.max(of.max_event_at))
    rows = connection.execute(statement.group_by(of.source, of.fact))
    return {(source, fact): (first, last) for source, fact, first, last in rows}


def _sources(
    config: Config, engine: Engine, landed: Mapping[tuple[str, str], tuple[datetime, datetime]]
) -> tuple[SourceHistory, ...]:
    if not landed:
        return ()
    with LakeReader(engine, config.path(config.lake.path)) as lake:
        rates = lake.match_rates()
    return tuple(
        SourceHistory(
            rate.source, rate.fact, rate.rows, *landed[rate.source, rate.fact], rate.matched / rate.rows
        )
        for rate in rates
        if rate.rows and (rate.source, rate.fact) in landed
    )


def _features(config: Config, engine: Engine, clock: Clock, cut: datetime) -> tuple[int, dict[str, float]]:
    """How many accounts the newest snapshot has, and which features most of them lack."""
    with snapshots_over(config, engine, clock) as snapshots:
        frame = snapshots.at(cut).frame
    lacking = frame.isna().mean()
    mostly = lacking[lacking > MOSTLY_MISSING].sort_values(ascending=False)
    return len(frame), {str(name): float(share) for name, share in mostly.items()}


def _without_data(config: Config, cut: datetime | None, sources: Sequence[SourceHistory]) -> list[Gap]:
    gaps = []
    if cut is None:
        to_do = "run `maturityd cycle`: with too few labels it trains nothing, and shows no rating"
        gaps.append(Gap("nothing has been pulled yet, so there is no history to join labels to", to_do, True))
    else:
        silent = sorted(
            name
            for name, table in config.sources.items()
            if table.kind != "crm_feedback" and name not in {each.source for each in sources}
        )
        for name in silent:
            to_do = f"see `maturityd check` and the pull of {name} in `maturityd status`"
            gaps.append(Gap(f"the source {name} has landed nothing", to_do, False))
    return gaps


def _without_labels(per_level: Mapping[str, int], needed: int) -> list[Gap]:
    short = [f"{needed - per_level[level]} {level}" for level in LEVELS if per_level[level] < needed]
    if not short:
        return []
    what = f"expert and outcome labels are short of {needed} in each level by {', '.join(short)}"
    to_do = "let experts rate the accounts of `maturityd labels wanted` in the CRM"
    return [Gap(what, to_do, True)]


def _thin(sources: Sequence[SourceHistory]) -> list[Gap]:
    gaps = []
    for each in sources:
        where = f"{each.fact} of {each.source}"
        if each.fact == "usage_daily" and each.last - each.first < ENOUGH_HISTORY:
            what = (
                f"{where} goes back {each.days} days, and features look back {ENOUGH_HISTORY.days} and more"
            )
            gaps.append(Gap(what, "let the source give its past, or wait", False))
        if each.matched < ENOUGH_MATCHED:
            what = f"only {each.matched:.0%} of the rows of {where} find their account"
            gaps.append(Gap(what, "see `maturityd identity` for those that do not", False))
    return gaps
