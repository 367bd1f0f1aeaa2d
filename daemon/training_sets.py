"""Training sets kept in the lake as they were, so that a version can be trained again; old ones go."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine

from daemon.errors import LakeError
from daemon.lake.durable import write_table
from daemon.state import training_sets
from daemon.state.engine import read, write
from models.maturity.training_set import LeftOut, TrainingSet, training_digest

FOLDER = "training"
ABOUT = b"maturityd"
"""Key of the file's own metadata: what is no column."""

LABEL = "label:"
"""Before the names of the columns that are no feature."""


def write_file(lake: Path, training: TrainingSet, digest: str) -> Path:
    """Write a training set under its digest, whole or not at all; the path is relative to the lake."""
    path = Path(FOLDER) / f"{digest}.parquet"
    write_table(lake / path, _table(training))
    return path


def keep(connection: Connection, lake: Path, path: Path, training: TrainingSet, digest: str) -> None:
    """List a written file in the state."""
    size = (lake / path).stat().st_size
    training_sets.note(connection, digest, path.as_posix(), len(training.level), size)


def read_back(engine: Engine, lake: Path, digest: str) -> TrainingSet:
    """The training set of a digest, as it was.

    raises: LakeError where it is not kept any more, or the file holds something else.
    """
    with read(engine) as connection:
        path = training_sets.path_of(connection, digest)
    if path is None:
        raise LakeError(f"the training set {digest[:12]} is not kept; see [maturity] reproducible_days")
    try:
        table = pq.read_table(lake / path)
    except (OSError, pa.ArrowException) as error:
        raise LakeError(f"the training set {lake / path} cannot be read ({error})") from error
    training = _training(table)
    found = training_digest(training)
    if found != digest:
        raise LakeError(
            f"{lake / path} is not the training set that was written (digest {found[:12]}, not "
            f"{digest[:12]}); restore it from the backup"
        )
    return training


def prune(engine: Engine, lake: Path, now: datetime, keep_days: int) -> int:
    """Remove the sets that only versions older than so many days were trained from; how many.

    A champion's is never removed. The file goes first: a row without its file is tried again, a file
    without its row would stay for ever.
    """
    with read(engine) as connection:
        paths = training_sets.outdated(connection, now - timedelta(days=keep_days))
    for path in paths:
        (lake / path).unlink(missing_ok=True)
    if paths:
        with write(engine) as connection:
            training_sets.forget(connection, paths)
    return len(paths)


def _table(training: TrainingSet) -> pa.Table:
    labels = pd.DataFrame(
        {
            f"{LABEL}account_id": training.account_id.astype(object),
            f"{LABEL}at": training.at,
            f"{LABEL}origin": training.origin.astype(object),
            f"{LABEL}level": training.level,
            f"{LABEL}weight": training.weight,
        }
    )
    table = pa.Table.from_pandas(pd.concat([labels, training.frame], axis=1), preserve_index=False)
    about = {"levels": training.levels, "left_out": asdict(training.left_out)}
    return table.replace_schema_metadata({ABOUT: json.dumps(about).encode()})


def _training(table: pa.Table) -> TrainingSet:
    about = json.loads(table.schema.metadata[ABOUT])
    features = {name: _column(table, name) for name in table.column_names if not name.startswith(LABEL)}
    labels = {name: table[f"{LABEL}{name}"].to_numpy() for name in ("at", "level", "weight")}
    texts = {name: table[f"{LABEL}{name}"].to_pylist() for name in ("account_id", "origin")}
    return TrainingSet(
        frame=pd.DataFrame(features),
        level=labels["level"].astype(np.int64),
        weight=labels["weight"].astype(np.float64),
        account_id=np.array(texts["account_id"], dtype=np.str_),
        at=labels["at"].astype("datetime64[us]"),
        origin=np.array(texts["origin"], dtype=np.str_),
        left_out=LeftOut(**about["left_out"]),
        levels=tuple(about["levels"]),
    )


def _column(table: pa.Table, name: str) -> "pd.Series[float] | pd.Series[str]":
    """In the types of a snapshot: categories as objects with None, numbers as floats with NaN."""
    if pa.types.is_floating(table.schema.field(name).type):
        return pd.Series(table[name].to_numpy(), dtype="float64")
    return pd.Series(table[name].to_pylist(), dtype=object)
