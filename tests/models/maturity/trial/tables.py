"""Made-up tables: a level behind noisy columns."""

import numpy as np
import pandas as pd
import pytest

from models.maturity.trial import yardsticks
from models.maturity.trial.columns import Roles, TrialTable, trial_table
from models.reading.parse import Cells, parse


def made_up(n: int = 120, seed: int = 0) -> pd.DataFrame:
    """Columns x (number, gappy), y (number), kind (category), level (low, medium, high)."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=n)
    frame = pd.DataFrame({"x": hidden + 0.5 * rng.normal(size=n), "y": rng.normal(size=n)})
    frame.loc[rng.random(n) < 0.1, "x"] = np.nan
    frame["kind"] = np.where(hidden + rng.normal(size=n) > 0, "large", "small")
    seen = hidden + 0.4 * rng.normal(size=n)
    frame["level"] = np.array(["low", "medium", "high"])[np.digitize(seen, [-0.4, 0.7])]
    return frame


def cells_of(frame: pd.DataFrame) -> Cells:
    return parse(frame.to_csv(index=False).encode(), "t.csv")


def table_of(frame: pd.DataFrame, **roles: object) -> TrialTable:
    return trial_table(cells_of(frame), Roles(**{"label": "level", **roles}), "t.csv")


def without_yardsticks(patch: pytest.MonkeyPatch) -> None:
    """As where scikit-learn and XGBoost are not installed."""
    for name, (_, distribution) in list(yardsticks.PACKAGES.items()):
        patch.setitem(yardsticks.PACKAGES, name, ("no_such_module", distribution))
