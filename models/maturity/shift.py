"""What changed since the score shown last, and how much of it is the customer and how much the model.

Three scores tell them apart: the last one, the last model's on today's data, and today's. The first step
is the customer's doing and falls on features; the second is the model's. The parts add up exactly.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ModelError
from models.features.feature import Catalogue, Feature
from models.maturity.attributions import TOLERANCE, Attributions
from models.maturity.reasons import POINTS_PER_LEVEL, ReasonSettings
from models.maturity.sentences import CATEGORY_LENGTH
from models.maturity.words import clean, counted, days, hours, long_date, number, shorten, signed
from models.tables import LEVELS

ONE_MODEL = 0.01
"""A smaller change by the model, in points, is none."""

WORTH_TELLING = 2
"""Points; a smaller move means nothing."""

MOSTLY = 0.5
"""Share of what new data changed from which one feature made most of it."""

SAID_WITH_UNIT = {"days": days, "hours": hours}
"""Unit -> how a figure is said with it."""

TAKES_THE = frozenset({"share", "number", "time", "change", "latest", "longest", "most", "steady"})
"""First words of labels that need an article inside a sentence."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """Change of the score, in points.

    before, after: (n,) scores. data: (n, f), by the last model's features; (n, 0) where that model cannot
    read today's data, so that all of the change is the model's. model: (n,).
    after = before + data.sum(axis=1) + model.
    """

    before: Floats
    after: Floats
    data: Floats
    model: Floats


@dataclass(frozen=True)
class Shown:
    """What was shown of an account last, and since when, and what it is rated today."""

    rating: str
    since: date
    rating_now: str


def find_shift(before: Attributions, last_model_now: Attributions | None, now: Attributions) -> Shift:
    """Split the change between two scorings of the same accounts.

    before: as they were scored last. last_model_now: the same model on today's data; None where it cannot
    read them. now: today's model on today's data; the same object as `last_model_now` where the model did
    not change.
    raises: ModelError where `before` and `last_model_now` are not of one model.
    """
    between = before.expected if last_model_now is None else last_model_now.expected
    data = np.zeros((len(before.expected), 0))
    if last_model_now is not None:
        if before.values.shape != last_model_now.values.shape or not np.allclose(
            before.start, last_model_now.start, rtol=0, atol=TOLERANCE
        ):
            raise ModelError("the earlier attributions are of another model than the one given as the last")
        data = last_model_now.values - before.values
    return Shift(
        before=before.expected * POINTS_PER_LEVEL,
        after=now.expected * POINTS_PER_LEVEL,
        data=data * POINTS_PER_LEVEL,
        model=(now.expected - between) * POINTS_PER_LEVEL,
    )


def shift_sentences(
    shift: Shift,
    shown: Sequence[Shown],
    frame_before: pd.DataFrame,
    frame: pd.DataFrame,
    catalogue: Catalogue,
    groups: Sequence[str],
    settings: ReasonSettings,
) -> list[str]:
    """One sentence per account.

    frame_before, frame: the columns of `shift.data`, then and today. groups: of these columns, as `alike`
    gives them. settings: which features may be named.
    """
    features = [catalogue[name] for name in frame.columns]
    old, new = frame_before.to_numpy(dtype=object), frame.to_numpy(dtype=object)
    sentences = []
    for i, told in enumerate(shown):
        driver = _driver(shift.data[i], features, groups, old[i], new[i], settings)
        parts = _rounded(float(shift.data[i].sum()), _model(float(shift.model[i])))
        if told.rating == told.rating_now and max(map(abs, (*parts, sum(parts)))) < WORTH_TELLING:
            since = long_date(told.since)
            sentences.append(f"Since {since} the score has hardly moved; it is {shift.after[i]:.0f}.")
            continue
        cause = _cause(*parts, driver, known=shift.data.size > 0)
        sentences.append(f"{_what(told, shift.before[i], shift.after[i])}{cause}.")
    return sentences


def _what(shown: Shown, before: float, after: float) -> str:
    """What became of rating and score. Changes are rounded, not the difference of rounded scores."""
    change = round(after - before)
    since = f"Since {long_date(shown.since)}"
    moved = f"{'risen' if change > 0 else 'fallen'} by {counted(abs(change), 'point')} to {after:.0f}"
    if shown.rating == shown.rating_now:
        return f"{since} the score has {moved}" if change else f"{since} the score has stayed at {after:.0f}"
    up = LEVELS.index(shown.rating_now) > LEVELS.index(shown.rating)
    rating = f"the rating has {'risen' if up else 'fallen'} from {shown.rating} to {shown.rating_now}"
    if not change:
        return f"{since} {rating}: the score, still {after:.0f}, was close to the line between them"
    return f"{since} {rating}, the score having {moved}"


def _model(points: float) -> float:
    return 0.0 if abs(points) < ONE_MODEL else points


def _cause(by_data: int, by_model: int, driver: str, *, known: bool) -> str:
    """Why, in whole points; empty where nothing moved. known: whether the last model reads today's data."""
    if not by_data and not by_model:
        return ""
    if not by_model:
        return f", {driver}" if driver else ", by many small changes in the customer's data"
    if not by_data:
        unchanged = "; the customer's data hardly changed" if known else " on other figures"
        return f", because the model was trained anew{unchanged}"
    because = f", {driver}," if driver else ""
    return f": {signed(by_data)} by new data{because} and {signed(by_model)} by a newly trained model"


