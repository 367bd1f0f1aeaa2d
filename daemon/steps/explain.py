"""explain: why each account is rated as it is, and what changed since its last score, in words for reps.

A rating that only stands by what we do not know of the account is provisional.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from daemon.champion import model_that_rated
from daemon.config import Config
from daemon.context import Context, Done
from daemon.shifts import Today, attributed, shifts_of
from daemon.snapshots import features_of, open_snapshots
from daemon.state.engine import read, write
from daemon.state.predictions import amend_predictions, predictions_of, shown_before, told_together
from daemon.statuses import Status, leaning
from models.maturity import render
from models.maturity.alike import alike
from models.maturity.peers import compare
from models.maturity.reasons import (
    POINTS_PER_LEVEL,
    Floats,
    Reason,
    ReasonSettings,
    TalkTrack,
    find_reasons,
    unknown_points,
)
from models.tables import LEVELS

LEAST_LEANING = 1.0
"""Points of what we lack under which a rating at its cut is not called provisional."""

SEGMENT_BY = ("segment", "region", "employees")
"""Features that say which customers are similar."""


def run(context: Context) -> Done:
    """Accounts without a rating get no summary and no reasons."""
    with read(context.engine) as connection:
        predictions = predictions_of(connection, context.run.id)
        rated_by = model_that_rated(connection, predictions.values())
        shown = shown_before(connection, context.run.id)
        together = told_together(connection, context.run.id)
    ratings = {name: row["rating"] for name, row in predictions.items() if row["rating"] != "unknown"}
    if rated_by is None or not ratings:
        return Done(0)
    version, model = rated_by
    features = features_of(context.config)
    settings = reason_settings(context.config)
    with open_snapshots(context) as snapshots:
        whole = snapshots.at(context.cut).frame
    groups = dict(zip(features.names, alike(tuple(features), whole, together), strict=True))
    used = list(model.features)
    places = whole.index.get_indexer(pd.Index(ratings))
    frame = whole[used].iloc[places]
    found = attributed(model, frame)
    context.report(0.3, "what changed")
    today = Today(version.version, found, ratings, whole, features, groups)
    lake = context.config.path(context.config.lake.path)
    shifts = shifts_of(context.engine, lake, shown, today, settings)
    context.report(0.5, "comparing with similar customers")
    peers = compare(whole[used], _profile(whole)).of(places)
    context.report(0.7, "reasons")
    reasons = find_reasons(found, frame, features, peers, settings, [groups[name] for name in used])
    unknown = unknown_points(found, frame, features, settings)
    levels = np.array([LEVELS.index(rating) for rating in ratings.values()], dtype=np.int64)
    known_only = model.ratings(found.expected - unknown / POINTS_PER_LEVEL, levels).level
    rows = []
    for i, account in enumerate(ratings):
        row = predictions[account]
        verdict = render.Verdict(
            rating=row["rating"],
            score=row["score"],
            close_to=row["close_to"],
            start=float(found.start[i]) * POINTS_PER_LEVEL,
            similar=peers.groups[peers.home[i]],
            unknown=float(unknown[i]),
            shift=shifts.get(account, ""),
        )
        status = Status(row["status"], row["status_reason"])
        if status.name == "scored" and known_only[i] < levels[i] and unknown[i] >= LEAST_LEANING:
            status = leaning(float(unknown[i]), LEVELS[known_only[i]])
        rows.append(_row(account, verdict, found.values[i], reasons[i], status))
    with write(context.engine) as connection:
        amend_predictions(connection, context.run.id, rows)
    return Done(len(rows))


def reason_settings(config: Config) -> ReasonSettings:
    """Which reasons are told, as the admin wants it."""
    table = config.maturity
    return ReasonSettings(
        barred=frozenset((*table.barred, *table.barred_from_explanations)),
        tell_sensitive=table.tell_sensitive,
        talk_tracks={name: TalkTrack(each.up, each.down) for name, each in table.talk_tracks.items()},
    )


def _profile(frame: pd.DataFrame) -> pd.DataFrame:
    """What peers have in common; missing where the feature is barred."""
    return pd.DataFrame({name: frame.get(name, np.nan) for name in SEGMENT_BY}, index=frame.index)


def _row(
    account: str, verdict: render.Verdict, values: Floats, reasons: Sequence[Reason], status: Status
) -> dict[str, Any]:
    return {
        "account_id": account,
        "status": status.name,
        "status_reason": status.reason,
        "attributions": (values * POINTS_PER_LEVEL).astype("<f4").tobytes(),
        "start": verdict.start,
        "reasons": [{**asdict(reason), "direction": reason.direction} for reason in reasons],
        "reasons_rich": render.rich(verdict, reasons),
        "reasons_plain": render.plain(verdict, reasons),
        "summary": render.summary(verdict, reasons),
        "shift": verdict.shift or None,
    }
