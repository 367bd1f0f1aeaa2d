"""Small tables of days and values, as files hold them."""

from datetime import date

import numpy as np
import pandas as pd

from models.forecast.trial.columns import Found, Roles, columns
from models.forecast.trial.held_out import HeldOut, hold_out
from models.forecast.trial.usage import Usage, usage
from models.reading.parse import parse
from tests.models.forecast.worlds import START, steady

ANY = Roles()


def made_up(accounts: int = 3, days: int = 150) -> pd.DataFrame:
    """account, day, events: steady accounts a, b, c …"""
    names = [chr(ord("a") + number) for number in range(accounts)]
    return pd.DataFrame(
        {
            "account": np.repeat(names, days),
            "day": np.tile(pd.date_range(START, periods=days).strftime("%Y-%m-%d"), accounts),
            "events": steady(accounts, days).values.astype(int).ravel(),
        }
    )


def written(day: int) -> str:
    """A day of `made_up`, by its number."""
    return (date.fromordinal(START.toordinal() + day)).isoformat()


def found_in(text: str, told: Roles = ANY) -> Found:
    """The columns of a CSV."""
    return columns(parse(text.encode(), "t.csv"), told, "t.csv")


def usage_of(frame: pd.DataFrame, told: Roles = ANY) -> Usage:
    """What a table says once it is written to a file and read again."""
    cells = parse(frame.to_csv(index=False).encode(), "t.csv")
    return usage(cells, columns(cells, told, "t.csv"), "t.csv")


def held_out(frame: pd.DataFrame, horizon: int = 28) -> HeldOut:
    """The table, cut."""
    return hold_out(usage_of(frame), horizon, None, "t.csv")
