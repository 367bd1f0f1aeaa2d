"""Which anomaly a rep reads, where an account has several."""

from typing import Any

from daemon.outputs import outputs
from tests.daemon.test_hold_out import FORECAST, PREDICTION


def told(*anomalies: dict[str, Any]) -> object:
    shown = [{"day": "2026-11-01", "kind": "spike", "size": 3.0, **each} for each in anomalies]
    prediction = {**PREDICTION, "status": "scored"}
    return outputs(prediction, {**FORECAST, "anomalies": shown}, 7)["anomaly"]  # type: ignore[arg-type]


LEVEL = {
    "status": "confirmed",
    "sentence": "Since 1 November usage has been about 50 % below what was expected.",
}
SPIKE = {"status": "recovered", "sentence": "On 12 November usage was about 4 times what was expected."}


def test_what_lasts_is_told_before_what_is_over() -> None:
    assert told(LEVEL, SPIKE) == LEVEL["sentence"]


def test_where_nothing_lasts_the_newest_is_told() -> None:
    older = {"status": "recovered", "sentence": "On 2 November usage was about 90 % below what was expected."}

    assert told(older, SPIKE) == SPIKE["sentence"]


def test_without_anomalies_the_field_is_emptied() -> None:
    assert told() is None


def test_what_a_run_of_an_older_release_kept_without_a_status_is_told() -> None:
    assert told({"sentence": LEVEL["sentence"]}) == LEVEL["sentence"]
