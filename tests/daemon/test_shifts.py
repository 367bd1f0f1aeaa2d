"""What changed since the score that the CRM shows, over runs, models and catalogues."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from daemon.shifts import Today, attributed, shifts_of
from daemon.state.engine import read
from daemon.state.predictions import shown_before
from models.features.catalogue import catalogue
from models.maturity.model import MaturityModel
from models.maturity.reasons import ReasonSettings
from tests.conftest import NOW
from tests.daemon.explained import ACCOUNTS, Past, figures, trained

THEN = NOW - timedelta(days=11)
FEATURES = catalogue((), ())
ONE = ACCOUNTS[0]
OLD = figures(webinars_90d=1.0)
MODEL = trained(figures(seed=1))


@dataclass(frozen=True)
class Story:
    """A run of eleven days ago, and what today tells of the change since."""

    past: Past
    first: int
    scores: pd.DataFrame

    def told(
        self,
        frame: pd.DataFrame,
        model: MaturityModel = MODEL,
        version: str = "v1",
        features: int | None = None,
    ) -> dict[str, str]:
        names = [*frame.columns][:features]
        found = attributed(model, frame)
        ratings = dict.fromkeys(frame.index, "medium")
        today = Today(version, found, ratings, frame, FEATURES, {name: name for name in names})
        with read(self.past.engine) as connection:
            shown = shown_before(connection, 1000)
        return shifts_of(self.past.engine, self.past.lake, shown, today, ReasonSettings())


@pytest.fixture
def story(engine: Engine, tmp_path: Path) -> Story:
    past = Past(engine, tmp_path)
    first = past.run(THEN)
    past.version("v1", MODEL, first, THEN)
    return Story(past, first, past.scored(first, THEN, OLD, "v1", MODEL))


def moved(story: Story, frame: pd.DataFrame, model: MaturityModel = MODEL) -> int:
    return round(model.score(frame)[0] - story.scores.score.iloc[0])


def test_new_data_is_told_with_the_day_and_the_values(story: Story) -> None:
    new = OLD.assign(webinars_90d=9.0)

    text = story.told(new)[ONE]

    assert moved(story, new) > 5
    assert f"risen by {moved(story, new)} points" in text
    assert text.startswith(f"Since {THEN:%-d %B %Y} ")
    assert "webinars attended in the last 90 days (from 1 to 9 webinars)" in text


def test_another_model_is_told_apart_from_the_data(story: Story) -> None:
    other = trained(figures(seed=2, contacts=0.0), seed=5)

    text = story.told(OLD, other, "v2")[ONE]

    assert moved(story, OLD, other) != 0
    assert "because the model was trained anew; the customer's data hardly changed" in text


def test_a_catalogue_that_has_grown_since_changes_nothing_for_the_old_model(story: Story) -> None:
    new = OLD.assign(webinars_90d=9.0, trainings_90d=2.0)

    assert "(from 1 to 9 webinars)" in story.told(new)[ONE]


def test_a_catalogue_that_has_lost_a_feature_since_gives_the_change_to_the_model(story: Story) -> None:
    fewer = figures(seed=3)[["webinars_90d", "region"]].assign(contacts=4.0)
    new = trained(fewer, seed=4)
    without = fewer.rename(columns={"contacts": "contact_roles"})
    model = MaturityModel(
        tuple(without.columns), new.categories, new.cuts, new.margin, new.temperature, new.members
    )

    texts = story.told(without, model, "v2")

    assert len(texts) == len(ACCOUNTS)
    assert not any("new data" in text for text in texts.values())


@pytest.mark.parametrize(
    ("status", "state"), [("held", "acked"), ("excluded", "acked"), ("scored", "superseded")]
)
def test_what_was_never_shown_is_nothing_to_compare_with(story: Story, status: str, state: str) -> None:
    """The change is told since the newest score that reps could see."""
    between = NOW - timedelta(days=1)
    second = story.past.run(between)
    story.past.scored(second, between, figures(webinars_90d=5.0), "v1", MODEL, status=status, state=state)

    assert story.told(OLD.assign(webinars_90d=9.0))[ONE].startswith(f"Since {THEN:%-d %B %Y} ")


def test_a_table_that_is_not_kept_any_more_leaves_nothing_to_tell(story: Story) -> None:
    (story.past.lake / "snapshots" / f"{story.first}.parquet").unlink()

    assert story.told(OLD) == {}


def test_accounts_that_are_new_or_gone_are_left_out(story: Story) -> None:
    newcomer = "001" + "9" * 15
    frame = OLD.iloc[:2].copy()
    frame.index = pd.Index([ONE, newcomer], dtype=object, name="account_id")

    assert set(story.told(frame)) == {ONE}
