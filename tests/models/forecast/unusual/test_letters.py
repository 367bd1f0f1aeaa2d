"""What a customer reads of an anomaly."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forecast import Anomaly
from models.forecast.unusual.anomalies import DROP, MISUSE, SPIKE, STOP, SUSTAINED
from models.forecast.unusual.letters import letter

INTERNAL = ("anomal", "forecast", "misuse", "suspect", "interval", "confirmed", "maturity", "expected usage")


def anomaly(kind: str, size: float, days: int = 1) -> Anomaly:
    return Anomaly(kind, date(2026, 11, 12), days, size, chance=0.001)


@pytest.mark.parametrize(
    ("one", "subject", "said"),
    [
        (anomaly(STOP, -1.0, 4), "no use since 12 November 2026", "no use of our product on your side"),
        (anomaly(SUSTAINED, -0.43, 20), "less use since 12 November 2026", "about 40 % less than we would"),
        (anomaly(SUSTAINED, 0.6, 20), "more use since 12 November 2026", "We are glad to see that"),
        (anomaly(MISUSE, 5.2), "more use on 12 November 2026", "about 6 times as much as we would expect"),
        (anomaly(SPIKE, 0.5, 2), "more use from 12 November 2026 to 13 November 2026", "about 50 % more"),
        (anomaly(DROP, -0.8), "less use on 12 November 2026", "something may be in the way"),
    ],
)
def test_it_says_what_was_seen_and_when(one: Anomaly, subject: str, said: str) -> None:
    found = letter(one)

    assert found.subject == subject
    assert said in found.text


@given(
    st.sampled_from([SPIKE, DROP, SUSTAINED, STOP, MISUSE]),
    st.floats(-1, 1000, allow_nan=False),
    st.integers(1, 400),
)
def test_it_always_greets_offers_a_talk_and_has_no_word_of_ours(kind: str, size: float, days: int) -> None:
    found = letter(anomaly(kind, size, days))

    assert found.text.startswith("Hello,\n\nwe noticed that ")
    assert "look at it together" in found.text
    assert not [word for word in INTERNAL if word in (found.subject + found.text).lower()]
    assert len(found.subject) < 100
