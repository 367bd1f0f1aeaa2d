"""Parts that share no group."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.examples import Examples, deal

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.booleans()), min_size=2, max_size=60)


def examples_of(rows):
    return Examples(
        frame=pd.DataFrame({"x": np.zeros(len(rows))}),
        level=np.array([level for _, level, _ in rows]),
        weight=np.ones(len(rows)),
        group=np.array([f"group {group}" for group, _, _ in rows]),
        judged=np.array([judged for _, _, judged in rows]),
        classes=4,
        ordered=True,
    )


@given(ROWS, st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_no_group_is_on_both_sides_and_no_row_is_tested_twice(rows, parts):
    examples = examples_of(rows)

    blocks = deal(examples, np.arange(len(rows)), parts, seed=0)

    for block in blocks:
        assert not set(examples.group[block.train]) & set(examples.group[block.test])
    tested = [row for block in blocks for row in block.test.tolist()]
    assert len(tested) == len(set(tested))
    assert examples.judged[tested].all()


@given(ROWS, st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_every_block_teaches_all_levels(rows, parts):
    examples = examples_of(rows)

    for block in deal(examples, np.arange(len(rows)), parts, seed=0):
        assert set(examples.level[block.train]) == set(examples.level)


def test_a_rare_level_is_spread_over_the_parts():
    examples = examples_of([(number, int(number < 5), True) for number in range(100)])

    blocks = deal(examples, np.arange(100), 5, seed=0)

    assert [int(examples.level[block.test].sum()) for block in blocks] == [1] * 5


def test_another_group_leaves_nearly_all_others_in_their_parts():
    few = [(number, number % 3, True) for number in range(300)]

    before, after = (parts_of(rows) for rows in (few, [*few, (1000, 1, True)]))

    assert sum(before[group] != after[group] for group in before) <= 4


def parts_of(rows):
    """Group to the part that it is tested in."""
    examples = examples_of(rows)
    blocks = deal(examples, np.arange(len(rows)), 5, seed=0)
    return {examples.group[row]: part for part, block in enumerate(blocks) for row in block.test}
