"""[forecast]: the budget of the LSTM and of its yardsticks."""

from pydantic import Field

from daemon.config.table import Table

LEAST_EVERY_DAYS = 28
"""Between the cuts of the grid: nearer ones would judge the same days."""


class ForecastGridTable(Table):
    """cuts: how many, back in time from the newest that has a month of usage behind it; what is promised of a
        decision is promised of cuts, and from few nothing can be.
    every_days: between them; at least four weeks, so that no single day is judged twice.
    seeds: networks whose mean is served; empty, here and below: only the value in use.
    steps: of a training from scratch.
    finish_steps: further steps on the newest days.
    """

    cuts: int = Field(default=6, ge=1, le=24)
    every_days: int = Field(default=30, ge=LEAST_EVERY_DAYS)
    seeds: tuple[int, ...] = ()
    steps: tuple[int, ...] = (150, 300)
    finish_steps: tuple[int, ...] = ()


class ForecastTable(Table):
    """seeds: networks whose mean is served.

    steps: of a training from scratch.
    warm_steps: of a training that goes on from the champion.
    finish_steps: further steps on the newest days, which training holds back until then.
    retrain_every_h: how long networks are trained on before they start from scratch; under a day, so that
        the morning of each day does, a minute early or late.
    baseline_accounts: the stratified sample on which Holt-Winters and Prophet run.
    threads: of the CPU. More than there are idle cores stalls the training.
    seed: of all that is drawn by chance.
    grid: what `maturityd grid forecast` tries.
    """

    seeds: int = Field(default=3, ge=1, le=10)
    steps: int = Field(default=300, ge=1)
    warm_steps: int = Field(default=100, ge=1)
    retrain_every_h: float = Field(default=20.0, gt=0)
    finish_steps: int = Field(default=60, ge=1)
    baseline_accounts: int = Field(default=60, ge=0)
    threads: int = Field(default=1, ge=1)
    seed: int = 0
    grid: ForecastGridTable = ForecastGridTable()
