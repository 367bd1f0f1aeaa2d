"""A company in which a model was trained and rates, made once and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.rated import Rated, rated_company


@pytest.fixture(scope="session")
def trained_company(tmp_path_factory: pytest.TempPathFactory) -> Rated:
    rated = rated_company(tmp_path_factory.mktemp("rated"))
    rated.cycle()
    return rated


@pytest.fixture
def rated(trained_company: Rated, tmp_path: Path) -> Iterator[Rated]:
    """The company after its first cycle, in a folder of the test's own."""
    copied = trained_company.copy(tmp_path / "rated")
    yield copied
    copied.engine.dispose()
