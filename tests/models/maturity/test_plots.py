"""shap draws our attributions."""

from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.maturity import plots
from tests.models.maturity.made_up import CATALOGUE, made_up_attributions, made_up_frame

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def explained():
    frame = made_up_frame(40)
    found = made_up_attributions(frame)
    return plots.explanation(found.values * 50, found.start * 50, frame, CATALOGUE)


def test_shap_gets_points_that_add_up_with_the_words_of_reps(explained):
    one = explained[3]

    assert one.base_values + one.values.sum() == pytest.approx(
        50 * made_up_attributions(made_up_frame(40)).expected[3]
    )
    assert "webinars attended in the last 90 days" in one.feature_names
    assert "unknown" in explained.display_data
    assert np.isnan(explained.data[:, CATALOGUE.names.index("region")].astype(float)).all()


@pytest.mark.filterwarnings("ignore")  # shap's own, of numpy and matplotlib
def test_one_account_and_all_are_drawn(explained, tmp_path: Path):
    plots.draw_account(explained, 0, "An account", tmp_path / "one.png")
    plots.draw_importance(explained, "All accounts", tmp_path / "all.svg")

    assert (tmp_path / "one.png").read_bytes().startswith(PNG)
    assert "<svg" in (tmp_path / "all.svg").read_text()


def test_a_file_of_no_known_format_is_refused_with_those_there_are(explained, tmp_path: Path):
    with pytest.raises(ModelError, match=r"end it in one of .*png"):
        plots.draw_account(explained, 0, "An account", tmp_path / "one.doc")

    assert not list(tmp_path.iterdir())
