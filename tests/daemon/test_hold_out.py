"""The hold-out: drawn once for ever, and what the CRM shows of an account in it."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from daemon.hold_out import held_out, quality_where_not_shown
from daemon.materiality import Materiality
from daemon.outputs import outputs, top_reasons
from daemon.state.outbox import Standing
from integrations.salesforce.mapping import output_mapping
from models.maturity.held_out import HeldOut
from tests.conftest import NOW

ACCOUNTS = [f"001{number:015}" for number in range(5_000)]
SHARES = st.floats(0, 1)

PREDICTION: dict[str, Any] = {
    "status": "excluded",
    "status_reason": "",
    "rating": "high",
    "score": 91.0,
    "reasons": [{"features": ["docker"], "direction": "up"}],
    "reasons_rich": "<p>why</p>",
    "reasons_plain": "why",
    "summary": "high, because",
    "upsell": "medium",
    "upsell_reason": "because",
    "data_as_of": NOW,
}
FORECAST: dict[str, Any] = {
    "health": "positive",
    "sentence": "Usage grows.",
    "total_30d": 30.0,
    "total_60d": 60.0,
    "total_90d": 90.0,
    "series": {"start": "2026-11-23", "actual": [], "median": [], "low80": [], "high80": []},
    "anomalies": [],
}


def shown(status: str) -> dict[str, Any]:
    return outputs({**PREDICTION, "status": status}, FORECAST, 7)  # type: ignore[arg-type]


def test_the_share_of_accounts_held_out_is_the_one_configured() -> None:
    assert 0.04 < len(held_out(ACCOUNTS, 0.05)) / len(ACCOUNTS) < 0.06


def test_without_a_share_nobody_is_held_out() -> None:
    assert held_out(ACCOUNTS, 0.0) == frozenset()


@given(SHARES, SHARES)
def test_who_is_held_out_stays_so_when_the_share_is_raised(one: float, other: float) -> None:
    few, many = sorted((one, other))

    assert held_out(ACCOUNTS[:50], few) <= held_out(ACCOUNTS[:50], many)


def test_the_draw_is_the_same_on_every_machine() -> None:
    """A literal: it may change with the key only, and the key never."""
    assert sorted(held_out(ACCOUNTS[:100], 0.03)) == ["001000000000000003", "001000000000000041"]


def test_nothing_of_the_rating_is_shown_and_usage_is() -> None:
    found = shown("excluded")

    assert found["rating"] == "unknown"
    assert found["upsell"] == "none"
    assert [found[name] for name in ("score", "reasons", "reasons_text", "summary")] == [None] * 4
    assert (found["health"], found["forecast"]) == ("positive", "Usage grows.")


def test_an_account_that_comes_into_the_hold_out_loses_what_was_shown() -> None:
    """Every field that had a value is written again, and the change is material."""
    fields = {each.output: each.field for each in output_mapping().fields if each.push}
    before = {fields[output]: value for output, value in shown("scored").items()}
    after = {fields[output]: value for output, value in shown("excluded").items()}
    standing = Standing(6, before, "acked", NOW)

    why = Materiality(fields, 2.0, NOW - NOW).why(after, standing, reasons_changed=False, now=NOW)

    assert why == "rating"
    assert set(after) == set(before)


def test_reasons_that_are_not_shown_cannot_change() -> None:
    assert top_reasons(PREDICTION) == frozenset()  # type: ignore[arg-type]


def predicted(accounts: list[str]) -> HeldOut:
    """Every label of the hold-out is met, every other one missed."""
    inside = held_out(accounts, 0.5)
    rating = np.array([2 if account in inside else 0 for account in accounts])
    return HeldOut(
        account_id=np.array(accounts),
        at=np.full(len(accounts), np.datetime64("2026-01-01", "us")),
        level=np.full(len(accounts), 2),
        rating=rating,
        probabilities=np.full((len(accounts), 3), 21845, dtype=np.uint16),
    )


def test_quality_where_nothing_was_shown_is_measured_on_the_hold_out_alone() -> None:
    metrics = quality_where_not_shown(predicted(ACCOUNTS[:200]), 0.5)

    assert metrics is not None
    assert metrics.n == len(held_out(ACCOUNTS[:200], 0.5))
    assert metrics.accuracy == 1.0


def test_without_a_hold_out_there_is_no_such_quality() -> None:
    assert quality_where_not_shown(predicted(ACCOUNTS[:20]), 0.0) is None
