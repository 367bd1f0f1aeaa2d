"""score: the champion rates every account; each gets a status that says how far to rely on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from daemon.champion import maturity_champion
from daemon.context import Context, Done
from daemon.hold_out import held_out
from daemon.snapshots import features_of, open_snapshots
from daemon.state import pulls, registry
from daemon.state.engine import read, write
from daemon.state.predictions import newest_before, replace_predictions
from daemon.statuses import RATED, statuses_of
from models.features.catalogue import Catalogue
from models.maturity.hysteresis import NONE
from models.maturity.model import MaturityModel
from models.maturity.provisional import standing, thirds
from models.tables import LEVELS

THIRDS = ("lowest", "middle", "highest")
FIRST_GUESS = (
    "A first guess by a fixed rule, no model: in all that we know of its usage, learning and the rest, this "
    "customer stands in the {third} third. Too few experts have rated customers for more."
)

POINTS_PER_LEVEL = 100 / (len(LEVELS) - 1)


def run(context: Context) -> Done:
    """Without a champion every rating is unknown, or a first guess, and the status says why."""
    with open_snapshots(context) as snapshots:
        frame = snapshots.at(context.cut).frame
    with read(context.engine) as connection:
        champion = maturity_champion(connection, context.cut)
        previous = newest_before(connection, context.run.id)
        data_as_of, stale = _freshness(connection, context)
        why_none = _why_no_champion(connection)
    settings = context.config.maturity
    features = features_of(context.config)
    statuses = statuses_of(
        frame,
        features,
        least_days=settings.min_history_days,
        least_evidence=settings.min_evidence,
        stale=stale,
        no_champion=None if champion else why_none,
        hold_out=held_out(frame.index, settings.hold_out_share),
    )
    rows = [
        {
            "account_id": account,
            "status": status.name,
            "status_reason": status.reason,
            "data_as_of": data_as_of,
            "tier": frame.at[account, "tier"] if "tier" in frame else None,
            "rating": "unknown",
        }
        for account, status in zip(frame.index, statuses, strict=True)
    ]
    if champion is not None:
        version, model = champion
        scored = _scored(model, frame, previous)
        for row, scores in zip(rows, scored, strict=True):
            if row["status"] in RATED:
                row.update(scores, model_version=version.version)
    elif settings.provisional == "standing":
        _guess(rows, frame, features)
    columns = sorted({name for row in rows for name in row})
    with write(context.engine) as connection:
        replace_predictions(
            connection, context.run.id, [{name: row.get(name) for name in columns} for row in rows]
        )
    return Done(len(rows))


def _guess(rows: list[dict[str, Any]], frame: pd.DataFrame, features: Catalogue) -> None:
    """Rate by standing whoever only lacks a model; no score and no reasons go with it."""
    lacking = [row for row in rows if row["status"] in ("provisional", "excluded")]
    compared = frame.loc[[row["account_id"] for row in lacking]]
    for row, third in zip(lacking, thirds(standing(compared, features)).tolist(), strict=True):
        if third != NONE:
            row["rating"] = LEVELS[third]
            if row["status"] == "provisional":
                row["status_reason"] = FIRST_GUESS.format(third=THIRDS[third])


def _scored(model: MaturityModel, frame: pd.DataFrame, previous: Mapping[str, Any]) -> list[dict[str, Any]]:
    probabilities = model.probabilities(frame)
    expected = model.expected_level(frame)
    last = np.array([_level(previous.get(account)) for account in frame.index], dtype=np.int64)
    ratings = model.ratings(expected, last)
    return [
        {
            "rating": LEVELS[ratings.level[row]],
            "close_to": LEVELS[ratings.close_to[row]] if ratings.close_to[row] != NONE else None,
            "score": float(expected[row] * POINTS_PER_LEVEL),
            "p_low": float(probabilities[row, 0]),
            "p_medium": float(probabilities[row, 1]),
            "p_high": float(probabilities[row, 2]),
        }
        for row in range(len(frame))
    ]


def _level(row: Mapping[str, Any] | None) -> int:
    """The rating that a model gave; a first guess binds none."""
    modelled = row is not None and row["model_version"] is not None and row["rating"] in LEVELS
    return LEVELS.index(row["rating"]) if row is not None and modelled else NONE


def _freshness(connection: Connection, context: Context) -> tuple[datetime, str | None]:
    """The oldest of the sources' last successes, and why everything is stale, if a source is too old."""
    successes = pulls.last_success(connection)
    oldest, stale = context.cut, None
    for name, table in context.config.sources.items():
        last = min(successes.get(name, context.cut), context.cut)
        if name not in successes or context.cut - last > timedelta(hours=table.max_staleness_h):
            since = f"since {last:%Y-%m-%d %H:%M} UTC" if name in successes else "ever"
            stale = f"The source {name} has not been read {since}; the last good values stay."
        oldest = min(oldest, last)
    return oldest, stale


def _why_no_champion(connection: Connection) -> str:
    versions = registry.versions(connection, "maturity")
    if versions and versions[0].reason:
        return f"No rating yet: {versions[0].reason}"
    return "No rating yet: there are too few expert ratings to learn from."
