"""train: a challenger from every label so far, kept with its held-out evaluation."""

import hashlib
from typing import Any

import structlog

from daemon.context import Context, Done
from daemon.events import Event
from daemon.hold_out import quality_where_not_shown
from daemon.labels import heard_until
from daemon.snapshots import label_cuts, open_snapshots
from daemon.state import registry, runs
from daemon.state.engine import read, write
from models.errors import TooFewLabels
from models.maturity.metrics import as_json
from models.maturity.train import Trained, TrainSettings, train
from models.maturity.training_set import TrainingSet, training_set

TASK = "maturity"


def run(context: Context) -> Done:
    """Where there are too few labels nothing is trained: the champion stays, or ratings stay unknown."""
    training = _training_set(context)
    settings = context.config.maturity
    try:
        trained = train(
            training,
            TrainSettings(
                trees=settings.max_trees,
                min_labels_per_class=settings.min_labels_per_class,
                margin=settings.margin,
            ),
            settings.seed,
            settings.threads,
            lambda done, total: context.report(done / total, f"{done} of {total} fits"),
        )
    except TooFewLabels as error:
        structlog.get_logger().info(
            Event.MODEL_DECIDED, task=TASK, version=None, published=False, reason=str(error)
        )
        return Done(len(training.level))
    digest = training_digest(training)
    with write(context.engine) as connection:
        registry.register(connection, _version(context, trained, digest), context.clock.now())
    return Done(len(training.level), input_digest=digest, output_digest=trained.model.to_artifact().digest)


def _training_set(context: Context) -> TrainingSet:
    with read(context.engine) as connection:
        heard = heard_until(connection, context.config.feedback, context.cut)
        run_cuts = runs.cuts_before(connection, context.cut)
    with open_snapshots(context) as snapshots:
        cuts = label_cuts(context.config, heard.labels, context.cut, run_cuts)
        return training_set({cut: snapshots.at(cut) for cut in cuts}, heard.labels)


def _version(context: Context, trained: Trained, digest: str) -> registry.NewVersion:
    artifact = trained.model.to_artifact()
    return registry.NewVersion(
        version=f"{TASK}-{context.run.slot.replace(':', '')}-{artifact.digest[:8]}",
        task=TASK,
        run_id=context.run.id,
        artifact=artifact.digest,
        content=artifact.to_bytes(),
        training_digest=digest,
        evaluation={**trained.evaluation.as_json(), "not_shown": _not_shown(context, trained)},
        held_out=trained.evaluation.held_out.to_bytes(),
    )


def _not_shown(context: Context, trained: Trained) -> dict[str, Any] | None:
    """Metrics on the hold-out's labels alone."""
    share = context.config.maturity.hold_out_share
    metrics = quality_where_not_shown(trained.evaluation.held_out, share)
    return None if metrics is None else dict(as_json(metrics))


def training_digest(training: TrainingSet) -> str:
    """SHA-256 of everything the training saw."""
    seen = hashlib.sha256(training.frame.to_csv().encode())
    for array in (training.level, training.weight, training.at, training.account_id, training.origin):
        seen.update(array.tobytes())
    return seen.hexdigest()
