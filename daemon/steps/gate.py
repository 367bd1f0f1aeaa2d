"""gate: the challenger takes over, or the champion stays; either way with the reason on record."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import structlog
from sqlalchemy import Connection

from daemon.alerts import book
from daemon.champion import maturity_champion, served_model
from daemon.context import Context, Done
from daemon.events import Event
from daemon.operating_point import choice_for, choice_in_words
from daemon.snapshots import open_snapshots
from daemon.state import profiles, promotions, registry
from daemon.state.engine import read, write
from daemon.state.predictions import newest_before
from daemon.state.promotions import Promotion
from models.maturity.gate import GateDecision, GateRules, decide
from models.maturity.held_out import HeldOut
from models.maturity.hysteresis import NONE
from models.maturity.model import MaturityModel
from models.monitoring.importance import importance_shares
from models.tables import LEVELS

TASK = "maturity"
MANY_REJECTIONS = 6
"""An equal challenger is held back in some half of the runs with 1,000 labels: one rejection is no news."""

IMPORTANCE_ACCOUNTS = 2_000
"""Shares of importance are steady from so many accounts on."""


def run(context: Context) -> Done:
    """Nothing was trained, nothing is decided."""
    with open_snapshots(context) as snapshots:
        frame = snapshots.at(context.cut).frame
    with read(context.engine) as connection:
        challenger = registry.of_run(connection, TASK, context.run.id)
        if challenger is None or challenger.state != "challenger":
            return Done(0)
        model = served_model(connection, challenger, context.cut)
        shares = importance_shares(model.shap_values(frame.head(IMPORTANCE_ACCOUNTS)), model.features)
        decision = _decision(connection, context, challenger, model, frame, shares)
        point = _operating_point(connection, context, challenger, model)
    now = context.clock.now()
    with write(context.engine) as connection:
        profiles.keep(connection, context.run.id, "importance", shares)
        registry.keep_decision(connection, challenger.version, asdict(decision) | {"operating_point": point})
        if decision.publish:
            registry.promote(connection, challenger.version, decision.reason, now)
        else:
            registry.reject(connection, challenger.version, decision.reason)
        book.settle(connection, "gate", _alerts(connection, decision), context.run.id, now)
    structlog.get_logger().info(
        Event.MODEL_DECIDED,
        task=TASK,
        version=challenger.version,
        published=decision.publish,
        reason=decision.reason,
    )
    return Done(1)


def _decision(
    connection: Connection,
    context: Context,
    challenger: registry.Version,
    model: MaturityModel,
    frame: pd.DataFrame,
    shares: dict[str, float],
) -> GateDecision:
    settings = context.config.maturity
    champion = registry.champion(connection, TASK)
    stored = registry.held_out(connection, champion) if champion else None
    ours = registry.held_out(connection, challenger)
    if ours is None:
        raise LookupError(f"{challenger.version} left no held-out predictions")
    return decide(
        HeldOut.from_bytes(ours),
        HeldOut.from_bytes(stored) if stored else None,
        shares,
        _changed_share(connection, context, model, frame),
        settings.seed,
        GateRules(mass_change=settings.max_mass_change_share),
        pinned=_pinned(connection) is not None,
    )


def _operating_point(
    connection: Connection, context: Context, challenger: registry.Version, model: MaturityModel
) -> dict[str, Any]:
    """The cut points that the challenger would serve with, and what they are worth for the goal in force."""
    found = choice_for(connection, challenger, context.cut)
    words = choice_in_words(*found) if found else "No goal is selected; the level cut serves."
    return {"cuts": list(model.cuts), "goal": asdict(found[0]) if found else None, "words": words}


def _pinned(connection: Connection) -> Promotion | None:
    """How the champion was put there, if a person did."""
    newest = promotions.newest(connection, TASK)
    return newest if newest and newest.pinned else None


def _alerts(connection: Connection, decision: GateDecision) -> list[book.Alert]:
    """One challenger that is held back is normal, many in a row are not."""
    count = registry.rejections(connection, TASK)
    if count < MANY_REJECTIONS:
        return []
    champion, pinned = registry.champion(connection, TASK), _pinned(connection)
    cause = "inputs or labels that changed, or a model in use that was luckier than it is good"
    if champion is None:
        cause = "too few labels, labels that contradict each other, or nothing in the data that tells levels"
    to_do = "see `maturityd model list` and the alerts on inputs"
    if pinned:
        cause = f"{pinned.by} put {pinned.version} there on {pinned.at:%Y-%m-%d} ({pinned.reason})"
        to_do = "maturityd model unpin, once the reason is gone"
    return [
        book.Alert(
            key="rejections",
            severity="warning",
            title="No new maturity model has been good enough for a while",
            what=f"{count} in a row were held back. The last: {decision.reason}",
            cause=cause,
            held_back=f"new models; {champion.version} stays in use" if champion else "all ratings",
            to_do=to_do,
        )
    ]


def _changed_share(
    connection: Connection, context: Context, challenger: MaturityModel, frame: pd.DataFrame
) -> float | None:
    """Accounts that the challenger rates otherwise than the champion on the same data, if there is one."""
    champion = maturity_champion(connection, context.cut)
    if champion is None:
        return None
    before = newest_before(connection, context.run.id)
    last = np.array(
        [
            LEVELS.index(row["rating"]) if (row := before.get(account)) and row["rating"] in LEVELS else NONE
            for account in frame.index
        ]
    )
    now = challenger.ratings(challenger.expected_level(frame), last).level
    then = champion[1].ratings(champion[1].expected_level(frame), last).level
    return float(np.mean(now != then))
