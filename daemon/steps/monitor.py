"""monitor: inputs, importance and the metric against their own past; what deviates becomes an alert."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection

from daemon.alerts import book
from daemon.alerts.yardstick import yardstick_alerts
from daemon.brake import is_released
from daemon.context import Context, Done
from daemon.snapshots import Snapshots, features_of, open_snapshots
from daemon.state import profiles, registry
from daemon.state.engine import read, write
from models.features.catalogue import Catalogue
from models.maturity.gate import shared_labels
from models.maturity.held_out import HeldOut
from models.monitoring.holidays import holiday_share
from models.monitoring.importance import ImportanceAlarm, importance_alarms
from models.monitoring.input_profile import Profile, profile
from models.monitoring.inputs import InputAlarm, compare, slow_drift, undisturbed
from models.monitoring.metric import MetricDeviation, metric_deviation

TASK = "maturity"
INPUTS = "inputs"
TOLD_FEATURES = 5
"""Features named in the alert of one source; the rest is counted."""
HOLIDAY_SHARE = 0.1
"""Of accounts whose country has a holiday: from so many on, floors are doubled."""


def run(context: Context) -> Done:
    """Everything is kept in the run's profiles, alarm or not: it is the past of the next runs."""
    alerts = _inputs(context)
    with read(context.engine) as connection:
        moved = _importance(connection, context)
        deviation = _metric(connection, context)
        trained = registry.of_run(connection, TASK, context.run.id)
    now = context.clock.now()
    with write(context.engine) as connection:
        book.settle(connection, "inputs", alerts, context.run.id, now)
        book.settle(connection, "importance", _importance_alerts(moved), context.run.id, now)
        if trained is not None:
            book.settle(connection, "yardstick", yardstick_alerts(trained.evaluation), context.run.id, now)
        if deviation is not None:
            profiles.keep(connection, context.run.id, "metric", _plain(deviation))
            found = [_metric_alert(deviation)] if deviation.alarm else []
            book.settle(connection, "metric", found, context.run.id, now)
    return Done(len(alerts) + len(moved))


def _inputs(context: Context) -> list[book.Alert]:
    """Compared with the same time of day: half a day later a source that refreshes daily looks frozen."""
    kind = f"{INPUTS} {context.run.slot[11:16]}"
    features = features_of(context.config)
    with read(context.engine) as connection:
        kept = profiles.before(connection, context.run.id, kind, context.config.monitoring.history_runs)
        released = is_released(connection, context.run.id, context.cut)
    history = [Profile.from_json(each["profile"]) for each in kept]
    with open_snapshots(context) as snapshots:
        previous = snapshots.at(history[-1].as_of) if history else None
        current = profile(snapshots.at(context.cut), features, previous)
        tolerance = _tolerance(context, snapshots) if history else 1.0
    alarms = compare(current, history, features, history[0] if history else current, tolerance=tolerance)
    since = _since(context, alarms, kept[-1].get("since", {}) if kept else {}, released=released)
    usual = undisturbed(current, history[-1], since) if since else current
    with write(context.engine) as connection:
        profiles.keep(connection, context.run.id, kind, {"profile": usual.to_json(), "since": since})
        drifted = _drifted(connection, [*history, usual], features)
        profiles.keep(connection, context.run.id, "drift", {"features": drifted})
    by_source: dict[str, list[InputAlarm]] = {}
    for alarm in alarms:
        by_source.setdefault(alarm.source, []).append(alarm)
    return [_inputs_alert(source, found) for source, found in by_source.items()]


def _since(
    context: Context, alarms: list[InputAlarm], earlier: Mapping[str, str], *, released: bool
) -> dict[str, str]:
    """Features that are off, and since which cut; without those whose values count as usual from here on."""
    if released:
        return {}
    began = {alarm.feature: earlier.get(alarm.feature, context.cut.isoformat()) for alarm in alarms}
    oldest = context.cut - timedelta(days=context.config.monitoring.adopt_days)
    return {feature: cut for feature, cut in began.items() if datetime.fromisoformat(cut) > oldest}


def _tolerance(context: Context, snapshots: Snapshots) -> float:
    """Twice the floors where a public holiday moves many accounts at once."""
    today = context.cut.astimezone(context.config.schedule.schedule().timezone).date()
    return 2.0 if holiday_share(snapshots.countries(context.cut), today) >= HOLIDAY_SHARE else 1.0


def _drifted(connection: Connection, runs: list[Profile], features: Catalogue) -> list[dict[str, Any]]:
    """Slow drift against the accounts as they were when the model in use was trained: for the report."""
    champion = registry.champion(connection, TASK)
    trained = profiles.starting(connection, champion.run_id, INPUTS) if champion else None
    if trained is None:
        return []
    found = slow_drift(runs, features, Profile.from_json(trained["profile"]))
    return [{"feature": each.feature, "measure": each.measure, "value": each.now} for each in found]


