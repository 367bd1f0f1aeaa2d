"""What changed of each account since the score that the CRM shows: in its data, and by another model."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine

from daemon.champion import maturity_model
from daemon.snapshots import Snapshots
from daemon.state import registry
from daemon.state.engine import read
from daemon.state.predictions import Shown
from models.features.feature import Catalogue
from models.maturity import shift
from models.maturity.attributions import Attributions, attributions
from models.maturity.model import MaturityModel
from models.maturity.reasons import ReasonSettings


@dataclass(frozen=True)
class Today:
    """How accounts are scored today.

    frame: the whole snapshot, every account and feature. ratings: by account; those without one are left out.
    features: the catalogue. groups: of every feature of it, as `alike` gives them.
    """

    version: str
    model: MaturityModel
    frame: pd.DataFrame
    ratings: Mapping[str, str]
    features: Catalogue
    groups: Mapping[str, str]


def attributed(model: MaturityModel, frame: pd.DataFrame) -> Attributions:
    """The attributions of the accounts of a table, checked against the model's own expected levels."""
    return attributions(
        model.shap_values(frame), model.temperature, model_expected=model.expected_level(frame)
    )


def shifts_of(
    engine: Engine, snapshots: Snapshots, shown: Sequence[Shown], today: Today, settings: ReasonSettings
) -> dict[str, str]:
    """A sentence for every account that is rated today and was when it was shown last.

    Nothing is said where the table that was scored then is not kept any more.
    """
    sentences: dict[str, str] = {}
    for run_id, accounts in _by_run(shown, today):
        then = snapshots.of_run(run_id)
        if then is None:
            continue
        known = [each for each in accounts if each.account_id in then.index]
        for version in sorted({str(each.model_version) for each in known}):
            scored = [each for each in known if each.model_version == version]
            with read(engine) as connection:
                model = maturity_model(connection, registry.get(connection, version))
            told = _sentences(scored, version, model, then, today, settings)
            sentences.update(zip((each.account_id for each in scored), told, strict=True))
    return sentences


def _by_run(shown: Sequence[Shown], today: Today) -> Iterator[tuple[int, list[Shown]]]:
    runs = defaultdict(list)
    for each in shown:
        if each.model_version and each.account_id in today.ratings and each.rating != "unknown":
            runs[each.run_id].append(each)
    yield from sorted(runs.items())


def _sentences(
    scored: Sequence[Shown],
    version: str,
    model: MaturityModel,
    then: pd.DataFrame,
    today: Today,
    settings: ReasonSettings,
) -> list[str]:
    """Sentences of accounts that one run scored with one model."""
    accounts = [each.account_id for each in scored]
    new = today.frame.loc[accounts]
    known = [name for name in model.features if name in today.groups]
    readable = len(known) == len(model.features)
    columns = known if readable else []
    last_now = attributed(model, new) if readable else None
    now = last_now if last_now and version == today.version else attributed(today.model, new)
    found = shift.find_shift(attributed(model, then.loc[accounts]), last_now, now)
    return shift.shift_sentences(
        found,
        [shift.Shown(each.rating, each.cut.date(), today.ratings[each.account_id]) for each in scored],
        then.loc[accounts, columns],
        new[columns],
        today.features,
        [today.groups[name] for name in columns],
        settings,
    )
