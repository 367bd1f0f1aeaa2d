"""Rows of `forecasts` as a run keeps them, made by hand."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine

from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import write
from daemon.state.predictions import replace_forecasts

ONE = "001000000000001AAA"
START = date(2026, 11, 23)
SENTENCE = "Usage is expected to fall about 18 % over the next 30 days (between 9 % and 26 %)"


def row(*anomalies: dict[str, Any], past: int = 120, **changed: Any) -> dict[str, Any]:
    """100 events a day but at weekends, forecast to go on so."""
    days = np.arange(past + 90)
    usual = np.where((days - past) % 7 < 5, 100.0, 20.0)
    bands = {"median": 1.0, "low80": 0.8, "high80": 1.3, "low95": 0.6, "high95": 1.6}
    series = {
        "start": str(START - timedelta(days=past)),
        "actual": usual[:past].tolist(),
        **{name: (usual[past:] * times).tolist() for name, times in bands.items()},
        "totals80": {"30": [1800.0, 2400.0]},
        "holidays": ["2026-12-25", "2026-10-03"],
    }
    return {
        "account_id": ONE,
        "served_by": "lstm",
        "model_version": None,
        "start": START,
        "total_30d": 2100.0,
        "total_60d": 4200.0,
        "total_90d": None,
        "health": "negative",
        "sentence": SENTENCE,
        "anomalies": list(anomalies),
        "series": series,
    } | changed


def unusual(kind: str, ago: int, size: float, days: int = 1) -> dict[str, Any]:
    """An anomaly so many days before the forecast's start."""
    day = START - timedelta(days=ago)
    return {"kind": kind, "day": str(day), "days": days, "size": size, "chance": 0.0, "sentence": f"{kind}."}


def keep(engine: Engine, at: datetime, *rows: dict[str, Any]) -> None:
    """A run of this instant that forecast these."""
    with write(engine) as connection:
        run = runs.claim(connection, Slot(f"{at:%Y-%m-%dT%H:%M}", at), 1, at)
        replace_forecasts(connection, run.id, rows)
