"""Pictures of an account: what must be seen in them, and that equal accounts are equal bytes."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from daemon.errors import StepFailed
from daemon.kept_forecast import KeptForecast, of_row
from daemon.picture import DARK, LIGHT, Theme, drawing
from daemon.usage_marks import SIGNS
from daemon.usage_plot import SIZES, draw_usage, figure_of, weekly
from models.forecast.unusual import anomalies
from tests.daemon.kept import SENTENCE, row, unusual


def kept(*found: dict[str, Any], **changed: Any) -> KeptForecast:
    return of_row(row(*found, **changed), "2026-11-23T06:30")


def drawn(one: KeptForecast) -> Axes:
    with drawing():
        return figure_of(one, LIGHT, "record").axes[0]


def words(axis: Axes) -> list[str]:
    return [text.get_text() for text in axis.texts]


@pytest.mark.parametrize("kind", [".png", ".svg"])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_equal_accounts_are_equal_bytes(tmp_path: Path, kind: str, theme: Theme) -> None:
    one = kept(unusual("spike", ago=20, size=3.0))
    files = [tmp_path / f"{name}{kind}" for name in "ab"]

    for file in files:
        draw_usage(one, file, theme, "record")

    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_is_as_large_as_its_place(tmp_path: Path, size: str) -> None:
    draw_usage(kept(), tmp_path / "a.png", LIGHT, size)

    header = (tmp_path / "a.png").read_bytes()[16:24]
    assert (int.from_bytes(header[:4]), int.from_bytes(header[4:])) == SIZES[size]


def test_the_sentence_is_there_for_who_cannot_see_the_picture(tmp_path: Path) -> None:
    draw_usage(kept(), tmp_path / "a.svg", LIGHT, "record")

    assert SENTENCE in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_text_and_line_stands_out_from_the_paper(theme: Theme) -> None:
    """As WCAG 2 asks: 4.5 to 1 for texts."""
    for name in ("ink", "soft", "past", "ahead", "odd", "good", "bad", "even"):
        assert contrast(getattr(theme, name), theme.paper) >= 4.5, name


def test_every_kind_of_anomaly_has_a_sign_of_its_own() -> None:
    """Colour alone would tell nothing to who does not see it."""
    kinds = {getattr(anomalies, name) for name in ("SPIKE", "DROP", "SUSTAINED", "STOP", "MISUSE")}

    assert set(SIGNS) == kinds
    assert len(set(SIGNS.values())) == len(kinds)


@pytest.mark.parametrize(
    ("found", "label"),
    [
        (unusual("spike", 20, 2.2), "Spike ×3.2, 3 Nov"),
        (unusual("drop", 20, -0.7), "Drop −70 %, 3 Nov"),
        (unusual("sustained change", 20, 0.62, days=20), "New level, 3 Nov"),
        (unusual("stop", 20, -1.0, days=20), "Stopped, 3 Nov"),
        (unusual("suspected misuse", 20, 14.0), "Misuse? ×15, 3 Nov"),
    ],
)
def test_what_was_unusual_is_named_with_its_size_and_day(found: dict[str, Any], label: str) -> None:
    assert label in words(drawn(kept(found)))


def test_names_never_lie_over_each_other() -> None:
    axis = drawn(kept(*(unusual("spike", ago, 3.0) for ago in range(5, 60, 6))))

    names = [text for text in axis.texts if text.get_text().startswith("Spike")]
    assert 2 <= len(names) < 10
    for lane in {text.get_position()[1] for text in names}:
        spans = sorted(extent(text) for text in names if text.get_position()[1] == lane)
        assert all(left[1] < right[0] for left, right in pairwise(spans))


def test_a_long_sentence_is_folded_and_stays_inside() -> None:
    with drawing():
        figure = figure_of(kept(sentence=f"{SENTENCE}; " * 3), LIGHT, "record")

        ends = [extent(text)[1] for text in figure.texts]
    assert max(ends) <= SIZES["record"][0]
    assert any("\n" in text.get_text() for text in figure.texts)


def test_a_wild_day_does_not_squash_the_others() -> None:
    one = row(unusual("spike", 20, 99.0))
    one["series"]["actual"][100] = 10_000.0

    assert drawn(of_row(one, "s")).get_ylim()[1] < 400


def test_a_young_account_s_picture_has_no_empty_months() -> None:
    one = row()
    one["series"]["actual"][:100] = [None] * 100

    assert drawn(of_row(one, "s")).get_xlim()[1] == pytest.approx(28 + 90 - 0.5)


def test_an_account_of_which_nothing_was_measured_lately_can_be_drawn(tmp_path: Path) -> None:
    one = row()
    one["series"]["actual"] = [None] * 120

    draw_usage(of_row(one, "s"), tmp_path / "a.png", DARK, "record")


def test_the_mean_of_a_week_has_no_weekend_and_waits_for_four_measured_days() -> None:
    values = np.tile([100, 100, 100, 100, 100, 0, 0], 4).astype(float)
    values[15:20] = np.nan

    found = weekly(values)

    np.testing.assert_allclose(found[3:12], 500 / 7)
    assert np.isnan(found[[0, 1, 2, 17, 25, 26, 27]]).all()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="cannot be written"):
        draw_usage(kept(), tmp_path / "no" / "a.png", LIGHT, "record")


def extent(text: Text) -> tuple[float, float]:
    box = text.get_window_extent()
    return box.x0, box.x1


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
