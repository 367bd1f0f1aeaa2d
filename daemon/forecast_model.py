"""Which networks serve a run: those in use, or new ones that are not worse; either way with the reason."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import structlog
from sqlalchemy import Connection

from daemon.champion import artifact_of
from daemon.context import Context
from daemon.events import Event
from daemon.state import registry
from daemon.state.engine import read
from models.errors import ArtifactError
from models.forecast import Contest, ForecastModel, ForecastSettings, UsagePanel, contest, fit

TASK = "forecast"
BEGUN_AT = "begun_at"
"""In a version's evaluation: when its networks began from scratch."""
IN_USE = "Usage is what the model in use learned from."


@dataclass(frozen=True, eq=False)
class Chosen:
    """The run's own networks, and those that serve it.

    begun_at: when the run's own began from scratch. kept: the version that stays in use, None where the run's
        own take over.
    """

    own: ForecastModel
    begun_at: datetime
    serving: ForecastModel
    kept: registry.Version | None
    verdict: Contest


def choose(context: Context, events: UsagePanel, settings: ForecastSettings) -> Chosen:
    """Train where there is news, and let the networks in use and the new ones compete.

    Where usage is what the champion learned from, it is the champion: no news changes no forecast. Else
    networks train on from the champion while it is young, or start from the prior.
    """
    table = context.config.forecast
    now = context.clock.now()
    with read(context.engine) as connection:
        version = registry.champion(connection, TASK)
        champion = None if version is None else _networks(connection, version)
    if champion is None or version is None:
        own = fit(events, settings, table.seed, None, _training(context))
        return Chosen(own, now, own, None, contest(None, own, events, settings, table.seed))
    begun_at = datetime.fromisoformat(version.evaluation[BEGUN_AT])
    if version.training_digest == digest(events):
        return Chosen(champion, begun_at, champion, None, Contest(True, IN_USE))
    old = now - begun_at >= timedelta(hours=table.retrain_every_h)
    own = fit(events, settings, table.seed, None if old else champion, _training(context))
    begun_at = now if old else begun_at
    verdict = contest(champion, own, events, settings, table.seed)
    if verdict.publish:
        return Chosen(own, begun_at, own, None, verdict)
    return Chosen(own, begun_at, champion, version, verdict)


def decide(connection: Connection, version: str, chosen: Chosen, now: datetime) -> None:
    """Put on record what the contest said, and make the run's version the champion unless it lost."""
    if chosen.kept is None:
        registry.promote(connection, version, chosen.verdict.reason, now)
    else:
        registry.reject(connection, version, chosen.verdict.reason)
    structlog.get_logger().info(
        Event.MODEL_DECIDED,
        task=TASK,
        version=version,
        published=chosen.kept is None,
        reason=chosen.verdict.reason,
    )


def digest(events: UsagePanel) -> str:
    """SHA-256 of everything that networks learn from."""
    seen = hashlib.sha256(np.ascontiguousarray(events.values).data)
    seen.update(repr((events.start, events.account_ids, events.countries)).encode())
    return seen.hexdigest()


def _networks(connection: Connection, version: registry.Version) -> ForecastModel | None:
    """Those of a version; None where another release wrote them: then new ones are trained."""
    artifact = artifact_of(connection, version)
    try:
        return ForecastModel.from_artifact(artifact)
    except ArtifactError as error:
        structlog.get_logger().warning(Event.MODEL_UNREADABLE, version=version.version, reason=str(error))
        return None


def _training(context: Context) -> Callable[[int, int], None]:
    return lambda done, total: context.report(0.6 * done / total, "training")