def _rounded(data: float, model: float) -> tuple[int, int]:
    """Both in whole points that add up to their rounded sum, neither turned in its sign."""
    parts = [math.floor(data), math.floor(model)]
    lacking = round(data + model) - sum(parts)
    larger_fraction = 0 if data - parts[0] >= model - parts[1] else 1
    for i in (larger_fraction, 1 - larger_fraction)[:lacking]:
        parts[i] += 1
    return parts[0], parts[1]


def _driver(
    data: Floats,
    features: Sequence[Feature],
    groups: Sequence[str],
    old: Sequence[object],
    new: Sequence[object],
    settings: ReasonSettings,
) -> str:
    """What moved the score most in the direction of the data and may be told; empty where nothing may.

    Features of one group count together and are told by the strongest of them.
    """
    total = float(data.sum())
    members = defaultdict(list)
    for i in np.flatnonzero(data).tolist():
        members[groups[i]].append(i)
    strongest = sorted(members.values(), key=lambda group: -np.sign(total) * data[group].sum())
    for group in strongest:
        part = float(data[group].sum())
        if part * total <= 0:
            return ""
        for i in sorted(group, key=lambda i: -np.sign(total) * data[i]):
            told = _told(features[i], old[i], new[i], data[i]) if settings.may_tell(features[i]) else ""
            if told and data[i] * total > 0:
                return f"{'mostly' if part / total >= MOSTLY else 'among other things'} because of {told}"
    return ""


def _told(feature: Feature, old: object, new: object, points: float) -> str:
    """The feature with its value then and today.

    Empty where both read the same, where it moved against what reps expect of such points, or where a value
    that was lost counts for the customer.
    """
    then, today = _said(old, feature), _said(new, feature)
    label = f"the {feature.label}" if feature.label.split()[0] in TAKES_THE else feature.label
    unit = "" if feature.unit in SAID_WITH_UNIT else f" {feature.unit}" if feature.unit else ""
    if then == today or (not today and points > 0):
        return ""
    if not then:
        return f"{label} (now {today}{unit}, unknown before)"
    if not today:
        return f"{label} ({then}{unit} before, unknown now)"
    if feature.kind == "number" and (new - old) * feature.direction * points < 0:  # type: ignore[operator]
        return ""
    return f"{label} (from {then} to {today}{unit})"


def _said(value: object, feature: Feature) -> str:
    """The value in words, empty where missing."""
    if feature.kind == "category":
        return shorten(clean(str(value)), CATEGORY_LENGTH) if value is not None else ""
    figure = float(value)  # type: ignore[arg-type]
    if figure == 0 and feature.unit in SAID_WITH_UNIT and feature.wording.none:
        return "none"  # no pause, no open case: not one of less than a day
    return "" if np.isnan(figure) else SAID_WITH_UNIT.get(feature.unit, number)(figure)
