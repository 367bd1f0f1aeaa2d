"""Runs that scored and explained accounts, put into a state and a lake by hand, with real models."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from catboost import CatBoostClassifier, Pool
from sqlalchemy import Engine, insert

from daemon.shifts import attributed
from daemon.slots import Slot
from daemon.state import registry, runs
from daemon.state.engine import write
from daemon.state.predictions import replace_predictions
from daemon.state.tables import outbox, snapshots, steps
from models.features.snapshot import digest
from models.maturity.model import MaturityModel, prepared

ACCOUNTS = tuple(f"001{number:012}AAA" for number in range(60))


def figures(seed: int = 0, **columns: float) -> pd.DataFrame:
    """Made-up figures of every account; those named are the same for all."""
    rng = np.random.default_rng(seed)
    index = pd.Index(ACCOUNTS, dtype=object, name="account_id")
    regions = rng.choice(np.array(["North", "South"], dtype=object), len(index))
    frame = pd.DataFrame(
        {
            "webinars_90d": rng.poisson(3, len(index)).astype(float),
            "contacts": rng.poisson(5, len(index)).astype(float),
            "region": pd.Series(regions, index, dtype=object),
        },
        index=index,
    )
    return frame.assign(**columns)


def trained(frame: pd.DataFrame, seed: int = 0) -> MaturityModel:
    """A small model to which webinars and contacts are maturity."""
    levels = np.digitize(frame.webinars_90d + frame.contacts, (6, 9))
    categories = {"region": ("North", "South")}
    names = tuple(frame.columns)
    table = prepared(frame, names, categories)
    trees = CatBoostClassifier(
        iterations=15, depth=3, thread_count=1, verbose=0, allow_writing_files=False, random_seed=seed
    ).fit(Pool(table, levels, cat_features=["region"]))
    return MaturityModel(names, categories, (0.6, 1.4), 0.0, 1.0, (trees._serialize_model(),))


@dataclass(frozen=True)
class Past:
    """A state and a lake."""

    engine: Engine
    lake: Path

    def version(self, name: str, model: MaturityModel, run_id: int, at: datetime) -> None:
        """Keep a model."""
        artifact = model.to_artifact()
        new = registry.NewVersion(
            name, "maturity", run_id, artifact.digest, artifact.to_bytes(), "", {}, None
        )
        with write(self.engine) as connection:
            registry.register(connection, new, at)

    def run(self, at: datetime) -> int:
        """Claim a run whose cut is this instant."""
        with write(self.engine) as connection:
            run = runs.claim(connection, Slot(f"{at:%Y-%m-%dT%H:%M}", at), 1, at)
            runs.set_cut(connection, run.id, at)
        return run.id

    def scored(
        self,
        run_id: int,
        at: datetime,
        frame: pd.DataFrame,
        version: str,
        model: MaturityModel,
        *,
        status: str = "scored",
        state: str = "acked",
    ) -> pd.DataFrame:
        """A run's table, its predictions, and the changes it sent. The scores, start and points."""
        self._keep(run_id, at, frame)
        found = attributed(model, frame)
        scores, levels = model.score(frame), model.ratings(model.expected_level(frame)).level
        rows = [
            {
                "account_id": account,
                "status": status,
                "status_reason": "",
                "data_as_of": at,
                "model_version": version,
                "rating": ("low", "medium", "high")[levels[i]],
                "score": float(scores[i]),
                "start": float(found.start[i]) * 50,
                "attributions": (found.values[i] * 50).astype("<f4").tobytes(),
                "reasons": [],
                "reasons_plain": "Medium maturity.",
                "upsell": "none",
                "upsell_reason": "The Team tier already fits.",
            }
            for i, account in enumerate(frame.index)
        ]
        sent = [
            {
                "object": "Account",
                "record": account,
                "account_id": account,
                "gen": run_id,
                "values": {},
                "state": state,
                "attempts": 1,
                "created_at": at,
                "updated_at": at,
            }
            for account in frame.index
        ]
        with write(self.engine) as connection:
            replace_predictions(connection, run_id, rows)
            connection.execute(insert(outbox), sent)
        return pd.DataFrame({"score": scores}, index=frame.index)

    def _keep(self, run_id: int, at: datetime, frame: pd.DataFrame) -> None:
        path = Path("snapshots") / f"{run_id}.parquet"
        (self.lake / path).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(frame.reset_index()), self.lake / path)
        kept = {
            "as_of": at,
            "source_digest": str(run_id),
            "digest": digest(at, frame),
            "path": path.as_posix(),
            "accounts": len(frame),
            "built_at": at,
        }
        done = {
            "run_id": run_id,
            "step": "snapshot",
            "state": "done",
            "started_at": at,
            "attempts": 1,
            "output_digest": kept["digest"],
        }
        with write(self.engine) as connection:
            connection.execute(insert(snapshots), [kept])
            connection.execute(insert(steps), [done])
