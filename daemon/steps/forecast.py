"""forecast: every account's usage 1 to 3 months ahead, its health and its anomalies."""

import hashlib
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection

from daemon.alerts import book
from daemon.anomalies import remember, shown, told_before
from daemon.champion import artifact_of
from daemon.context import Context, Done
from daemon.decision_point import score_in_force
from daemon.lake.reading import LakeReader
from daemon.outputs import ACTUAL_DAYS
from daemon.state import registry
from daemon.state.engine import read, write
from daemon.state.predictions import forecasts_of, replace_forecasts
from daemon.usage import forecast_settings, usage_panels
from models.decisions import DECISIONS
from models.forecast import (
    AccountForecast,
    ForecastModel,
    ForecastSettings,
    Incident,
    UsagePanel,
    backtest,
    fit,
    forecast,
)
from models.forecast.calendar import holiday_dates
from models.forecast.operating_points import USUAL, Points

TASK = "forecast"

BEGUN_AT = "begun_at"
"""In a version's evaluation: when its networks began from scratch."""


def run(context: Context) -> Done:
    """Every account of the CRM is forecast that has any usage.

    Model and forecasts are kept in one transaction: a run that has its model has all, and a repeat would
    train on from that very model.
    """
    with read(context.engine) as connection:
        ours = registry.of_run(connection, TASK, context.run.id)
        if ours is not None:
            return Done(len(forecasts_of(connection, context.run.id)), output_digest=ours.artifact)
    lake = context.config.path(context.config.lake.path)
    with LakeReader(context.engine, lake, context.config.static) as reader:
        events, breadths = usage_panels(reader, context.cut)
    if events.days == 0:
        return Done(0)
    settings = forecast_settings(context.config)
    seed = context.config.forecast.seed
    model, begun_at = _model(context, events, settings)
    context.report(0.6, "comparing with Holt-Winters, Prophet and the medians")
    lessons = backtest(model, events, settings, seed)
    context.report(0.9, "forecasting")
    with read(context.engine) as connection:
        told = told_before(connection, context.run.id, events.until)
        points = _points(connection, context)
    found = forecast(model, events, lessons, settings, breadths, told.stories, told.judged_until, points)
    evaluation = {**asdict(lessons.evaluation), BEGUN_AT: begun_at.isoformat()}
    version = _version(context, model, events, evaluation)
    rows = [_row(each, events, row, version.version) for row, each in enumerate(found.accounts)]
    alerts = [_alert(incident) for incident in found.incidents]
    with write(context.engine) as connection:
        registry.register(connection, version, context.clock.now())
        registry.promote(
            connection, version.version, "Served where held-back windows prefer it.", context.clock.now()
        )
        replace_forecasts(connection, context.run.id, [row for row in rows if row])
        noticed = context.config.notices.kinds if context.config.notices.enabled else ()
        remember(connection, context.run.id, told, found.accounts, context.clock.now(), noticed)
        book.settle(connection, "usage", alerts, context.run.id, context.clock.now())
    return Done(len(found.accounts), input_digest=version.training_digest, output_digest=version.artifact)


def _points(connection: Connection, context: Context) -> Points:
    """From which scores decisions are taken: as selected, else as usual."""
    selected = {name: score_in_force(connection, name, context.cut) for name in DECISIONS}
    return replace(USUAL, **{name: score for name, score in selected.items() if score is not None})


def _model(
    context: Context, events: UsagePanel, settings: ForecastSettings
) -> tuple[ForecastModel, datetime]:
    """The networks, and when they began from scratch.

    Where usage is what the champion learned from, it is the champion: no news changes no forecast. Else
    they train on from the champion while it is young, or start from scratch.
    """
    table = context.config.forecast
    now = context.clock.now()
    with read(context.engine) as connection:
        version = registry.champion(connection, TASK)
        champion = ForecastModel.from_artifact(artifact_of(connection, version)) if version else None
    begun_at = datetime.fromisoformat(version.evaluation[BEGUN_AT]) if version else now
    if champion and version and version.training_digest == _digest(events):
        return champion, begun_at
    if now - begun_at >= timedelta(hours=table.retrain_every_h):
        champion, begun_at = None, now
    model = fit(
        events,
        settings,
        table.seed,
        champion,
        lambda done, total: context.report(0.6 * done / total, "training"),
    )
    return model, begun_at


def _digest(events: UsagePanel) -> str:
    """SHA-256 of everything that networks learn from."""
    seen = hashlib.sha256(events.values.tobytes())
    seen.update(repr((events.start, events.account_ids, events.countries)).encode())
    return seen.hexdigest()


def _version(
    context: Context, model: ForecastModel, events: UsagePanel, evaluation: dict[str, Any]
) -> registry.NewVersion:
    artifact = model.to_artifact()
    return registry.NewVersion(
        version=f"{TASK}-{context.run.slot.replace(':', '')}-{artifact.digest[:8]}",
        task=TASK,
        run_id=context.run.id,
        artifact=artifact.digest,
        content=artifact.to_bytes(),
        training_digest=_digest(events),
        evaluation=evaluation,
        held_out=None,
    )


def _row(each: AccountForecast, events: UsagePanel, row: int, version: str) -> dict[str, Any] | None:
    """One account's forecast as kept; None where no usage was ever measured."""
    if each.served_by == "none":
        return None
    actual = events.values[row, -ACTUAL_DAYS:]
    start = each.start - timedelta(days=len(actual))
    totals = {
        f"total_{days}d": each.totals[days].value if days in each.totals else None for days in (30, 60, 90)
    }
    return {
        "account_id": each.account_id,
        "served_by": each.served_by,
        "model_version": version,
        "start": each.start,
        **totals,
        "health": each.health.rating,
        "sentence": each.health.sentence,
        "anomalies": shown(each),
        "fall_score": each.health.fall_score,
        "anomaly_score": each.anomaly_score,
        "series": {
            "start": start.isoformat(),
            "actual": [None if np.isnan(value) else round(float(value), 1) for value in actual],
            **{
                name: [round(float(value), 1) for value in getattr(each, name)]
                for name in ("median", "low80", "high80", "low95", "high95")
            },
            "totals80": {
                str(days): [round(total.low, 1), round(total.high, 1)] for days, total in each.totals.items()
            },
            "holidays": _holidays(events.countries[row], start, len(actual) + len(each.median)),
        },
    }


def _holidays(country: str | None, start: date, days: int) -> list[str]:
    """Those of a country on so many days from the first on."""
    return [
        str(day)
        for day in holiday_dates(country or "", start, days).tolist()
        if 0 <= (day - start).days < days
    ]


def _alert(incident: Incident) -> book.Alert:
    direction = "below" if incident.size < 0 else "above"
    return book.Alert(
        key=incident.day.isoformat(),
        severity="warning",
        title=f"Usage of most accounts was {direction} its forecast on {incident.day:%Y-%m-%d}",
        what=f"the median account was {abs(incident.size):.1f} times its usual error {direction}",
        cause="an incomplete or doubled load of the usage source, or a holiday the calendar does not know",
        held_back="anomalies of that day: they would all have this one cause",
        to_do="look at the usage source for that day; a reload is taken in by itself",
    )
