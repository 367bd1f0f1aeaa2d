"""What changed since the last score, and how much of it is the customer and how much the model.

Three scores tell them apart: the last one, the last model's on today's data, and today's. The first step
is the customer's doing and falls on features; the second is the model's. The parts add up exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ModelError
from models.features.feature import Catalogue, Feature
from models.maturity.attributions import TOLERANCE, Attributions
from models.maturity.reasons import POINTS_PER_LEVEL
from models.maturity.sentences import CATEGORY_LENGTH
from models.maturity.words import clean, counted, number, shorten, signed

ONE_MODEL = 0.01
"""A smaller change by the model, in points, is none."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """Change of the score, in points.

    before, after: (n,) scores. data: (n, f), by the last model's features. model: (n,).
    after = before + data.sum(axis=1) + model.
    """

    before: Floats
    after: Floats
    data: Floats
    model: Floats


def find_shift(before: Attributions, last_model_now: Attributions, now: Attributions) -> Shift:
    """Split the change between two scorings of the same accounts.

    before: as they were scored last. last_model_now: the same model on today's data. now: today's model on
    today's data; the same object as `last_model_now` where the model did not change.
    raises: ModelError where `before` and `last_model_now` are not of one model.
    """
    if before.values.shape != last_model_now.values.shape or not np.allclose(
        before.start, last_model_now.start, rtol=0, atol=TOLERANCE
    ):
        raise ModelError("the earlier attributions are of another model than the one given as the last")
    return Shift(
        before=before.expected * POINTS_PER_LEVEL,
        after=now.expected * POINTS_PER_LEVEL,
        data=(last_model_now.values - before.values) * POINTS_PER_LEVEL,
        model=(now.expected - last_model_now.expected) * POINTS_PER_LEVEL,
    )


def shift_sentences(
    shift: Shift, frame_before: pd.DataFrame, frame: pd.DataFrame, catalogue: Catalogue
) -> list[str]:
    """One sentence per account. The frames hold the last model's features, in its order."""
    features = [catalogue[name] for name in frame.columns]
    old, new = frame_before.to_numpy(dtype=object), frame.to_numpy(dtype=object)
    return [
        _sentence(
            shift.before[i],
            shift.after[i],
            shift.data[i],
            shift.model[i],
            _driver(shift.data[i], features, old[i], new[i]),
        )
        for i in range(len(frame))
    ]


def _sentence(before: float, after: float, data: Floats, model: float, driver: str) -> str:
    """Figures are rounded so that those told add up."""
    change = round(after) - round(before)
    if change == 0:
        return f"The score stayed at {after:.0f}."
    verb = "rose" if change > 0 else "fell"
    told = f"The score {verb} by {counted(abs(change), 'point')} to {after:.0f}"
    by_model = 0 if abs(model) < ONE_MODEL else change - round(float(data.sum()))
    if by_model == 0:
        return f"{told}, mostly because of {driver}."
    if by_model == change:
        return f"{told} because the model was trained anew; the customer's data hardly changed."
    return (
        f"{told}: {signed(change - by_model)} by new data, mostly {driver}, "
        f"and {signed(by_model)} by a newly trained model."
    )


def _driver(data: Floats, features: Sequence[Feature], old: Sequence[object], new: Sequence[object]) -> str:
    """The feature that moved the score most in the direction of the data, with its values."""
    i = int(np.argmax(data * np.sign(data.sum())))
    then, today = _said(old[i], features[i]), _said(new[i], features[i])
    unit = f" {features[i].unit}" if features[i].unit else ""
    if then == today:
        return features[i].label
    if not then:
        return f"{features[i].label} (now {today}{unit}, unknown before)"
    if not today:
        return f"{features[i].label} ({then}{unit} before, unknown now)"
    return f"{features[i].label} (from {then} to {today}{unit})"


def _said(value: object, feature: Feature) -> str:
    """The value in words, empty where missing."""
    if feature.kind == "category":
        return shorten(clean(str(value)), CATEGORY_LENGTH) if value is not None else ""
    return "" if np.isnan(float(value)) else number(float(value))  # type: ignore[arg-type]
