"""Cuts a table into what a forecast may know and the days it is judged by.

All series are cut on one day, the last `horizon` days before the table's newest: a network that learns from
all series would else know from one what the others were to be judged by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from models.errors import TableError
from models.forecast.baselines import LEAST_DAYS
from models.forecast.panel import Floats, UsagePanel, panel
from models.forecast.settings import PROFILE_DAYS, WEEK
from models.forecast.trial.usage import Usage

MISSING_ZEROS = 0.05
"""Share of days without a row, among those that other accounts have, from which a table lacks its zeros."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A table, cut.

    past: all days before the cut, of the series that can be forecast; made without a look at the others.
    actual: (series, horizon) of the same. scored: rows of those measured there.
    left_out: series that are not scored, with the reason. notes: what was done to the table.
    """

    past: UsagePanel
    actual: Floats
    scored: NDArray[np.intp]
    left_out: Mapping[str, str]
    notes: tuple[str, ...]


def hold_out(usage: Usage, horizon: int, country: str | None, name: str) -> HeldOut:
    """raises: TableError where no series has days enough on both sides of the cut."""
    cut = usage.last - timedelta(days=horizon - 1)
    first = usage.frame["day"].min().date()
    _check_length(first, cut, horizon, usage, name)
    days = (usage.last - first).days + 1
    whole = panel(
        usage.frame, dict.fromkeys(usage.accounts, country), usage.last + timedelta(days=1), longest_days=days
    )
    written = whole.before(days - horizon)
    notes = list(usage.notes)
    if missing := _missing_zeros(written):
        notes.append(f"{missing:.0%} of days have no row though others have, and none a 0: they count as 0")
        whole = _with_zeros(whole, written.first_measured())
    left_out = _unfit(written, whole.before(written.days))
    kept = whole.take(np.flatnonzero([account not in left_out for account in whole.account_ids]))
    past, actual = kept.before(written.days), kept.values[:, written.days :]
    measured = np.isfinite(actual).sum(axis=1)
    enough = measured >= min(WEEK, horizon)
    for row in np.flatnonzero(~enough):
        ended = past.day(_last_measured(past)[row])
        left_out[past.account_ids[row]] = (
            f"{measured[row]} of the held-out days are measured" if measured[row] else f"it ends on {ended}"
        )
    if not enough.any():
        raise TableError(_none_left(left_out, usage, cut, name))
    return HeldOut(past, actual, np.flatnonzero(enough), left_out, tuple(notes))


def _check_length(first: date, cut: date, horizon: int, usage: Usage, name: str) -> None:
    before = (cut - first).days
    if before < PROFILE_DAYS:
        longest = before + horizon - PROFILE_DAYS
        way = f"take --horizon {longest} or less" if longest > 0 else "a trial takes more days"
        raise TableError(
            f"{name} covers {before + horizon} days ({first} to {usage.last}); holding out {horizon} leaves "
            f"{max(before, 0)}, and a forecast takes {PROFILE_DAYS} days before it: {way}"
        )


def _unfit(past: UsagePanel, with_zeros: UsagePanel) -> dict[str, str]:
    """Series that cannot be forecast, by what lies before the cut only: as written, and with its zeros."""
    reasons = {}
    since, measured = past.first_measured(), np.isfinite(with_zeros.values).sum(axis=1)
    newest = _last_measured(past)
    for row, account in enumerate(past.account_ids):
        if not measured[row]:
            reasons[account] = "no day is measured before the held-out ones"
        elif newest[row] < past.days - PROFILE_DAYS:
            reasons[account] = (
                f"it ends on {past.day(newest[row])}, over {PROFILE_DAYS} days before the held-out"
            )
        elif past.days - since[row] < PROFILE_DAYS:
            reasons[account] = (
                f"it begins on {past.day(since[row])}, under {PROFILE_DAYS} days before the held-out"
            )
        elif measured[row] < LEAST_DAYS:
            reasons[account] = f"{measured[row]} days are measured before the held-out, it takes {LEAST_DAYS}"
    return reasons


def _last_measured(past: UsagePanel) -> NDArray[np.intp]:
    """(accounts,) column of the last measured day, -1 where there is none."""
    return np.asarray(np.where(np.isfinite(past.values), np.arange(past.days), -1).max(axis=1, initial=-1))


def _missing_zeros(past: UsagePanel) -> float | None:
    """Share of days that lack a row in a table that plainly writes no zeros; None for any other.

    Plainly: counts without any zero, and accounts that miss days on which others were measured.
    """
    known = past.values[np.isfinite(past.values)]
    if (known == 0).any() or (known % 1 != 0).any():
        return None
    begun = np.arange(past.days) >= past.first_measured()[:, None]
    expected = begun & np.isfinite(past.values).any(axis=0)
    share = 1 - len(known) / expected.sum()
    return float(share) if share > MISSING_ZEROS else None


def _with_zeros(whole: UsagePanel, first: NDArray[np.int64]) -> UsagePanel:
    """Zero on each day on which any account was measured, from an account's first day on."""
    begun = np.arange(whole.days) >= first[:, None]
    lacking = begun & np.isfinite(whole.values).any(axis=0) & np.isnan(whole.values)
    return replace(whole, values=np.where(lacking, np.float32(0), whole.values))


def _none_left(left_out: Mapping[str, str], usage: Usage, cut: date, name: str) -> str:
    account, reason = next(iter(left_out.items()))
    return (
        f"{name}: none of {len(left_out)} series can be judged on the held-out days {cut} to {usage.last} "
        f"(the newest day stands in {usage.last_place}); {account}, for one: {reason}. Correct a wrong date, "
        "or take another --horizon"
    )
