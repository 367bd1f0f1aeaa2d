"""`catalog`: what there is to know from, and where it comes from."""

from pathlib import Path
from typing import get_args

import pytest

from daemon.catalog import FILLS, query_entry
from daemon.config.sources import AnySource
from daemon.lake.facts import EVENTS, FACTS
from tests.daemon.cli.conftest import CONFIG, Maturityd

SQL = """
[sources.visits]
kind = "sql_activity"
url = "sqlite:///warehouse.db"
query = "visits.sql"
identity = { tenant = "tenant_id" }
columns = { value = "amount" }
"""
QUERY = """-- What people did.
--
-- Parameter :since   rows written since

SELECT a::text AS activity_id, amount FROM visits WHERE loaded_at >= :since AND hour > '10:30'
"""


@pytest.fixture
def with_query(folder: Path) -> Path:
    (folder / "config.toml").write_text(CONFIG.replace("[salesforce]", f"{SQL}\n[salesforce]", 1), "utf-8")
    (folder / "visits.sql").write_text(QUERY, encoding="utf-8")
    return folder


def test_every_kind_of_source_fills_facts_that_there_are_and_every_fact_is_filled() -> None:
    kinds = {
        kind for table in get_args(AnySource) for kind in get_args(table.model_fields["kind"].annotation)
    }

    assert set(FILLS) == kinds
    assert {fact for facts in FILLS.values() for fact in facts} == {*FACTS, *EVENTS}


@pytest.mark.usefixtures("with_query")
def test_a_query_is_listed_with_its_parameters_and_its_own_words(maturityd: Maturityd) -> None:
    (query,) = maturityd("catalog", "queries", "--json").json["queries"]

    assert query == {
        "path": "visits.sql",
        "source": "visits",
        "fact": "activity",
        "parameters": ["since"],
        "about": "What people did.",
        "documentation": "What people did.\n\nParameter :since   rows written since",
    }


@pytest.mark.usefixtures("with_query")
def test_a_feature_is_followed_to_the_column_of_the_query(maturityd: Maturityd) -> None:
    features = {each["name"]: each for each in maturityd("catalog", "features", "--json").json["features"]}

    origins = {each["column"]: each["place"] for each in features["web_visits_90d"]["origins"]}
    assert origins == {
        "event_at": "visits.sql: event_at",
        "kind": "visits.sql: kind",
        "value": "visits.sql: amount",
    }
    assert features["employees"]["origins"] == []


@pytest.mark.usefixtures("with_query")
def test_all_three_are_printed_where_none_is_named(maturityd: Maturityd) -> None:
    said = maturityd("catalog")

    assert (said.code, said.err) == (0, "")
    assert all(word in said.out for word in ("csv_usage", "visits.sql", "usage_events_per_day_28d"))


def test_a_query_that_is_not_there_is_a_mistake_of_the_configuration(
    maturityd: Maturityd, with_query: Path
) -> None:
    (with_query / "visits.sql").unlink()
    said = maturityd("catalog", "queries")

    assert said.code == 78
    assert "sources.visits.query" in said.err
    assert "visits.sql" in said.err


def test_another_word_is_refused_with_those_there_are(maturityd: Maturityd) -> None:
    said = maturityd("catalog", "models")

    assert said.code == 2
    assert "features" in said.err


def test_a_query_without_a_head_comment_has_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("SELECT 1 WHERE :since\n", encoding="utf-8")

    assert query_entry(tmp_path / "q.sql", "q.sql", "s", "activity").about == ""
