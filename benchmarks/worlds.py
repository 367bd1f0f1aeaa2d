"""The demo's worlds as the models meet them: pulled through the real sources, with the truth beside."""

import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pandas as pd
import structlog
from numpy.typing import NDArray

from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import Config, load
from daemon.cycle import run_slot
from daemon.labels import heard_until
from daemon.lease import lease
from daemon.progress import LoggedSteps
from daemon.snapshots import label_cuts, snapshots_over
from daemon.state import runs
from daemon.state.engine import read
from demo.stage import Stage, staged
from demo.world import World, generate
from demo.world.records import Rule
from models.maturity.boosting import Boosting, BoostSettings
from models.maturity.examples import Examples
from models.maturity.train import catboost_learner
from models.maturity.training_set import TrainingSet
from models.tables import Label, Snapshot

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TODAY = date(2026, 11, 22)
SLOT = time(6, 30)
STEPS = ("pull", "check", "snapshot", "label")
DONE = "pulled"

TREES = BoostSettings(trees=150, members=3)
"""Less than in a cycle, for speed."""


@dataclass(frozen=True)
class Played:
    """A world up to its first training.

    snapshots: those that the experts' labels need, and the newest, by their cuts. labels: the experts'.
    truth: the latent level of every account on the last day, index into LEVELS.
    """

    world: World
    config: Config
    snapshots: Mapping[datetime, Snapshot]
    labels: tuple[Label, ...]
    truth: Mapping[str, int]

    @property
    def newest(self) -> Snapshot:
        """The snapshot that is scored."""
        return self.snapshots[max(self.snapshots)]


def played(folder: Path, rule: Rule, seed: int, accounts: int = 600) -> Played:
    """Make up a world, serve its org, pull everything; what is in the folder already is read again."""
    world = generate(seed, TODAY, rule, accounts)
    place = folder / f"{rule}-{seed}-{accounts}"
    config_path = place / "config.toml"
    if not (place / DONE).exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        port = _free_port()
        config_path.write_text(_config(port), encoding="utf-8")
        with staged(world, place, config_path, "http://127.0.0.1:9/", port, time(3)) as stage:
            _pull(stage)
        (place / DONE).touch()
    return _read(world, load(config_path))


def _config(port: int) -> str:
    """The shipped config.toml, its paths in its own folder, its org at this port."""
    text = Path("config.toml").read_text(encoding="utf-8").replace("var/demo/", "")
    text = text.replace("127.0.0.1:8443", f"127.0.0.1:{port}")
    return text.replace('query = "queries', f'query = "{Path("queries").resolve()}')


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _pull(stage: Stage) -> None:
    slot = stage.slot(SLOT)
    stage.clock.move_to(slot.due_at)
    stage.apply_org(stage.plan_org())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with lease(stage.engine(), stage.clock) as engine:
        if engine is None:
            raise RuntimeError(f"another process plays in {stage.folder}")
        run = run_slot(stage.config, engine, stage.clock, slot, LoggedSteps(), STEPS)
    if run.state != "done":
        raise RuntimeError(f"the world could not be pulled: {run.reason}")


def _read(world: World, config: Config) -> Played:
    engine, clock = open_state(config), SystemClock()
    with read(engine) as connection:
        (run,) = runs.newest(connection)
        if run.cut is None:
            raise RuntimeError(f"{engine.url} was left half-way; remove it")
        labels = heard_until(connection, config.feedback, run.cut).labels
    with snapshots_over(config, engine, clock) as snapshots:
        found = {cut: snapshots.at(cut) for cut in label_cuts(config, labels, run.cut, [])}
    truth = {each.account_id: each.levels[-1] for each in world.truths}
    return Played(world, config, found, labels, truth)


def rated(training: TrainingSet, frame: pd.DataFrame, seed: int) -> tuple[Floats, Ints]:
    """Probabilities (n, levels) and ratings (n,) of a frame's accounts by a model of these labels."""
    learned, asked = len(training.level), len(frame)
    known = training.examples
    examples = Examples(
        frame=pd.concat([known.frame, frame[list(known.frame)]], ignore_index=True),
        level=np.concatenate([known.level, np.zeros(asked, dtype=np.int64)]),
        weight=np.concatenate([known.weight, np.ones(asked)]),
        group=np.concatenate([known.group, frame.index.to_numpy(dtype=np.str_)]),
        judged=np.concatenate([known.judged, np.zeros(asked, dtype=bool)]),
        classes=known.classes,
        ordered=known.ordered,
    )
    learn = catboost_learner(examples, Boosting(examples, TREES, seed, threads=1))
    return learn(np.arange(learned), np.arange(learned, learned + asked))
