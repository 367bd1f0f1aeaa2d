"""Training, and the model that comes out of it."""

from dataclasses import replace

import numpy as np
import pytest

from models.artifact import Artifact, json_bytes
from models.errors import ArtifactError, TableError, TooFewLabels
from models.maturity.model import MaturityModel
from models.maturity.train import Trained, TrainSettings, train
from tests.models.maturity.labelled import accounts, labelled

QUICK = TrainSettings(trees=80, patience=20, members=3, min_labels_per_class=20)
FRAME, LEVEL = accounts(240, seed=1)
SHORT = replace(QUICK, trees=10)
FRESH, FRESH_LEVEL = accounts(400, seed=1_000)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(labelled(FRAME, LEVEL), QUICK, seed=0, threads=1)


def test_a_real_signal_is_found_on_held_out_labels_and_on_fresh_accounts(trained):
    metrics = trained.evaluation.metrics

    ratings = trained.model.ratings(trained.model.expected_level(FRESH)).level

    assert metrics["catboost"].n == 144
    assert metrics["catboost"].log_loss < metrics["majority"].log_loss - 0.2
    assert (ratings == FRESH_LEVEL).mean() > 0.6
    assert np.bincount(ratings).min() > 40


def test_baselines_are_judged_on_the_same_labels(trained):
    metrics = trained.evaluation.metrics

    assert {m.n for m in metrics.values()} == {144}
    assert metrics["logistic"].macro_f1 > metrics["majority"].macro_f1 + 0.2
    assert metrics["majority"].qwk == 0


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_threads(trained):
    again = train(labelled(FRAME, LEVEL), QUICK, seed=0, threads=2)

    assert again.model.to_artifact().digest == trained.model.to_artifact().digest
    assert again.evaluation.held_out.to_bytes() == trained.evaluation.held_out.to_bytes()


def test_another_seed_gives_another_model():
    one, other = (train(labelled(FRAME, LEVEL), SHORT, seed=seed, threads=1).model for seed in (0, 1))

    assert one.members != other.members


def test_an_artifact_gives_bit_equal_predictions(trained):
    artifact = trained.model.to_artifact()

    read = MaturityModel.from_artifact(Artifact.from_bytes(artifact.to_bytes(), artifact.digest))

    assert read == trained.model
    assert (read.raw(FRESH) == trained.model.raw(FRESH)).all()
    assert read.to_artifact().digest == artifact.digest


def test_shap_values_sum_to_the_raw_scores(trained):
    phi = trained.model.shap_values(FRESH)

    assert phi.shape == (400, 3, len(FRAME.columns) + 1)
    assert np.abs(phi.sum(axis=2) - trained.model.raw(FRESH)).max() < 1e-9


def test_scores_are_expected_levels_on_a_scale_of_100(trained):
    probabilities = trained.model.probabilities(FRESH)

    score = trained.model.score(FRESH)

    assert score == pytest.approx(50 * probabilities[:, 1] + 100 * probabilities[:, 2])


def test_a_model_takes_its_columns_by_name_and_meets_unknown_categories(trained):
    other = FRESH.assign(extra=1.0, size="enormous")[[*reversed(FRESH.columns), "extra"]]

    assert np.isfinite(trained.model.score(other)).all()
    assert (trained.model.score(FRESH[list(reversed(FRESH.columns))]) == trained.model.score(FRESH)).all()


def test_a_table_without_a_feature_is_refused_by_name(trained):
    with pytest.raises(TableError, match="lacks x3"):
        trained.model.score(FRESH.drop(columns="x3"))


def test_an_artifact_of_another_release_is_refused(trained):
    files = dict(trained.model.to_artifact().files)

    with pytest.raises(ArtifactError, match="has the format 99"):
        MaturityModel.from_artifact(Artifact({**files, "maturity.json": json_bytes({"format": 99})}))


def test_trees_that_are_none_are_refused(trained):
    with pytest.raises(ArtifactError, match="cannot be read"):
        replace(trained.model, members=(b"no trees",))


def test_too_few_labels_of_a_level_stop_the_training_and_are_counted():
    with pytest.raises(TooFewLabels, match=r"96 low, 84 medium, 60 high, of 240 accounts; training takes 61"):
        train(labelled(FRAME, LEVEL), replace(QUICK, min_labels_per_class=61), seed=0, threads=1)


def test_feedback_does_not_count_as_a_label_to_judge_by():
    training = labelled(FRAME, LEVEL, origin=["feedback"] * 40 + ["expert"] * 200)

    with pytest.raises(TooFewLabels, match="expert and outcome"):
        train(training, replace(QUICK, min_labels_per_class=58), seed=0, threads=1)


def test_levels_that_come_up_late_do_not_stop_the_training():
    order = np.argsort(LEVEL, kind="stable")
    training = labelled(FRAME.iloc[order], LEVEL[order])

    trained = train(training, SHORT, seed=0, threads=1)

    assert np.isfinite(trained.model.score(FRESH)).all()


def test_progress_is_told_after_each_fit():
    told = []

    train(labelled(FRAME, LEVEL), SHORT, 0, 1, lambda done, total: told.append((done, total)))

    assert told == [(done, 12) for done in range(1, 13)]
