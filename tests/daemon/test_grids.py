"""What makes a cell of a grid another cell."""

import pytest

from daemon.grids import key_of


def test_a_cell_of_another_release_is_another_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    now = key_of("data", {"depth": 3}, 0)
    monkeypatch.setattr("daemon.grids.this_release", lambda: "the one before")

    assert key_of("data", {"depth": 3}, 0) != now
    assert key_of("data", {"depth": 3}, 0) == key_of("data", {"depth": 3}, 0)
