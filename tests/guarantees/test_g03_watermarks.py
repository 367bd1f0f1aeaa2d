"""G3 holds on an honest day, and its checker sees rows that a watermark has passed and nobody landed."""

import pytest
from sqlalchemy import delete

from daemon.state.tables import manifest
from tests.guarantees import g03_watermarks
from tests.guarantees.conftest import Tampered


def test_on_an_honest_day_all_is_landed_or_to_come(tampered: Tampered) -> None:
    assert g03_watermarks.check(tampered.evidence) == []


@pytest.mark.parametrize("fact", ["emails", "usage_daily", "contacts", "firmographics"])
def test_rows_behind_the_watermark_that_have_not_landed_are_found(tampered: Tampered, fact: str) -> None:
    tampered.change(delete(manifest).where(manifest.c.fact == fact))

    assert any(f"'{fact}'" in lost for lost in g03_watermarks.check(tampered.evidence))
