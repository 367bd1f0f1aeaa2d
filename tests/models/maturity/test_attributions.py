"""Attributions of the expected level."""

import warnings

import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier, Pool
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.errors import ModelError
from models.maturity.attributions import attributions
from models.maturity.model import MaturityModel, prepared

SHAP_VALUES = arrays(np.float64, (5, 3, 8), elements=st.floats(-4, 4))


@given(SHAP_VALUES, st.floats(0.3, 3))
@settings(max_examples=40, deadline=None)
def test_start_and_values_add_up_to_the_expected_level(phi, temperature):
    found = attributions(phi, temperature)

    np.testing.assert_allclose(found.start + found.values.sum(axis=1), found.expected, atol=1e-6)
    assert ((found.expected >= 0) & (found.expected <= 2)).all()


def test_scores_so_far_apart_that_16_nodes_miss_are_done_with_more():
    phi = np.random.default_rng(0).normal(size=(20, 3, 6)) * 60

    found = attributions(phi)

    np.testing.assert_allclose(found.start + found.values.sum(axis=1), found.expected, atol=1e-6)


def test_a_feature_without_shap_values_gets_nothing():
    phi = np.random.default_rng(0).normal(size=(10, 3, 5))
    phi[:, :, 2] = 0

    assert (attributions(phi).values[:, 2] == 0).all()


def test_at_a_high_temperature_attributions_are_linear_in_the_shap_values():
    phi = np.random.default_rng(1).normal(size=(10, 3, 5))

    found = attributions(phi, temperature=1e4)

    linear = (phi[:, 2, :-1] - phi[:, 0, :-1]) / 3 / 1e4
    np.testing.assert_allclose(found.values, linear, atol=1e-7)


def test_two_classes_scale_the_explainers_values_to_the_change_of_probability():
    """With two classes the path integral has a closed form: each SHAP value by the mean slope of the line."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(300, 4))
    model = CatBoostClassifier(iterations=30, depth=3, thread_count=1, verbose=0, allow_writing_files=False)
    model.fit(table, (table[:, 0] + 0.5 * table[:, 1] + rng.normal(size=300) > 0).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own, of matplotlib at import
        import shap
    explainer = shap.TreeExplainer(model)
    values, base = explainer.shap_values(Pool(table)), explainer.expected_value
    ones = np.concatenate([values, np.full((300, 1), base)], axis=1)

    found = attributions(np.stack([np.zeros_like(ones), ones], axis=1))

    probability = model.predict_proba(table)[:, 1]
    gain = probability - 1 / (1 + np.exp(-base))
    np.testing.assert_allclose(found.expected, probability, atol=1e-9)
    np.testing.assert_allclose(found.values, values * (gain / values.sum(axis=1))[:, None], atol=1e-9)


def test_what_is_attributed_of_three_levels_are_the_explainers_values():
    """On raw scores, where both apply; the mean of the members' values explains the mean of their scores."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(200, 4)), columns=[*"abcd"])
    frame["kind"] = rng.choice(["x", "y", None], 200)
    level = np.digitize(frame.a + rng.normal(size=200), (-0.5, 0.5))
    table = prepared(frame, (*frame.columns,), {"kind": ("x", "y")})
    asked = Pool(table, level, cat_features=["kind"])
    members = [_member(asked, seed) for seed in range(2)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        import shap
    explained = np.mean([shap.TreeExplainer(each).shap_values(asked) for each in members], axis=0)
    blobs = tuple(each._serialize_model() for each in members)

    model = MaturityModel((*frame.columns,), {"kind": ("x", "y")}, (0.5, 1.5), 0.1, 1.2, blobs)

    phi = model.shap_values(frame)
    np.testing.assert_allclose(phi[:, :, :-1], explained.transpose(0, 2, 1), atol=1e-9)
    found = attributions(phi, model.temperature, model_expected=model.expected_level(frame))
    np.testing.assert_allclose(found.start + found.values.sum(axis=1), model.expected_level(frame), atol=1e-6)


def _member(asked: Pool, seed: int) -> CatBoostClassifier:
    member = CatBoostClassifier(
        iterations=20, depth=3, thread_count=1, verbose=0, allow_writing_files=False, random_seed=seed
    )
    return member.fit(asked)


def test_values_of_another_model_are_refused():
    phi = np.random.default_rng(0).normal(size=(4, 3, 5))

    with pytest.raises(ModelError, match="do not belong to this model"):
        attributions(phi, model_expected=np.array([0.0, 2.0, 0.0, 2.0]))


@pytest.mark.parametrize(
    ("phi", "temperature", "message"),
    [
        (np.zeros((4, 5)), 1.0, "shape"),
        (np.full((4, 3, 5), np.nan), 1.0, "NaN"),
        (np.zeros((4, 3, 5)), 0.0, "temperature"),
    ],
)
def test_what_cannot_be_explained_is_refused(phi, temperature, message):
    with pytest.raises(ModelError, match=message):
        attributions(phi, temperature)
