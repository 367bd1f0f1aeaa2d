"""explain: why each account is rated as it is, and what changed since its last score, in words for reps."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import RowMapping

from daemon.champion import maturity_champion, maturity_model
from daemon.context import Context, Done
from daemon.snapshots import features_of, open_snapshots
from daemon.state import registry
from daemon.state.engine import read, write
from daemon.state.predictions import amend_predictions, last_scored, predictions_of
from models.maturity import render
from models.maturity.attributions import Attributions, attributions
from models.maturity.model import MaturityModel
from models.maturity.peers import Peers, compare
from models.maturity.reasons import Reason, ReasonSettings, find_reasons
from models.maturity.shift import find_shift, shift_sentences

SEGMENT_BY = ("segment", "region", "employees")
"""Features that say which customers are similar."""


def run(context: Context) -> Done:
    """Accounts without a rating get its status as their summary, and no reasons."""
    with read(context.engine) as connection:
        champion = maturity_champion(connection)
        predictions = predictions_of(connection, context.run.id)
    rated = [account for account, row in predictions.items() if row["rating"] != "unknown"]
    if champion is None or not rated:
        return Done(0)
    version, model = champion
    with open_snapshots(context) as snapshots:
        whole = snapshots.at(context.cut).frame
    features = features_of(context.config)
    peers = compare(whole[list(model.features)], _profile(whole))
    places = whole.index.get_indexer(pd.Index(rated))
    frame = whole.loc[rated, list(model.features)]
    found = _attributed(model, frame)
    context.report(0.4, "comparing with similar customers")
    settings = ReasonSettings(barred=frozenset(context.config.maturity.barred))
    reasons = find_reasons(found, frame, features, _of(peers, places), settings)
    groups = [peers.names[group] for group in peers.group[places]]
    context.report(0.8, "what changed")
    shifts = _shifts(context, version, model, whole)
    rows = [
        {
            **_row(account, predictions[account], found, row, reasons[row], groups[row]),
            "shift": shifts.get(account),
        }
        for row, account in enumerate(rated)
    ]
    with write(context.engine) as connection:
        amend_predictions(connection, context.run.id, rows)
    return Done(len(rows))


def _attributed(model: MaturityModel, frame: pd.DataFrame) -> Attributions:
    return attributions(
        model.shap_values(frame), model.temperature, model_expected=model.expected_level(frame)
    )


def _profile(frame: pd.DataFrame) -> pd.DataFrame:
    """What peers have in common; missing where the feature is barred."""
    return pd.DataFrame({name: frame.get(name, np.nan) for name in SEGMENT_BY}, index=frame.index)


def _of(peers: Peers, rows: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> Peers:
    """The peers of some of the accounts: they are compared with all, rated or not."""
    return Peers(
        below=peers.below[rows],
        above=peers.above[rows],
        zeros=peers.zeros[rows],
        same=peers.same[rows],
        count=peers.count[rows],
        group=peers.group[rows],
        names=peers.names,
    )


def _row(
    account: str,
    prediction: RowMapping,
    found: Attributions,
    row: int,
    reasons: Sequence[Reason],
    similar: str,
) -> dict[str, Any]:
    verdict = render.Verdict(prediction["rating"], prediction["score"], prediction["close_to"], similar)
    return {
        "account_id": account,
        "attributions": found.values[row].astype("<f4").tobytes(),
        "start": float(found.start[row]),
        "reasons": [{**asdict(reason), "direction": reason.direction} for reason in reasons],
        "reasons_rich": render.rich(verdict, reasons),
        "reasons_plain": render.plain(verdict, reasons),
        "summary": render.summary(verdict, reasons),
    }


def _shifts(
    context: Context, champion: registry.Version, model: MaturityModel, whole: pd.DataFrame
) -> dict[str, str]:
    """What changed since the last scored run, by account: in the customer's data, and by another model."""
    with read(context.engine) as connection:
        last = last_scored(connection, context.run.id)
        last_model = (
            maturity_model(connection, registry.get(connection, last.model_version)) if last else None
        )
    if last is None or last_model is None:
        return {}
    with open_snapshots(context) as snapshots:
        old = snapshots.at(last.cut).frame
    used = list(last_model.features)
    shared = old.index.intersection(whole.index)
    if shared.empty or not set(used) <= set(old.columns) & set(whole.columns):
        return {}
    old, new = old.loc[shared, used], whole.loc[shared]
    last_now = _attributed(last_model, new[used])
    now = last_now if last.model_version == champion.version else _attributed(model, new)
    shift = find_shift(_attributed(last_model, old), last_now, now)
    sentences = shift_sentences(shift, old, new[used], features_of(context.config))
    return dict(zip(shared, sentences, strict=True))
