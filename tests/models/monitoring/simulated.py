"""A simulated feature table that lives: values drift, weeks swing, a holiday dips, accounts come and go."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from models.features.expect import Expectation, Monotone, Step
from models.features.feature import Catalogue, Feature
from models.features.wording import Wording
from models.tables import Snapshot

START = datetime(2026, 3, 2, 5, tzinfo=UTC)
CHURN = 0.001


def _no_rows(*_: object) -> ir.Table:
    raise AssertionError("a simulated feature is not computed from facts")


def _feature(name: str, kind: str = "number", expect: Expectation | None = None) -> Feature:
    return Feature(
        name=name, label=name, unit="", family="simulated", meaning=name, sources=(name.split("_")[0],),
        owner="nobody", direction=0, rows=_no_rows, value=_no_rows,
        wording=Wording(some="Has {v}", missing="Unknown"),
        kind="category" if kind == "category" else "number", expect=expect,
    )  # fmt: skip


NUMBERS = tuple(f"{kind}_{i}" for kind in ("level", "trend", "sparse", "static", "gappy") for i in range(4))
CATEGORIES = tuple(f"class_{levels}" for levels in (3, 8, 20, 60))
CATALOGUE = Catalogue(
    (
        *(_feature(name) for name in NUMBERS),
        _feature("age", expect=Step(per_day=1, tolerance=0.1)),
        _feature("total", expect=Monotone()),
        *(_feature(name, "category") for name in CATEGORIES),
    )
)


def days(accounts: int, count: int, seed: int, common_sd: float = 0.03) -> Iterator[Snapshot]:
    """One snapshot a day. common_sd: by how much all accounts move together in a day."""
    rng = np.random.default_rng(seed)
    hidden = pd.DataFrame(rng.normal(size=(accounts, len(NUMBERS))), columns=list(NUMBERS))
    extra = pd.DataFrame({"age": rng.uniform(0, 2000, accounts), "total": rng.gamma(2.0, 50, accounts)})
    levels = pd.DataFrame({name: _levels(rng, int(name.split("_")[1]), accounts) for name in CATEGORIES})
    common = np.zeros(len(NUMBERS))
    ids = np.arange(accounts)
    for day in range(count):
        kept = np.array([1.0 if name.startswith("static") else 0.98 for name in NUMBERS])
        hidden = hidden * kept + rng.normal(size=hidden.shape) * np.sqrt(1 - kept**2)
        common = 0.9 * common + rng.normal(size=len(NUMBERS)) * common_sd
        replaced = rng.random(accounts) < CHURN
        hidden[replaced] = rng.normal(size=(replaced.sum(), len(NUMBERS)))
        ids = np.where(replaced, ids.max() + 1 + np.arange(accounts), ids)
        extra["age"] += 1.0
        extra["total"] += rng.gamma(1.0, 0.5, accounts)
        frame = _shown(hidden + np.where(kept == 1, 0, common), rng, day)
        frame = pd.concat([frame, extra, levels], axis=1).set_axis([f"a{i}" for i in ids])
        yield Snapshot(START + timedelta(days=day), frame, "")


def _levels(rng: np.random.Generator, count: int, accounts: int) -> pd.Series:
    shares = 1 / np.arange(1, count + 1)
    return pd.Series(rng.choice([f"l{i}" for i in range(count)], accounts, p=shares / shares.sum()))


def _shown(hidden: pd.DataFrame, rng: np.random.Generator, day: int) -> pd.DataFrame:
    """What the table holds of the hidden values: skewed levels, trends, many zeros, gaps."""
    wave = 0.05 * np.sin(2 * np.pi * day / 7) - (0.15 if day == 40 else 0.0)
    columns = {}
    for name in hidden:
        value = hidden[name].to_numpy()
        if name.startswith("level"):
            value = np.exp(2 + value + wave)
        elif name.startswith("sparse"):
            value = np.where(value > 0.8, np.floor(np.exp(value)), 0.0)
        elif name.startswith("gappy"):
            value = np.where(value > -0.3, 10 * value, np.nan)
        columns[str(name)] = value
    return pd.DataFrame(columns)
