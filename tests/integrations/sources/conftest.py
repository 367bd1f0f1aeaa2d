"""One org with the sources' fields, made once; tests work on copies."""

from pathlib import Path

import pytest

from tests.integrations.sources.orgs import build_template


@pytest.fixture(scope="session")
def org_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("org") / "template"
    build_template(folder)
    return folder
