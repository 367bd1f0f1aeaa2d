"""How long `select maturity` works: `python -m benchmarks.select [cells labels accounts]`.

Made-up held-out predictions of a grid, and the last run's probabilities of every account, in a SQLite state.
Printed are seconds by part, without the start of the program.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from daemon import selection
from daemon.slots import Slot
from daemon.state import grid, registry, runs
from daemon.state.engine import connect, read, write
from daemon.state.schema import migrate
from daemon.state.tables import predictions, steps
from models.artifact import Artifact, json_bytes
from models.maturity.goal_cuts import Goal
from models.maturity.held_out import HeldOut
from models.tables import LEVELS

SEED = 0
NOW = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
CUTS = 4


def main(cells: int, labels: int, accounts: int) -> None:
    """Fill a state, select from it, print seconds."""
    rng = np.random.default_rng(SEED)
    truth = rng.normal(size=labels)
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'state.db'}")
        migrate(engine)
        _run(engine, rng, truth, accounts)
        with write(engine) as connection:
            for number in range(cells):
                cell = grid.Cell(
                    f"{number}",
                    NOW - timedelta(days=30 * (number % CUTS)),
                    "",
                    {"depth": number // CUTS},
                    {},
                    1.0,
                    NOW,
                )
                grid.keep(connection, cell, held_out(truth, rng))
        began, used = time.perf_counter(), time.process_time()
        with read(engine) as connection:
            found = selection.find(connection, Goal("recall", 2, precision=0.8), SEED)
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
        engine.dispose()
        size = (Path(folder) / "state.db").stat().st_size
    print(f"{cells} cells of {labels} held-out labels, {accounts} accounts, state of {size / 1e6:.1f} MB")
    print(f"  select             {seconds:.2f} s, {cpu:.2f} s of the CPU")
    print(f"  configurations     {len(found.selection.choices)}, {len(found.moves)} accounts would move")


def held_out(truth: np.ndarray, rng: np.random.Generator) -> HeldOut:
    """Predictions that see the truth through noise."""
    level = np.digitize(truth, [-0.3, 0.8])
    scores = (truth + rng.normal(scale=0.6, size=len(truth)))[:, None] * np.array([-2.0, 0.0, 2.0])
    scores += np.array([-0.6, 0.0, -1.6])
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return HeldOut(
        account_id=np.array([f"001{number:015}" for number in range(len(truth))]),
        at=np.datetime64("2025-01-01", "us") + np.arange(len(truth)) * np.timedelta64(1, "h"),
        level=level,
        rating=shares.argmax(axis=1),
        probabilities=np.rint(shares * 65535).astype(np.uint16),
    )


def _run(engine: Engine, rng: np.random.Generator, truth: np.ndarray, accounts: int) -> None:
    """A run whose model rated every account, planned."""
    artifact = Artifact({"maturity.json": json_bytes({"cuts": [0.7, 1.4], "margin": 0.08})})
    shares = rng.dirichlet(np.ones(3), accounts)
    with write(engine) as connection:
        run = runs.claim(connection, Slot("2026-03-02T06:30", NOW), 1, NOW)
        version = registry.NewVersion(
            "maturity-1",
            "maturity",
            run.id,
            artifact.digest,
            artifact.to_bytes(),
            "",
            {},
            held_out(truth, rng).to_bytes(),
            {"parameters": {"depth": 0}},
        )
        registry.register(connection, version, NOW)
        registry.promote(connection, version.version, "better", NOW)
        connection.execute(
            steps.insert(),
            [{"run_id": run.id, "step": "plan", "state": "done", "started_at": NOW, "attempts": 1}],
        )
        connection.execute(
            predictions.insert(),
            [
                {
                    "run_id": run.id,
                    "account_id": f"001{number:015}",
                    "status": "scored",
                    "status_reason": "",
                    "data_as_of": NOW,
                    "model_version": version.version,
                    "rating": LEVELS[int(share.argmax())],
                    "score": float(50 * (share[1] + 2 * share[2])),
                    "p_low": float(share[0]),
                    "p_medium": float(share[1]),
                    "p_high": float(share[2]),
                }
                for number, share in enumerate(shares)
            ],
        )


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:] or ("100", "1800", "10000")))
