"""gate: the challenger takes over, or the champion stays; either way with the reason on record."""

import numpy as np
import pandas as pd
import structlog
from sqlalchemy import Connection

from daemon.champion import maturity_champion, maturity_model
from daemon.context import Context, Done
from daemon.events import Event
from daemon.snapshots import open_snapshots
from daemon.state import profiles, registry
from daemon.state.engine import read, write
from daemon.state.predictions import newest_before
from models.maturity.gate import GateDecision, GateRules, decide
from models.maturity.held_out import HeldOut
from models.maturity.hysteresis import NONE
from models.maturity.model import MaturityModel
from models.monitoring.importance import importance_shares
from models.tables import LEVELS

TASK = "maturity"
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
        model = maturity_model(connection, challenger)
        shares = importance_shares(model.shap_values(frame.head(IMPORTANCE_ACCOUNTS)), model.features)
        decision = _decision(connection, context, challenger, model, frame, shares)
    with write(context.engine) as connection:
        profiles.keep(connection, context.run.id, "importance", shares)
        if decision.publish:
            registry.promote(connection, challenger.version, decision.reason, context.clock.now())
        else:
            registry.reject(connection, challenger.version, decision.reason)
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
    )


def _changed_share(
    connection: Connection, context: Context, challenger: MaturityModel, frame: pd.DataFrame
) -> float | None:
    """Accounts that the challenger rates otherwise than the champion on the same data, if there is one."""
    champion = maturity_champion(connection)
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
