"""How pictures of usage look in light and in dark, and how they become files of equal bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daemon.errors import StepFailed

FORMATS = (".png", ".svg")
PIXELS_PER_INCH = 100

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that texts are as wide on every machine
    "font.size": 8.5,
    "svg.hashsalt": "maturityd",
    "svg.fonttype": "path",
    "axes.unicode_minus": True,
}


@dataclass(frozen=True)
class Theme:
    """Colours, told apart by the colour-blind too. paper: behind everything. ink, soft: of texts.

    grid: lines to read by. past, ahead: usage and its forecast. band: of the forecast, inner and outer.
    odd: anomalies. good, bad, even: health.
    """

    paper: str
    ink: str
    soft: str
    grid: str
    past: str
    ahead: str
    band: tuple[str, str]
    odd: str
    good: str
    bad: str
    even: str


LIGHT = Theme(
    paper="#ffffff",
    ink="#1b1f24",
    soft="#57606a",
    grid="#e3e6ea",
    past="#3d444d",
    ahead="#0757ab",
    band=("#a9cdf2", "#dcebfa"),
    odd="#b03a00",
    good="#00664a",
    bad="#b03a00",
    even="#57606a",
)
DARK = Theme(
    paper="#14181d",
    ink="#f0f3f6",
    soft="#a8b1bb",
    grid="#2b323a",
    past="#ccd3da",
    ahead="#7cbcff",
    band=("#27507c", "#1c334c"),
    odd="#ffa15c",
    good="#4fd1a5",
    bad="#ffa15c",
    even="#a8b1bb",
)


@contextmanager
def drawing() -> Iterator[None]:
    """While it lasts, matplotlib draws as maturityd does, whatever this machine's settings say."""
    with mpl.rc_context(STYLE):
        yield


def blank(width: int, height: int, theme: Theme) -> Figure:
    """A figure of so many pixels."""
    inches = (width / PIXELS_PER_INCH, height / PIXELS_PER_INCH)
    return Figure(figsize=inches, dpi=PIXELS_PER_INCH, facecolor=theme.paper)


def plain(axis: Axes, theme: Theme) -> None:
    """Without a frame, with thin lines to read heights by."""
    axis.set_facecolor(theme.paper)
    axis.spines[:].set_visible(False)
    axis.grid(axis="y", color=theme.grid, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(length=0, colors=theme.soft, pad=6)


def save(figure: Figure, path: Path, title: str) -> None:
    """Write it; equal figures are equal bytes.

    title: for who cannot see it. raises: StepFailed where the file is of another kind or cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise StepFailed(f"{path} would be a picture of an unknown kind; name it {' or '.join(FORMATS)}")
    known: dict[Any, Any] = {"Title": title, "Software" if kind == ".png" else "Date": None}
    try:
        figure.savefig(path, format=kind[1:], metadata=known, facecolor=figure.get_facecolor())
    except OSError as error:
        raise StepFailed(f"{path} cannot be written: {error.strerror}; name another file") from error
