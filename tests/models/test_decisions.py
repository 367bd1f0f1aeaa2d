"""A score to decide from, chosen from decisions that were kept with what came true."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import goals
from models.decisions import NO, NOT_KNOWN, YES, Decided, choose, pooled
from models.errors import ArtifactError
from models.goals import Goal

CUT = date(2026, 3, 1)

some_goal = st.builds(
    Goal,
    maximize=st.sampled_from(["recall", "precision", "f1"]),
    precision=st.none() | st.floats(0.3, 0.95),
    recall=st.none() | st.floats(0.1, 0.9),
)


@dataclass(frozen=True)
class Season:
    """What a cut brings: an offset that all chances of its decisions share, in log-odds."""

    spread: float
    decisions: int

    def cut(self, rng: np.random.Generator) -> Decided:
        score = 1.3 + rng.exponential(1.5, self.decisions)
        odds = 2.4 * np.log(score / 2) - 0.8 + rng.normal(0, self.spread)
        came_true = rng.random(self.decisions) < 1 / (1 + np.exp(-odds))
        rows = zip(score, came_true, strict=True)
        return Decided.of([("001", CUT, "spike", each, False, int(true)) for each, true in rows])

    def to_come(self) -> Decided:
        """So many cuts that chance has no say any more."""
        rng = np.random.default_rng(10**7)
        return pooled([self.cut(rng) for _ in range(400)])


def at_cuts(rows: Decided, count: int = 6) -> list[Decided]:
    """Cut after cut, the same number of rows in each."""
    number = np.arange(len(rows.score)) * count // max(len(rows.score), 1)
    return [rows.take(number == cut) for cut in range(count)]


def decided(n: int, seed: int) -> Decided:
    """The higher the score, the more often it comes true; a third has no score to speak of."""
    rng = np.random.default_rng(seed)
    score = np.where(rng.random(n) < 1 / 3, 0.0, rng.exponential(1.0, n))
    came_true = rng.random(n) < np.clip(score / 3, 0.02, 0.98)
    return Decided.of(
        [
            (
                f"001{row:015}",
                CUT + timedelta(days=row),
                "fall",
                score[row],
                score[row] >= 1,
                int(came_true[row]),
            )
            for row in range(n)
        ]
    )


@settings(deadline=None)
@given(some_goal, st.integers(0, 10**6), st.sampled_from([60, 300]))
def test_a_score_of_nothing_is_never_enough_whatever_the_goal(goal: Goal, seed: int, n: int) -> None:
    choice = choose(at_cuts(decided(n, seed)), goal)

    assert all(point.lower is not None and point.lower > 0 for point in choice.curve)
    assert choice.cut is None or (choice.cut.lower or 0) > 0


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_from_the_score_on_is_taken_what_the_choice_says_it_took(seed: int) -> None:
    rows = decided(300, seed)
    cut = choose(at_cuts(rows), Goal("f1")).cut

    assert cut is not None
    earlier = rows.score[: cut.found.labels]
    assert cut.found.selected == (earlier >= (cut.lower or 0)).sum()


def test_what_has_no_score_or_no_outcome_yet_is_left_out() -> None:
    rows = decided(300, seed=1)
    unknown = Decided.of(
        [
            ("001000000000999999", CUT, "stop", float("nan"), True, YES),
            ("001000000000999998", CUT, "fall", 5.0, True, NOT_KNOWN),
        ]
    )
    goal = Goal("recall", precision=0.5)

    first, *others = at_cuts(rows)

    assert choose([pooled([first, unknown]), *others], goal) == choose([first, *others], goal)


def test_the_usual_rule_is_counted_with_what_has_no_score_and_without_what_is_not_known() -> None:
    rows = Decided.of(
        [
            ("001", CUT, "stop", float("nan"), True, YES),
            ("002", CUT, "spike", 3.0, False, YES),
            ("003", CUT, "spike", 3.0, True, NO),
            ("004", CUT, "spike", 9.0, True, NOT_KNOWN),
        ]
    )

    usual = rows.usually()

    assert (usual.labels, usual.positives, usual.selected, usual.hits) == (3, 2, 2, 1)
    assert usual.accuracy == pytest.approx(1 / 3)


def test_decisions_come_back_from_their_bytes_and_other_bytes_are_refused() -> None:
    rows = decided(20, seed=2)

    again = Decided.from_bytes(rows.to_bytes())

    assert all(np.array_equal(part, vars(again)[name]) for name, part in vars(rows).items())
    with pytest.raises(ArtifactError, match="stored decisions cannot be read"):
        Decided.from_bytes(b"something else")


def test_without_any_decision_there_is_nothing_to_choose() -> None:
    choice = choose([Decided.of([])], Goal("f1"))

    assert choice.cut is None
    assert choice.curve == ()


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 9))
def test_the_newest_third_of_the_cuts_one_at_least_is_not_chosen_on(seed: int, cuts: int) -> None:
    each = at_cuts(decided(240, seed), cuts)
    earlier = each[: -max(1, cuts // 3)]
    scrambled = [replace(cut, came_true=1 - cut.came_true) for cut in each[len(earlier) :]]
    goal = Goal("recall", precision=0.3)

    choice = choose(each, goal)

    assert choice.clusters == len(earlier)
    assert choice.usual.labels - choice.reported_on.labels == sum(len(cut.score) for cut in earlier)
    assert choose([*earlier, *scrambled], goal).cut == choice.cut


def test_what_is_promised_is_kept_by_cuts_to_come_where_decisions_of_one_cut_move_together() -> None:
    """About nine times in ten, as promised; of each decision taken as drawn alone, every third breaks."""
    season, goal = Season(spread=0.6, decisions=120), Goal("recall", precision=0.6)
    to_come = season.to_come()
    kept: dict[str, list[bool]] = {"cuts": [], "alone": []}
    for seed in range(100):
        rng = np.random.default_rng(seed)
        cuts = [season.cut(rng) for _ in range(6)]
        for how, choice in {"cuts": choose(cuts, goal), "alone": alone(cuts, goal)}.items():
            if choice.cut is not None:
                taken = to_come.score >= (choice.cut.lower or 0.0)
                kept[how].append(to_come.came_true[taken].mean() >= 0.6)

    assert len(kept["cuts"]) >= 80
    assert np.mean(kept["cuts"]) >= 0.85
    assert np.mean(kept["alone"]) <= 0.75


def alone(cuts: list[Decided], goal: Goal) -> goals.Choice:
    """As if each decision were drawn alone."""
    rows = pooled(cuts)
    ends = (float(rows.score.min()), float(rows.score.max()))
    labels = goals.Labels(rows.score, rows.came_true == YES, rows.usual, ends, "from")
    return goals.choose(labels, goal)
