"""train: a challenger from every label so far, kept with its held-out evaluation and what made it."""

from dataclasses import asdict
from typing import Any

import structlog

from daemon import training_sets
from daemon.context import Context, Done
from daemon.events import Event
from daemon.hold_out import quality_where_not_shown
from daemon.operating_point import parameters_in_use
from daemon.snapshots import open_snapshots
from daemon.state import operating_points, registry
from daemon.state.engine import read, write
from daemon.training import gather, history_days, parameters_of, record_of, settings_of
from models.errors import TooFewLabels
from models.maturity.metrics import as_json
from models.maturity.train import Trained, train
from models.maturity.training_set import training_digest

TASK = "maturity"


def run(context: Context) -> Done:
    """Where there are too few labels nothing is trained: the champion stays, or ratings stay unknown.

    The training set is written before the version that needs it: a version that is on record can be
    trained again.
    """
    config = context.config
    with read(context.engine) as connection:
        selected = operating_points.in_force(connection, TASK, context.cut)
    parameters = parameters_in_use(parameters_of(config), selected)
    with open_snapshots(context) as snapshots:
        snapshot = snapshots.at(context.cut)
        training = gather(config, context.engine, snapshots, context.cut, history_days(config, parameters))
    settings = settings_of(config, parameters)
    seed = config.maturity.seed
    try:
        trained = train(
            training,
            settings,
            seed,
            config.maturity.threads,
            lambda done, total: context.report(done / total, f"{done} of {total} fits"),
        )
    except TooFewLabels as error:
        structlog.get_logger().info(
            Event.MODEL_DECIDED, task=TASK, version=None, published=False, reason=str(error)
        )
        return Done(len(training.level))
    digest = training_digest(training)
    artifact = trained.model.to_artifact()
    version = registry.NewVersion(
        version=f"{TASK}-{context.run.slot.replace(':', '')}-{artifact.digest[:8]}",
        task=TASK,
        run_id=context.run.id,
        artifact=artifact.digest,
        content=artifact.to_bytes(),
        training_digest=digest,
        evaluation={
            **trained.evaluation.as_json(),
            "not_shown": _not_shown(context, trained),
            "left_out": asdict(training.left_out),
        },
        held_out=trained.evaluation.held_out.to_bytes(),
        record=record_of(parameters, settings, seed, trained.model, snapshot),
    )
    lake = config.path(config.lake.path)
    path = training_sets.write_file(lake, training, digest)
    with write(context.engine) as connection:
        training_sets.keep(connection, lake, path, training, digest)
        registry.register(connection, version, context.clock.now())
    return Done(len(training.level), input_digest=digest, output_digest=artifact.digest)


def _not_shown(context: Context, trained: Trained) -> dict[str, Any] | None:
    """Metrics on the hold-out's labels alone."""
    share = context.config.maturity.hold_out_share
    metrics = quality_where_not_shown(trained.evaluation.held_out, share)
    return None if metrics is None else dict(as_json(metrics))
