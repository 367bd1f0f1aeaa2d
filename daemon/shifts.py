"""What changed of each account since the score that the CRM shows: in its data, and by another model."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from daemon.champion import maturity_model
from daemon.snapshots import table_of_run
from daemon.state import registry
from daemon.state.engine import read
from daemon.state.predictions import Shown
from models.features.feature import Catalogue
from models.maturity import shift
from models.maturity.attributions import Attributions, attributions
from models.maturity.model import MaturityModel
from models.maturity.reasons import POINTS_PER_LEVEL, ReasonSettings

ROUNDING = 0.01
"""Points by which attributions may miss the score that they were kept with."""


@dataclass(frozen=True)
class Today:
    """How accounts are scored today.

    found: attributions of the rated accounts, in the order of `ratings`. frame: the whole snapshot.
    features: the catalogue. groups: of every feature of it, as `alike` gives them.
    """

    version: str
    found: Attributions
    ratings: Mapping[str, str]
    frame: pd.DataFrame
    features: Catalogue
    groups: Mapping[str, str]


def attributed(model: MaturityModel, frame: pd.DataFrame) -> Attributions:
    """The attributions of the accounts of a table, checked against the model's own expected levels."""
    return attributions(
        model.shap_values(frame), model.temperature, model_expected=model.expected_level(frame)
    )


def shifts_of(
    engine: Engine, lake: Path, shown: Sequence[Shown], today: Today, settings: ReasonSettings
) -> dict[str, str]:
    """A sentence for every account that is rated today and was when it was shown last.

    Nothing is said where the table that was scored then is not kept any more.
    """
    sentences: dict[str, str] = {}
    for version, by_run in _by_version(shown, today).items():
        with read(engine) as connection:
            model = maturity_model(connection, registry.get(connection, version))
        for run_id, scored in by_run.items():
            then = table_of_run(engine, lake, run_id)
            if then is not None:
                told = _sentences(scored, model, then, today, settings)
                sentences.update(zip((each.account_id for each in scored), told, strict=True))
    return sentences


def _by_version(shown: Sequence[Shown], today: Today) -> dict[str, dict[int, list[Shown]]]:
    """Model version -> run -> what it showed, of accounts that have a rating today."""
    found: dict[str, dict[int, list[Shown]]] = defaultdict(lambda: defaultdict(list))
    for each in shown:
        if each.account_id in today.ratings and abs(_summed(each) - each.score) <= ROUNDING:
            found[each.model_version][each.run_id].append(each)
    return found


def _values(shown: Shown) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.frombuffer(shown.attributions, dtype="<f4").astype(np.float64)


def _summed(shown: Shown) -> float:
    return shown.start + float(_values(shown).sum())


def _sentences(
    scored: Sequence[Shown],
    model: MaturityModel,
    then: pd.DataFrame,
    today: Today,
    settings: ReasonSettings,
) -> list[str]:
    """Sentences of accounts that one run scored with one model."""
    accounts = [each.account_id for each in scored]
    new = today.frame.loc[accounts]
    before = Attributions(
        values=np.stack([_values(each) for each in scored]) / POINTS_PER_LEVEL,
        start=np.array([each.start for each in scored]) / POINTS_PER_LEVEL,
        expected=np.array([each.score for each in scored]) / POINTS_PER_LEVEL,
    )
    now = _of(today, accounts)
    columns = list(model.features) if set(model.features) <= set(today.groups) else []
    same = scored[0].model_version == today.version
    last_now = now if same else attributed(model, new) if columns else None
    return shift.shift_sentences(
        shift.find_shift(before, last_now, now),
        [shift.Shown(each.rating, each.cut.date(), today.ratings[each.account_id]) for each in scored],
        then.loc[accounts, columns],
        new[columns],
        today.features,
        [today.groups[name] for name in columns],
        settings,
    )


def _of(today: Today, accounts: Sequence[str]) -> Attributions:
    places = pd.Index(today.ratings).get_indexer(pd.Index(accounts))
    found = today.found
    return Attributions(found.values[places], found.start[places], found.expected[places])
