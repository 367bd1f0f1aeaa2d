"""Trains a version again from its record, and holds the result against what was kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from sqlalchemy import Engine, select

from daemon.config import Config
from daemon.errors import VersionError
from daemon.state import registry
from daemon.state.engine import read
from daemon.state.tables import snapshots
from daemon.training import packages, predictions_digest
from daemon.training_sets import read_back
from models.maturity.model import MaturityModel
from models.maturity.train import TrainSettings, train
from models.tables import Snapshot


@dataclass(frozen=True)
class Reproduction:
    """artifact, predictions: digests on record and of the second training; the latter pair is None where
    the run's snapshot is not kept any more. packages: versions then and now, of those that differ."""

    version: str
    artifact: tuple[str, str]
    predictions: tuple[str, str] | None
    packages: Mapping[str, tuple[str | None, str | None]]

    @property
    def equal(self) -> bool:
        """The same model, giving the same predictions bit by bit."""
        pairs = [self.artifact] + ([self.predictions] if self.predictions else [])
        return all(then == now for then, now in pairs)


def reproduce(
    config: Config, engine: Engine, name: str, progress: Callable[[int, int], None] | None = None
) -> Reproduction:
    """Train again what a version was trained from.

    raises: VersionError where there is no such version or no record; LakeError where its training set is
        not kept any more.
    """
    lake = config.path(config.lake.path)
    with read(engine) as connection:
        version = registry.get(connection, name)
    record = version.record
    if record is None:
        raise VersionError(f"{name} has no record of its training: it is a forecast, or older than records")
    training = read_back(engine, lake, version.training_digest)
    try:
        settings = TrainSettings(**record["settings"])
    except TypeError as error:
        raise VersionError(
            f"{name} was trained by a release whose settings this one does not know ({error}); "
            "run that release"
        ) from error
    model = train(training, settings, record["seed"], config.maturity.threads, progress).model
    snapshot = _snapshot(engine, lake, record["snapshot"], model)
    now = packages()
    return Reproduction(
        version=name,
        artifact=(version.artifact, model.to_artifact().digest),
        predictions=(record["predictions"], predictions_digest(model, snapshot)) if snapshot else None,
        packages={
            each: (record["packages"].get(each), now.get(each))
            for each in sorted({*record["packages"], *now})
            if record["packages"].get(each) != now.get(each)
        },
    )


def _snapshot(engine: Engine, lake: Path, digest: str, model: MaturityModel) -> Snapshot | None:
    """The model's columns of a snapshot that is still in the lake."""
    statement = select(snapshots.c.as_of, snapshots.c.path).where(snapshots.c.digest == digest)
    with read(engine) as connection:
        rows = connection.execute(statement).all()
    for as_of, path in rows:
        if (lake / path).is_file():
            frame = pq.read_table(lake / path, columns=["account_id", *model.features]).to_pandas()
            frame = frame.set_index("account_id")
            frame.index = pd.Index(frame.index.tolist(), dtype=object, name="account_id")
            return Snapshot(as_of, frame, digest)
    return None
