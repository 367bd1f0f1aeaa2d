"""Labels beside the features of their instant."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import TableError
from models.maturity.conflicts import RANK, WINDOW
from models.maturity.training_set import training_set
from models.tables import Label
from tests.models.maturity.labelled import snapshot

JUST_BEFORE = timedelta(microseconds=1)
ACCOUNTS = pd.Index(["A", "B", "C"], name="account_id")


def table(value: float) -> pd.DataFrame:
    return pd.DataFrame({"usage": [value] * 3, "region": ["north", None, "south"]}, index=ACCOUNTS).astype(
        {"region": object}
    )


def noon(day: int) -> datetime:
    return datetime(2025, 1, day, 12, tzinfo=UTC)


def label(account="A", level=1, at=None, origin="expert", weight=1.0, by=None) -> Label:
    return Label(account, level, at or noon(20), origin, weight, by)


SNAPSHOTS = {noon(day): snapshot(day, table(float(day))) for day in (5, 10, 15)}


def test_a_label_meets_the_newest_snapshot_not_after_it():
    labels = [label("A", at=noon(12)), label("B", at=noon(15)), label("C", at=noon(30))]

    training = training_set(SNAPSHOTS, labels)

    assert training.account_id.tolist() == ["A", "B", "C"]
    assert training.frame["usage"].tolist() == [10.0, 15.0, 15.0]


def test_a_label_older_than_every_snapshot_is_left_out_and_counted():
    training = training_set(SNAPSHOTS, [label(at=noon(4)), label("B")])

    assert training.account_id.tolist() == ["B"]
    assert training.left_out.older_than_snapshots == 1


def test_a_label_of_an_account_that_did_not_exist_yet_is_left_out_and_counted():
    training = training_set(SNAPSHOTS, [label("Z"), label("B")])

    assert training.account_id.tolist() == ["B"]
    assert training.left_out.not_in_snapshot == 1


def test_the_latest_of_one_origin_in_a_window_counts():
    labels = [label(level=0, at=noon(18)), label(level=2, at=noon(20))]

    training = training_set(SNAPSHOTS, labels)

    assert training.level.tolist() == [2]
    assert training.left_out.superseded == 1


def test_an_older_opinion_beyond_the_window_is_a_row_of_its_own():
    labels = [label(level=0, at=noon(6)), label(level=2, at=noon(6) + WINDOW)]

    assert training_set(SNAPSHOTS, labels).level.tolist() == [0, 2]


def test_an_upgrade_dated_just_before_it_misses_the_snapshot_that_shows_the_new_tier():
    upgraded = noon(10)

    training = training_set(SNAPSHOTS, [label(at=upgraded - JUST_BEFORE, origin="outcome")])

    assert training.frame["usage"].tolist() == [5.0]


def test_people_who_disagree_all_count_with_their_part_of_the_weight():
    labels = [
        label(level=1, at=noon(16), origin="feedback", weight=0.6, by="rosa"),
        label(level=0, at=noon(18), origin="feedback", weight=0.3, by="tomas"),
        label("B", level=2, origin="feedback", weight=0.6, by="rosa"),
    ]

    training = training_set(SNAPSHOTS, labels)

    assert training.level.tolist() == [1, 0, 2]
    assert training.weight.tolist() == [0.3, 0.15, 0.6]


def test_people_who_spoke_of_different_times_do_not_share():
    labels = [label(at=noon(6), by="rosa"), label(at=noon(6) + WINDOW, by="tomas")]

    assert training_set(SNAPSHOTS, labels).weight.tolist() == [1.0, 1.0]


def test_who_changes_his_mind_counts_once_beside_others():
    labels = [
        label(level=0, at=noon(16), by="rosa"),
        label(level=2, at=noon(18), by="rosa"),
        label(level=1, at=noon(17), by="tomas"),
    ]

    training = training_set(SNAPSHOTS, labels)

    assert training.level.tolist() == [1, 2]
    assert training.weight.tolist() == [0.5, 0.5]
    assert training.left_out.superseded == 1


def test_an_expert_overrules_feedback_of_the_same_weeks_though_a_run_lies_between():
    """Snapshots are half a day apart where the daemon runs; a moment is not."""
    labels = [label(at=noon(12)), label(level=2, at=noon(16), origin="feedback", weight=0.6)]

    training = training_set(SNAPSHOTS, labels)

    assert training.origin.tolist() == ["expert"]
    assert training.left_out.overruled == 1


@pytest.mark.parametrize("order", [1, -1])
def test_experts_overrule_outcomes_and_these_feedback_on_one_snapshot(order):
    labels = [
        label("A", 0, noon(16), "expert"),
        label("A", 2, noon(19), "feedback", 0.6),
        label("B", 1, noon(16), "outcome"),
        label("B", 2, noon(17), "feedback", 0.6),
    ]

    training = training_set(SNAPSHOTS, labels[::order])

    assert training.level.tolist() == [0, 1]
    assert training.left_out.overruled == 2


def test_weights_are_kept_and_feedback_never_judges():
    labels = [label("A", weight=0.8), label("B", origin="feedback", weight=0.3)]

    training = training_set(SNAPSHOTS, labels)

    assert training.weight.tolist() == [0.8, 0.3]
    assert training.validation.tolist() == [True, False]


def test_a_feature_missing_in_training_or_in_serving_is_left_out_with_the_reason():
    then, now = table(1.0), table(2.0)
    then["new"], now["new"] = np.nan, 1.0
    then["gone"], now["gone"] = 1.0, np.nan
    snapshots = {noon(5): snapshot(5, then), noon(15): snapshot(15, now)}

    training = training_set(snapshots, [label(at=noon(7))])

    assert list(training.frame) == ["usage", "region"]
    assert training.left_out.features == {
        "new": "missing in all training rows",
        "gone": "missing in all rows to be scored",
    }


def test_columns_keep_their_kinds_and_order():
    training = training_set(SNAPSHOTS, [label("A", at=noon(7)), label("B"), label("C")])

    assert training.frame.dtypes.astype(str).to_dict() == {"usage": "float64", "region": "object"}
    assert training.frame["region"].isna().tolist() == [False, True, False]


def test_no_label_gives_an_empty_set_with_columns():
    training = training_set(SNAPSHOTS, [])

    assert len(training.frame) == len(training.level) == 0


def test_snapshots_with_other_columns_are_refused_by_name():
    snapshots = {**SNAPSHOTS, noon(18): snapshot(18, table(1.0).rename(columns={"usage": "events"}))}

    with pytest.raises(TableError, match=r"events, usage; build the older one again"):
        training_set(snapshots, [label(at=noon(12))])


def test_without_a_snapshot_there_is_nothing_to_join():
    with pytest.raises(TableError, match="no snapshot"):
        training_set({}, [label()])


LABELS = st.lists(
    st.builds(
        Label,
        st.sampled_from(["A", "B", "C", "Z"]),
        st.integers(0, 2),
        st.integers(0, 120).map(lambda days: noon(1) + timedelta(days=days)),
        st.sampled_from(sorted(RANK)),
        st.sampled_from([0.3, 1.0]),
        st.sampled_from([None, "rosa", "tomas"]),
    ),
    max_size=25,
)


@given(LABELS)
@settings(max_examples=25, deadline=None)
def test_every_label_is_trained_on_or_counted_as_left_out(labels):
    training = training_set(SNAPSHOTS, labels)

    out = training.left_out
    counted = out.older_than_snapshots + out.not_in_snapshot + out.superseded + out.overruled
    assert len(training.level) + counted == len(labels)


@given(LABELS)
@settings(max_examples=25, deadline=None)
def test_no_feature_is_from_after_its_label(labels):
    training = training_set(SNAPSHOTS, labels)

    for usage, at in zip(training.frame.get("usage", []), training.at, strict=False):
        assert np.datetime64(f"2025-01-{int(usage):02}T12:00") <= at


@given(LABELS, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_in_which_labels_come_does_not_matter(labels, chance):
    shuffled = chance.sample(labels, len(labels))

    one, other = training_set(SNAPSHOTS, labels), training_set(SNAPSHOTS, shuffled)

    assert one.level.tolist() == other.level.tolist()
    assert sorted(one.weight) == sorted(other.weight)
