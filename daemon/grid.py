"""The grid: parameters by cuts, one training each; every cell is kept as soon as it is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from daemon.clock import Clock, Stopwatch
from daemon.config import Config
from daemon.grids import earlier_cuts, key_of, newest_cut, time_left
from daemon.operating_point import TASK, parameters_in_use
from daemon.parameters import combinations
from daemon.progress import Report
from daemon.snapshots import Snapshots
from daemon.state import grid, operating_points
from daemon.state.engine import read, write
from daemon.state.operating_points import Parameters
from daemon.training import gather, history_days, packages, parameters_of, settings_of
from models.errors import TooFewLabels
from models.maturity.metrics import as_json
from models.maturity.train import train
from models.maturity.training_set import TrainingSet, training_digest


@dataclass(frozen=True)
class GridRun:
    """keys: of all cells of this grid, in order. computed: how many of them were not there before.
    skipped: cuts, and the days of history, that have too few labels, with the reason."""

    keys: tuple[str, ...]
    computed: int
    skipped: Mapping[tuple[datetime, int], str]


@dataclass(frozen=True)
class _Training:
    """A cell before it is trained. days: of history. digest: of the training set."""

    cut: datetime
    days: int
    parameters: Parameters
    training: TrainingSet
    digest: str


def run_grid(config: Config, engine: Engine, snapshots: Snapshots, clock: Clock, report: Report) -> GridRun:
    """Train every cell that is not kept yet.

    A cell is keyed by what it was trained on and how, so a grid that was killed goes on with the cells
    that are missing, and a repeat with nothing new trains nothing.

    raises: StepFailed before the first run.
    """
    with read(engine) as connection:
        cuts = _cuts(connection, config)
        selected = operating_points.in_force(connection, TASK, clock.now())
        there = {cell.key for cell in grid.cells(connection)}
    wanted = combinations(config.maturity.grid, parameters_in_use(parameters_of(config), selected))
    total = len(cuts) * len(wanted)
    keys: list[str] = []
    skipped: dict[tuple[datetime, int], str] = {}
    computed = 0
    watch = Stopwatch()
    for passed, each in enumerate(_trainings(config, engine, snapshots, cuts, wanted)):
        left = f", {time_left(watch.seconds() / computed * (total - passed))}" if computed else ""
        report(passed / total, f"cell {passed + 1} of {total}, {each.cut:%Y-%m-%d}{left}")
        key = key_of(each.digest, dict(each.parameters), config.maturity.seed, packages()["catboost"])
        if (each.cut, each.days) in skipped:
            continue
        if key not in there:
            try:
                _train_cell(config, engine, clock, key, each)
            except TooFewLabels as error:
                skipped[each.cut, each.days] = str(error)
                continue
            computed += 1
        keys.append(key)
    return GridRun(tuple(keys), computed, skipped)


def _cuts(connection: Connection, config: Config) -> list[datetime]:
    """The newest run's, then earlier ones."""
    newest, table = newest_cut(connection), config.maturity.grid
    before = newest - timedelta(days=table.every_days / 2)
    return [newest, *earlier_cuts(before, table.every_days, table.cuts - 1)]


def _trainings(
    config: Config,
    engine: Engine,
    snapshots: Snapshots,
    cuts: Sequence[datetime],
    wanted: Sequence[Parameters],
) -> Iterator[_Training]:
    """Cut after cut; one training set is held at a time."""
    for cut in cuts:
        for days in sorted({history_days(config, each) for each in wanted}):
            training = gather(config, engine, snapshots, cut, days)
            digest = training_digest(training)
            for parameters in wanted:
                if history_days(config, parameters) == days:
                    yield _Training(cut, days, parameters, training, digest)


def _train_cell(config: Config, engine: Engine, clock: Clock, key: str, wanted: _Training) -> None:
    watch = Stopwatch()
    settings = settings_of(config, wanted.parameters)
    trained = train(wanted.training, settings, config.maturity.seed, config.maturity.threads)
    cell = grid.Cell(
        key=key,
        cut=wanted.cut,
        training_digest=wanted.digest,
        parameters=wanted.parameters,
        metrics=as_json(trained.evaluation.metrics["catboost"]),
        seconds=watch.seconds(),
        finished_at=clock.now(),
    )
    with write(engine) as connection:
        grid.keep(connection, cell, trained.evaluation.held_out)
