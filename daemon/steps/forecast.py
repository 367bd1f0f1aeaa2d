"""forecast: every account's usage 1 to 3 months ahead, its health and its anomalies."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
from sqlalchemy import Connection

from daemon.alerts import book
from daemon.anomalies import Told, remember, shown, told_before
from daemon.context import Context, Done
from daemon.decision_point import score_in_force
from daemon.forecast_model import BEGUN_AT, TASK, Chosen, choose, decide, digest
from daemon.lake.reading import LakeReader
from daemon.outputs import ACTUAL_DAYS
from daemon.state import registry, runs
from daemon.state.engine import read, write
from daemon.state.predictions import health_of, replace_forecasts
from daemon.usage import forecast_settings, usage_panels
from models.decisions import DECISIONS
from models.forecast import (
    AccountForecast,
    Evaluation,
    Incident,
    UsagePanel,
    backtest,
    forecast,
)
from models.forecast.calendar import holiday_dates
from models.forecast.operating_points import USUAL, Points
from models.forecast.panel import Floats


def run(context: Context) -> Done:
    """Every account of the CRM is forecast that has any usage.

    Model and forecasts are kept in one transaction: a run that has its model has all, and a repeat would
    train on from that very model.
    """
    with read(context.engine) as connection:
        ours = registry.of_run(connection, TASK, context.run.id)
        if ours is not None:
            return Done(len(health_of(connection, context.run.id)), output_digest=ours.artifact)
    lake = context.config.path(context.config.lake.path)
    with LakeReader(context.engine, lake, context.config.static) as reader:
        events, breadths = usage_panels(reader, context.cut)
    if events.days == 0:
        return Done(0)
    settings = forecast_settings(context.config)
    chosen = choose(context, events, settings)
    context.report(0.6, "comparing with Holt-Winters, Prophet and the medians")
    lessons = backtest(chosen.serving, events, settings, context.config.forecast.seed)
    context.report(0.9, "forecasting")
    with read(context.engine) as connection:
        told = told_before(connection, context.run.id, events.until)
        points = _points(connection, context.cut)
        judged_until = _judged_until(connection, context, told, points)
    found = forecast(chosen.serving, events, lessons, settings, breadths, told.stories, judged_until, points)
    version = _version(context, chosen, events, lessons.evaluation)
    serving = version.version if chosen.kept is None else chosen.kept.version
    rows = (_row(each, events, row, serving) for row, each in enumerate(found.accounts))
    alerts = [_alert(incident) for incident in found.incidents]
    with write(context.engine) as connection:
        registry.register(connection, version, context.clock.now())
        decide(connection, version.version, chosen, context.clock.now())
        replace_forecasts(connection, context.run.id, (row for row in rows if row))
        noticed = context.config.notices.kinds if context.config.notices.enabled else ()
        remember(connection, context.run.id, told, found.accounts, context.clock.now(), noticed)
        book.settle(connection, "usage", alerts, context.run.id, context.clock.now())
    return Done(len(found.accounts), input_digest=version.training_digest, output_digest=version.artifact)


def _judged_until(connection: Connection, context: Context, told: Told, points: Points) -> date | None:
    """None where another score was selected since: what was no news by the old one may be some by the new."""
    cuts = runs.cuts_before(connection, context.cut)
    same = bool(cuts) and _points(connection, cuts[-1]).anomaly == points.anomaly
    return told.judged_until if same else None


def _points(connection: Connection, cut: datetime) -> Points:
    """From which scores decisions are taken: as selected, else as usual."""
    selected = {name: score_in_force(connection, name, cut) for name in DECISIONS}
    return replace(USUAL, **{name: score for name, score in selected.items() if score is not None})


def _version(
    context: Context, chosen: Chosen, events: UsagePanel, evaluation: Evaluation
) -> registry.NewVersion:
    """The run's own networks; the evaluation is of those that serve."""
    artifact = chosen.own.to_artifact()
    return registry.NewVersion(
        version=f"{TASK}-{context.run.slot.replace(':', '')}-{artifact.digest[:8]}",
        task=TASK,
        run_id=context.run.id,
        artifact=artifact.digest,
        content=artifact.to_bytes(),
        training_digest=digest(events),
        evaluation={
            **asdict(evaluation),
            BEGUN_AT: chosen.begun_at.isoformat(),
            "contest": asdict(chosen.verdict),
        },
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
            "actual": [None if isnan(value) else value for value in _rounded(actual)],
            **{
                name: _rounded(getattr(each, name))
                for name in ("median", "low80", "high80", "low95", "high95")
            },
            "totals80": {
                str(days): [round(total.low, 1), round(total.high, 1)] for days, total in each.totals.items()
            },
            "holidays": _holidays(events.countries[row], start, len(actual) + len(each.median)),
        },
    }


def _rounded(values: Floats) -> list[float]:
    """To a tenth; by numpy, since other writers of the state wait for it."""
    rounded: list[float] = np.round(values.astype(np.float64), 1).tolist()
    return rounded


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
