"""The gate as a step: what it puts on record, and when it alerts."""

from datetime import timedelta

import pytest

from daemon.alerts.book import open_alerts
from daemon.rollback import unpin
from daemon.state import registry
from daemon.state.engine import read, write
from daemon.steps.gate import MANY_REJECTIONS
from tests.daemon.rated import FIRST_CYCLE, Rated

LATER = FIRST_CYCLE + timedelta(days=1)
DECIDING = ("snapshot", "train", "gate")


def champion(rated: Rated) -> registry.Version:
    with read(rated.engine) as connection:
        found = registry.champion(connection, "maturity")
    assert found is not None
    return found


def held_back(rated: Rated, count: int) -> None:
    """So many challengers that the gate held back, one after the other."""
    used = champion(rated)
    for number in range(1, count + 1):
        at = FIRST_CYCLE + timedelta(hours=number)
        run = rated.context(at).run.id
        with write(rated.engine) as connection:
            version = f"held-back-{number}"
            content = registry.content(connection, used)
            new = registry.NewVersion(version, "maturity", run, used.artifact, content, "", {}, None)
            registry.register(connection, new, at)
            registry.reject(connection, version, "Held back: it is worse.")


def pinned_by_ada(rated: Rated) -> None:
    """From here on every equal challenger is held back."""
    with write(rated.engine) as connection:
        registry.promote(connection, champion(rated).version, "trusted", FIRST_CYCLE, by="Ada", pinned=True)


def titles(rated: Rated) -> list[str]:
    with read(rated.engine) as connection:
        return [f"{row['title']} ({row['cause']})" for row in open_alerts(connection, "gate")]


def test_every_decision_is_on_record_with_the_figures_of_every_check(rated: Rated) -> None:
    version = champion(rated)

    assert version.decision is not None
    checks = {check["name"]: check for check in version.decision["checks"]}
    assert set(checks) == {"log_loss_gain", "kappa", "calibration_error", "macro_f1", "largest_share"}
    assert checks["kappa"]["low"] < checks["kappa"]["high"]
    assert all(check["passed"] for check in checks.values())
    assert version.decision["operating_point"]["words"] == "No goal is selected; the level cut serves."
    assert "90 % interval" in str(version.reason)


def test_a_later_challenger_is_compared_with_the_champion_on_shared_labels(rated: Rated) -> None:
    rated.cycle(LATER, DECIDING)

    with read(rated.engine) as connection:
        newest = registry.versions(connection, "maturity")[0]
    assert newest.decision is not None
    checks = {check["name"]: check for check in newest.decision["checks"]}
    assert checks["not_worse"]["low"] <= checks["not_worse"]["value"] <= checks["not_worse"]["high"]
    assert "changed_ratings" in checks
    assert "differs by" in str(newest.reason)


@pytest.mark.parametrize(("before", "alerts"), [(MANY_REJECTIONS - 2, 0), (MANY_REJECTIONS - 1, 1)])
def test_the_sixth_rejection_in_a_row_is_told_and_none_before(rated: Rated, before: int, alerts: int) -> None:
    held_back(rated, before)
    pinned_by_ada(rated)

    rated.cycle(LATER, DECIDING)

    assert len(titles(rated)) == alerts
    assert all("Ada put" in title and "trusted" in title for title in titles(rated))


def test_a_publication_ends_the_alert(rated: Rated) -> None:
    held_back(rated, MANY_REJECTIONS - 1)
    pinned_by_ada(rated)
    rated.cycle(LATER, DECIDING)
    with write(rated.engine) as connection:
        unpin(connection, "Ada", "trust is back", LATER)

    rated.cycle(LATER + timedelta(hours=6), DECIDING)

    assert titles(rated) == []
