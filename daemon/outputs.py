"""What one account's prediction and forecast say, under the names that [[salesforce.fields]] maps."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from integrations.interfaces import JsonScalar

Output = JsonScalar | datetime | date

MATERIAL = ("rating", "upsell", "health", "status", "anomaly")
"""Any change of these is sent. Of the score only enough points, of the rest only with age."""

KEPT = ("held", "stale")
"""Statuses under which the last good values stay: only the status itself is sent."""

UPSELL_EXCLUDED = "This customer is in the control group whose upsell rating is not shown."

OF_THE_RATING = ("rating", "score", "reasons", "reasons_text", "summary", "upsell", "upsell_reason")
"""What is not shown of an account in the hold-out."""

TOP_REASONS = 5

ACTUAL_DAYS = 120
"""Of the past in the plot's data: enough to see a season's end, few enough for a text field."""


def outputs(prediction: RowMapping, forecast: RowMapping | None, gen: int) -> dict[str, Output]:
    """All that is shown of an account; only the status where the last good values stay.

    Of an account in the hold-out all that the rating says is empty; usage is shown.
    """
    status: dict[str, Output] = {
        "status": prediction["status"],
        "status_reason": prediction["status_reason"],
        "gen": gen,
    }
    if prediction["status"] in KEPT:
        return status
    rating = _no_rating(prediction) if prediction["status"] == "excluded" else _rating(prediction)
    return {**status, **rating, **_usage(forecast)}


def top_reasons(prediction: RowMapping) -> frozenset[tuple[str, str]]:
    """The strongest reasons shown, as (group of features, direction): texts and order may move freely."""
    reasons = [] if prediction["status"] == "excluded" else prediction["reasons"] or []
    return frozenset((str(reason.get("group")), reason["direction"]) for reason in reasons[:TOP_REASONS])


def _rating(prediction: RowMapping) -> dict[str, Output]:
    return {
        "rating": prediction["rating"],
        "score": prediction["score"],
        "reasons": prediction["reasons_rich"],
        "reasons_text": prediction["reasons_plain"],
        "summary": prediction["summary"],
        "upsell": prediction["upsell"],
        "upsell_reason": prediction["upsell_reason"],
        "data_as_of": prediction["data_as_of"],
    }


def _no_rating(prediction: RowMapping) -> dict[str, Output]:
    return {
        **dict.fromkeys(OF_THE_RATING),
        "rating": "unknown",
        "upsell": "none",
        "upsell_reason": UPSELL_EXCLUDED,
        "data_as_of": prediction["data_as_of"],
    }


def _usage(forecast: RowMapping | None) -> dict[str, Output]:
    if forecast is None:
        return {"health": "unknown", "forecast": None, "anomaly": None}
    return {
        "health": forecast["health"],
        "forecast": forecast["sentence"],
        "forecast_30d": forecast["total_30d"],
        "forecast_60d": forecast["total_60d"],
        "forecast_90d": forecast["total_90d"],
        "forecast_data": plot_data(forecast["series"], forecast["anomalies"]),
        "anomaly": _anomaly(forecast["anomalies"]),
    }


def _anomaly(anomalies: Sequence[Mapping[str, Any]]) -> str | None:
    """The newest that lasts, else the newest at all; a run of a release before kept no status."""
    lasting = [each for each in anomalies if each.get("status") != "recovered"]
    return next((each["sentence"] for each in reversed(lasting or anomalies)), None)


def plot_data(series: Mapping[str, Any], anomalies: list[Mapping[str, Any]]) -> str:
    """JSON for the plot: actual days, then the forecast with its 80 % band; whole numbers of events."""
    shown = {
        "start": series["start"],
        "actual": [None if value is None else round(value) for value in series["actual"]],
        **{
            name: [round(value) for value in series[source]]
            for name, source in (("median", "median"), ("low", "low80"), ("high", "high80"))
        },
        "anomalies": [{name: each[name] for name in ("day", "kind", "size")} for each in anomalies],
    }
    return json.dumps(shown, separators=(",", ":"))