def _importance(connection: Connection, context: Context) -> list[ImportanceAlarm]:
    now = profiles.of_run(connection, context.run.id, "importance")
    if now is None:
        return []
    history = profiles.before(
        connection, context.run.id, "importance", context.config.monitoring.history_runs
    )
    return importance_alarms(history, now)


def _metric(connection: Connection, context: Context) -> MetricDeviation | None:
    """This run's training against the model in use before it, on the labels both predicted unseen."""
    ours = registry.of_run(connection, TASK, context.run.id)
    baseline = registry.used_before(connection, TASK, context.run.id)
    if ours is None or baseline is None:
        return None
    now, before = (registry.held_out(connection, each) for each in (ours, baseline))
    pairs = shared_labels(HeldOut.from_bytes(now), HeldOut.from_bytes(before)) if now and before else None
    if pairs is None:
        return None
    level, rating_now, rating_before = pairs
    last = profiles.before(connection, context.run.id, "metric", 1)
    return metric_deviation(
        level,
        rating_before,
        rating_now,
        np.random.default_rng(context.config.maturity.seed),
        suspicious_last_run=bool(last and last[0]["suspicious"]),
    )


def _plain(deviation: MetricDeviation) -> Mapping[str, Any]:
    """As JSON: numpy's scalars are not, and infinity has no place there."""
    return {name: _number(value) for name, value in vars(deviation).items()}


def _number(value: float | bool) -> float | bool | None:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return float(value) if np.isfinite(value) else None


def _inputs_alert(source: str, alarms: list[InputAlarm]) -> book.Alert:
    """Each feature once, with the first of its measures that rang."""
    first = {alarm.feature: alarm for alarm in reversed(alarms)}
    told = "; ".join(
        f"{alarm.feature} ({alarm.measure} {alarm.before:.3g} → {alarm.now:.3g}{alarm.detail and ', '}"
        f"{alarm.detail})"
        for alarm in list(first.values())[: -TOLD_FEATURES - 1 : -1]
    )
    more = f"; and {len(first) - TOLD_FEATURES} more" if len(first) > TOLD_FEATURES else ""
    return book.Alert(
        key=source,
        severity="warning",
        title=f"The data of {source} changed: {len(first)} feature(s)",
        what=told + more,
        cause="a change in the source: a unit, a renamed value, a filter, a partial load",
        held_back="nothing, unless many ratings would change at once: an alert of its own says so",
        to_do=f"look at the newest rows of {source}, and at its query in queries/",
    )


def _importance_alerts(alarms: list[ImportanceAlarm]) -> list[book.Alert]:
    """One for all that moved, since shares sum to 1 and move together; a suspected leak is one of its own."""
    leaks = [alarm for alarm in alarms if alarm.kind == "suspected_leak"]
    rest = sorted(
        (each for each in alarms if each not in leaks), key=lambda each: -abs(each.now - each.before)
    )
    told = [
        book.Alert(
            key=leak.feature,
            severity="warning",
            title=f"{leak.feature} holds over half of all importance",
            what=f"{leak.before:.1%} of the importance before, {leak.now:.1%} in this run",
            cause="it came to hold the label",
            held_back="the new model, by the gate",
            to_do="look at the feature's source; `maturityd model list` shows what the gate said",
        )
        for leak in leaks
    ]
    if not rest:
        return told
    moves = "; ".join(f"{each.feature} {each.before:.1%} → {each.now:.1%}" for each in rest[:TOLD_FEATURES])
    more = f"; and {len(rest) - TOLD_FEATURES} more" if len(rest) > TOLD_FEATURES else ""
    moved = book.Alert(
        key="shares",
        severity="warning",
        title=f"The weights in the ratings changed: {len(rest)} feature(s)",
        what=moves + more,
        cause="a source changed, or a feature came to hold the label",
        held_back="nothing by this alone; the gate decides by itself whether the new model is used",
        to_do="look at the sources of these features; `maturityd model list` shows what the gate said",
    )
    return [*told, moved]


def _metric_alert(deviation: MetricDeviation) -> book.Alert:
    return book.Alert(
        key="macro_f1",
        severity="warning",
        title="Held-out quality fell",
        what=f"macro-F1 {deviation.before:.3f} → {deviation.now:.3f} on the same {deviation.n} labels",
        cause="new labels that disagree with the old ones, or inputs that changed",
        held_back="the gate decides by itself whether the new model is used",
        to_do="look at the labels of the last days and at the alerts on inputs",
    )
