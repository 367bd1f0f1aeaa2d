"""What a feature reads is what its documentation says."""

from dataclasses import replace

import ibis
import pyarrow as pa
import pytest

from models.features.feature import Feature
from models.features.lineage import columns_read
from models.tables import Facts
from tests.models.features.examples import CATALOGUE
from tests.models.features.facts import SCHEMAS

UNBOUND = Facts(
    **{
        name: ibis.table(ibis.Schema.from_pyarrow(pa.schema(list(columns.items()))), name=name)
        for name, columns in SCHEMAS.items()
    }
)


@pytest.mark.parametrize("feature", CATALOGUE.features, ids=CATALOGUE.names)
def test_the_documented_sources_are_the_facts_that_are_read(feature: Feature) -> None:
    """When accounts were created decides which there are, whatever the feature."""
    read = {fact for fact, _ in columns_read(feature, UNBOUND)}

    assert read - {"accounts"} == set(feature.sources) - {"accounts"}


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("usage_users_growth_percent_28d", {"usage_daily.day", "usage_daily.users"}),
        ("webinars_90d", {"activity.event_at", "activity.kind"}),
        (
            "email_our_response_hours_90d",
            {"emails.direction", "emails.event_at", "emails.message_key", "emails.reply_to"},
        ),
        ("industry", {"firmographics.event_at", "firmographics.industry"}),
        ("account_age_days", {"accounts.created_on"}),
    ],
)
def test_only_the_columns_that_decide_the_value_are_read(name: str, columns: set[str]) -> None:
    """Through filters, joins and groups, and not every column of the prepared rows."""
    assert {".".join(each) for each in columns_read(CATALOGUE[name], UNBOUND)} == columns


def test_another_expression_reads_something_else() -> None:
    changed = replace(CATALOGUE["webinars_90d"], value=lambda t: t.value.sum())

    assert ("activity", "value") in columns_read(changed, UNBOUND)
    assert ("activity", "kind") not in columns_read(changed, UNBOUND)
