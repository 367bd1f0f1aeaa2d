"""monitor: inputs, importance and the metric against their own past; what deviates becomes an alert."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection

from daemon.alerts import book
from daemon.alerts.yardstick import yardstick_alerts
from daemon.context import Context, Done
from daemon.snapshots import features_of, open_snapshots
from daemon.state import profiles, registry
from daemon.state.engine import read, write
from models.maturity.gate import shared_labels
from models.maturity.held_out import HeldOut
from models.monitoring.importance import ImportanceAlarm, importance_alarms
from models.monitoring.input_profile import Profile, profile
from models.monitoring.inputs import InputAlarm, compare
from models.monitoring.metric import MetricDeviation, metric_deviation

TASK = "maturity"
TOLD_FEATURES = 5
"""Features named in the alert of one source; the rest is counted."""


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
        book.settle(
            connection, "importance", [_importance_alert(each) for each in moved], context.run.id, now
        )
        if trained is not None:
            book.settle(connection, "yardstick", yardstick_alerts(trained.evaluation), context.run.id, now)
        if deviation is not None:
            profiles.keep(connection, context.run.id, "metric", _plain(deviation))
            found = [_metric_alert(deviation)] if deviation.alarm else []
            book.settle(connection, "metric", found, context.run.id, now)
    return Done(len(alerts) + len(moved))


def _inputs(context: Context) -> list[book.Alert]:
    """Compared with the same time of day: half a day later a source that refreshes daily looks frozen."""
    kind = f"inputs {context.run.slot[11:16]}"
    features = features_of(context.config)
    with read(context.engine) as connection:
        kept = profiles.before(connection, context.run.id, kind, context.config.monitoring.history_runs)
    history = [Profile.from_json(each["profile"]) for each in kept]
    with open_snapshots(context) as snapshots:
        previous = snapshots.at(history[-1].as_of) if history else None
        current = profile(snapshots.at(context.cut), features, previous)
    with write(context.engine) as connection:
        profiles.keep(connection, context.run.id, kind, {"profile": current.to_json()})
    alarms = compare(current, history, features, history[0] if history else current)
    by_source: dict[str, list[InputAlarm]] = {}
    for alarm in alarms:
        by_source.setdefault(alarm.source, []).append(alarm)
    return [_inputs_alert(source, found) for source, found in by_source.items()]


def _importance(connection: Connection, context: Context) -> list[ImportanceAlarm]:
    now = profiles.of_run(connection, context.run.id, "importance")
    if now is None:
        return []
    history = profiles.before(
        connection, context.run.id, "importance", context.config.monitoring.history_runs
    )
    return importance_alarms(history, now)


def _metric(connection: Connection, context: Context) -> MetricDeviation | None:
    """This run's training against the last run's, on the labels both have predicted without knowing them."""
    ours = registry.of_run(connection, TASK, context.run.id)
    earlier = [each for each in registry.versions(connection, TASK) if each.run_id < context.run.id]
    if ours is None or not earlier:
        return None
    now, before = (registry.held_out(connection, each) for each in (ours, earlier[0]))
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
    told = "; ".join(
        f"{alarm.feature} ({alarm.measure} {alarm.before:.3g} → {alarm.now:.3g})"
        for alarm in alarms[:TOLD_FEATURES]
    )
    more = f"; and {len(alarms) - TOLD_FEATURES} more" if len(alarms) > TOLD_FEATURES else ""
    return book.Alert(
        key=source,
        severity="warning",
        title=f"The data of {source} changed: {len(alarms)} feature(s)",
        what=told + more,
        cause="a change in the source: a unit, a renamed value, a filter, a partial load",
        held_back="nothing; see whether the ratings that depend on it still make sense",
        to_do=f"look at the newest rows of {source}, and at its query in queries/",
    )


def _importance_alert(alarm: ImportanceAlarm) -> book.Alert:
    return book.Alert(
        key=alarm.feature,
        severity="warning",
        title=f"The weight of {alarm.feature} in the ratings changed",
        what=f"{alarm.kind}: {alarm.before:.1%} of the importance before, {alarm.now:.1%} now",
        cause="its source changed, or it came to hold the label",
        held_back="nothing; a feature over half of all importance is held back by the gate",
        to_do="look at the feature's source; `maturityd model list` shows what the gate said",
    )


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
