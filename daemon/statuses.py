"""How far to rely on what is shown of an account, and why: its status."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.features.catalogue import Catalogue
from models.maturity.words import counted

EVIDENCE = {"usage_daily": "usage", "activity": "visits and trainings", "emails": "e-mails"}
"""Facts that show what a customer does; what the CRM and a vendor say about it is no such evidence."""

UNMATCHED = "No usage, activity or mail could be matched to this account; check its tenant id and website."
EXCLUDED = (
    "This customer is in the random control group whose rating is not shown, so that we can measure what "
    "ratings do. Please judge its maturity without us."
)
RATED = ("scored", "stale", "excluded")
"""Statuses under which the champion rates an account, whether the rating is shown or not."""


LEANING = (
    "This rating leans on what we do not know of this customer: without the {points} that figures we lack "
    "count here it would be {rating}."
)


@dataclass(frozen=True)
class Status:
    """name: `unmatched`, `too little data`, `stale`, `excluded`, `provisional` or `scored`.

    reason: for reps.
    """

    name: str
    reason: str


def leaning(points: float, rating: str) -> Status:
    """Of a rated account that would only have this rating without the points of what we lack."""
    return Status(
        "provisional", LEANING.format(points=counted(round(points), "point"), rating=rating.capitalize())
    )


def statuses_of(
    frame: pd.DataFrame,
    features: Catalogue,
    *,
    least_days: int,
    least_evidence: int,
    stale: str | None,
    no_champion: str | None,
    hold_out: Collection[str] = (),
) -> list[Status]:
    """The status of every account: the first that holds.

    frame: the snapshot. least_days: of being a customer. least_evidence: kinds of EVIDENCE that a rating
        takes, or as many as there are at all: on one kind alone a rating leans on what we do not have.
    stale: why the last good values stay, None where they need not. no_champion: why nobody is rated.
    hold_out: accounts whose rating is not shown.
    """
    seen = {
        name: frame[columns].notna().any(axis=1).to_numpy() for name, columns in _columns(features).items()
    }
    needed = min(least_evidence, sum(bool(rows.any()) for rows in seen.values()))
    ages = _ages(frame)
    found = []
    for row, (account, age) in enumerate(zip(frame.index, ages, strict=True)):
        kinds = [name for name, rows in seen.items() if rows[row]]
        if not kinds:
            found.append(Status("unmatched", UNMATCHED))
        elif age < least_days:
            reason = f"This customer is {age:.0f} days old; a rating takes {least_days} days of history."
            found.append(Status("too little data", reason))
        elif len(kinds) < needed:
            reason = f"We only have {' and '.join(kinds)} of this customer, too little for a rating."
            found.append(Status("too little data", reason))
        elif stale:
            found.append(Status("stale", stale))
        elif account in hold_out:
            found.append(Status("excluded", EXCLUDED))
        elif no_champion:
            found.append(Status("provisional", no_champion))
        else:
            found.append(Status("scored", "Rated from this customer's own data."))
    return found


def _columns(features: Catalogue) -> dict[str, list[str]]:
    """Kind of evidence to the features that it gives."""
    return {
        words: [each.name for each in features if each.sources[0] == fact] for fact, words in EVIDENCE.items()
    }


def _ages(frame: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Days as a customer; NaN, which is under no bound, where that is unknown."""
    if "account_age_days" not in frame:
        return np.full(len(frame), np.nan)
    return frame["account_age_days"].to_numpy(dtype=float)
