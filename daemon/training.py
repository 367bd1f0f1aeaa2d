"""Training at a cut: what goes in, under which parameters, and what it takes to do it again."""

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import Engine

from daemon.config import Config
from daemon.labels import heard_until
from daemon.snapshots import Snapshots, label_cuts
from daemon.state import runs
from daemon.state.engine import read
from daemon.state.operating_points import Parameters
from models.maturity.model import MaturityModel
from models.maturity.train import TrainSettings
from models.maturity.training_set import TrainingSet, training_set
from models.tables import Snapshot

PACKAGES = ("catboost", "numpy", "pandas", "scipy")
"""Whose versions may change what a training gives."""

OURS = {"max_trees": "trees"}
"""Parameters that `TrainSettings` has under another name; `training_history_days` it has not."""


def parameters_of(config: Config) -> Parameters:
    """All parameters, by config.toml, with the defaults of those that it has no key for."""
    defaults = TrainSettings()
    return {
        "max_trees": config.maturity.max_trees,
        "training_history_days": config.maturity.training_history_days,
        "learning_rate": defaults.learning_rate,
        "depth": defaults.depth,
        "l2_leaf_reg": defaults.l2_leaf_reg,
        "rsm": defaults.rsm,
        "max_ctr_complexity": defaults.max_ctr_complexity,
    }


def settings_of(config: Config, parameters: Parameters) -> TrainSettings:
    """What `train` takes."""
    base = TrainSettings(
        min_labels_per_class=config.maturity.min_labels_per_class, margin=config.maturity.margin
    )
    changed = {OURS.get(name, name): value for name, value in parameters.items()}
    changed.pop("training_history_days", None)
    return replace(base, **changed)  # type: ignore[arg-type] # whole numbers stay whole through JSON


def history_days(config: Config, parameters: Parameters) -> int:
    """How far back labels are taken from."""
    return int(parameters["training_history_days"] or config.maturity.training_history_days)


def gather(
    config: Config, engine: Engine, snapshots: Snapshots, cut: datetime, history_days: int
) -> TrainingSet:
    """Every label heard until the cut beside the features of its instant.

    history_days: older labels are left out.
    """
    with read(engine) as connection:
        heard = heard_until(connection, config.feedback, cut)
        run_cuts = runs.cuts_before(connection, cut)
    cuts = label_cuts(config, heard.labels, cut, run_cuts, history_days)
    oldest = cut - timedelta(days=history_days)
    return training_set(_AtCuts(snapshots, cuts), [label for label in heard.labels if label.at >= oldest])


class _AtCuts(Mapping[datetime, Snapshot]):
    """Snapshots by their cuts, each read when it is asked for: a year of runs does not fit into memory."""

    def __init__(self, snapshots: Snapshots, cuts: Sequence[datetime]) -> None:
        self._snapshots = snapshots
        self._cuts = cuts

    def __getitem__(self, cut: datetime) -> Snapshot:
        return self._snapshots.at(cut)

    def __iter__(self) -> Iterator[datetime]:
        return iter(self._cuts)

    def __len__(self) -> int:
        return len(self._cuts)


def predictions_digest(model: MaturityModel, snapshot: Snapshot) -> str:
    """SHA-256 of the probabilities that a model gives the accounts of a snapshot, bit by bit."""
    seen = hashlib.sha256("\n".join(snapshot.frame.index).encode())
    seen.update(model.probabilities(snapshot.frame).astype("<f8").tobytes())
    return seen.hexdigest()


def record_of(
    parameters: Parameters,
    settings: TrainSettings,
    seed: int,
    model: MaturityModel,
    snapshot: Snapshot,
) -> dict[str, Any]:
    """What it takes, beside the training set, to train a version again and to prove that it is the same."""
    return {
        "parameters": dict(parameters),
        "settings": asdict(settings),
        "seed": seed,
        "snapshot": snapshot.digest,
        "predictions": predictions_digest(model, snapshot),
        "packages": packages(),
    }


def packages() -> dict[str, str]:
    """Versions of what trains."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
