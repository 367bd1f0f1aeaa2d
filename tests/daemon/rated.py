"""A small company that experts have rated: a state and a lake in which real models are trained."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from daemon.compose import open_state
from daemon.config import Config, load
from daemon.context import Context
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import read, write
from daemon.state.tables import expert_ratings
from models.tables import LEVELS
from tests.conftest import StillClock
from tests.daemon.cli.conftest import CONFIG
from tests.daemon.lake.conftest import World, account, usage

ACCOUNTS, DAYS = 150, 150
FIRST_CYCLE = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
STEPS = ("snapshot", "train", "gate", "score")

SETTINGS = """
[maturity]
min_labels_per_class = 15
max_trees = 120
training_every_days = 60
min_history_days = 1
min_evidence = 1
threads = 1

[maturity.grid]
cuts = 2
every_days = 60
depth = [2]
l2_leaf_reg = [6.0]
rsm = [0.7]
"""


@dataclass(frozen=True)
class Rated:
    """A folder with config.toml, state and lake."""

    folder: Path
    config: Config
    engine: Engine

    @classmethod
    def at(cls, folder: Path) -> "Rated":
        """What is in a folder."""
        config = load(folder / "config.toml")
        return cls(folder, config, open_state(config))

    def copy(self, folder: Path) -> "Rated":
        """The same in another folder."""
        self.engine.dispose()
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Rated.at(folder)

    def cycle(self, at: datetime = FIRST_CYCLE, steps: Sequence[str] = STEPS) -> int:
        """The steps that make ratings, in a run with this cut; the run's id."""
        context = self.context(at)
        for step in steps:
            import_module(f"daemon.steps.{step}").run(context)
        with write(self.engine) as connection:  # as if these ratings had gone on to the CRM
            runs.start_step(connection, context.run.id, "plan", at)
            runs.end_step(connection, context.run.id, "plan", at, {"state": "done"})
        return context.run.id

    def context(self, at: datetime) -> Context:
        """A run with this cut, claimed."""
        slot = Slot(f"{at:%Y-%m-%dT%H:%M}", at)
        with write(self.engine) as connection:
            runs.set_cut(connection, runs.claim(connection, slot, 1, at).id, at)
        with read(self.engine) as connection:
            run = runs.find(connection, slot.name)
        assert run is not None
        return Context(self.config, self.engine, StillClock(at), run, lambda *_: None)


def rated_company(folder: Path) -> Rated:
    """Accounts whose usage tells their level, all but for noise; each rated once by an expert."""
    source = 'kind = "csv_usage"\npath = "usage.csv"\nidentity = { tenant = "tenant" }'
    settings = CONFIG.replace("sources.usage", "sources.s").replace(source, 'kind = "crm_records"')
    (folder / "config.toml").write_text(settings + SETTINGS, encoding="utf-8")
    for name in ("key", "sync_secret", "admin_secret"):
        (folder / name).write_text(name, encoding="utf-8")
    rated = Rated.at(folder)
    world = World(rated.engine, rated.config.path(rated.config.lake.path))
    chance = np.random.default_rng(0)
    truth = chance.normal(size=ACCOUNTS)
    level = np.digitize(truth + chance.normal(scale=0.35, size=ACCOUNTS), [-0.4, 0.6])
    names = [f"A{number:03}" for number in range(ACCOUNTS)]
    world.land("accounts", *(account(name, stamp="2025-01-01", tenant=name) for name in names))
    days = [FIRST_CYCLE.date() - timedelta(days=DAYS - day) for day in range(DAYS)]
    world.land(
        "usage_daily",
        *(
            usage(
                name,
                f"{day}",
                float(chance.poisson(np.exp(3 + truth[number]))),
                known_at=datetime.combine(day + timedelta(days=1), time(2), UTC),
                users=float(chance.poisson(np.exp(1 + truth[number]))),
            )
            for number, name in enumerate(names)
            for day in days
        ),
        now=FIRST_CYCLE,
    )
    with write(rated.engine) as connection:
        connection.execute(
            expert_ratings.insert(),
            [
                {
                    "event_id": name,
                    "account_id": f"{name:0<18}",
                    "level": LEVELS[level[number]].capitalize(),
                    "at": FIRST_CYCLE - timedelta(days=int(chance.integers(1, 100))),
                    "landed_at": FIRST_CYCLE,
                }
                for number, name in enumerate(names)
            ],
        )
    return rated
