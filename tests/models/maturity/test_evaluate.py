"""Held-out evaluation by time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ArtifactError
from models.maturity.evaluate import BLOCKS, hold_out, time_blocks
from models.maturity.held_out import HeldOut
from tests.models.maturity.labelled import accounts, labelled

ROWS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 20), st.sampled_from(["expert", "outcome", "feedback"])),
    max_size=40,
)
FIVE_ACCOUNTS = [(account, 3 * account, "expert") for account in range(5)]


FRAME, LEVEL = accounts(50, seed=0)


def training_of(rows):
    rows = FIVE_ACCOUNTS + rows
    return labelled(
        FRAME.iloc[: len(rows)],
        LEVEL[: len(rows)],
        account_id=[f"account {account}" for account, _, _ in rows],
        days=[day for _, day, _ in rows],
        origin=[origin for _, _, origin in rows],
    )


@given(ROWS)
@settings(max_examples=25, deadline=None)
def test_no_account_is_on_both_sides_and_nothing_later_is_learned_from(rows):
    training = training_of(rows)

    for block in time_blocks(training):
        learned, tested = training.account_id[block.train], training.account_id[block.test]
        assert not set(learned) & set(tested)
        if len(block.test):
            assert training.at[block.train].max(initial=training.at.min()) <= training.at[block.test].min()


@given(ROWS)
@settings(max_examples=25, deadline=None)
def test_no_label_is_tested_twice_and_feedback_never(rows):
    training = training_of(rows)

    tested = np.concatenate([block.test for block in time_blocks(training)])

    assert len(tested) == len(set(tested.tolist()))
    assert training.validation[tested].all()


def test_labels_of_one_instant_become_cross_validation_over_accounts():
    blocks = time_blocks(labelled(FRAME, LEVEL, days=[0] * 50))

    assert [len(block.train) for block in blocks] == [40] * (BLOCKS - 2)


def test_every_block_is_predicted_from_its_own_past_only():
    training = labelled(FRAME, LEVEL)
    asked = []

    def learner(train, test):
        asked.append((train, test))
        return np.tile([0.2, 0.3, 0.5], (len(test), 1)), np.full(len(test), 2)

    predicted = hold_out(learner, time_blocks(training))

    assert [len(train) for train, _ in asked] == [20, 30, 40]
    assert predicted.rows.tolist() == np.concatenate([test for _, test in asked]).tolist()
    assert len(predicted.probabilities) == len(predicted.rating) == 30


def test_held_out_predictions_survive_the_way_through_bytes():
    held_out = HeldOut(
        account_id=np.array(["001A", "001B"]),
        at=np.array(["2025-01-01T12:00", "2025-01-02T12:00"], dtype="datetime64[us]"),
        level=np.array([0, 2]),
        rating=np.array([0, 1]),
        probabilities=np.array([[65535, 0, 0], [0, 21845, 43690]], dtype=np.uint16),
    )

    read = HeldOut.from_bytes(held_out.to_bytes())

    assert all((getattr(read, name) == value).all() for name, value in vars(held_out).items())
    assert read.shares()[1].tolist() == pytest.approx([0, 1 / 3, 2 / 3])


def test_other_bytes_are_no_held_out_predictions():
    with pytest.raises(ArtifactError, match="cannot be read"):
        HeldOut.from_bytes(b"something else")
