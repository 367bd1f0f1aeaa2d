"""Labels to look at again: found by models that did not know them, told with who said what, never dropped."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from daemon.config import Config, load
from daemon.label_review import LabelReview, review
from daemon.labels import heard_until
from daemon.slots import Slot
from daemon.state import registry, runs
from daemon.state.engine import read, write
from daemon.state.predictions import replace_predictions
from daemon.state.tables import expert_ratings
from models.maturity.held_out import HeldOut
from models.tables import LEVELS
from tests.conftest import NOW
from tests.daemon.lake.conftest import World, account
from tests.daemon.lake.conftest import world as world  # the fixture
from tests.daemon.steps.test_forecast import CONFIG

AGO = NOW - timedelta(days=9)
EXPERT = "005000000000001AAA"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path / "config.toml")


def id_of(name: str) -> str:
    return f"{name:0<18}"


def rate(world: World, name: str, level: str, at: datetime = AGO) -> None:
    row = {"event_id": f"{name}{at}", "account_id": id_of(name), "level": level, "by_user": EXPERT, "at": at}
    with write(world.engine) as connection:
        connection.execute(insert(expert_ratings).values(**row, landed_at=NOW))


def trained(world: World, hour: int, *predicted: tuple[str, int, tuple[float, float, float]]) -> int:
    """A version with these held-out predictions: account, level it was told, probabilities."""
    held_out = HeldOut(
        account_id=np.array([id_of(name) for name, _, _ in predicted]),
        at=np.array([AGO.replace(tzinfo=None)] * len(predicted), dtype="datetime64[us]"),
        level=np.array([level for _, level, _ in predicted]),
        rating=np.array([int(np.argmax(shares)) for _, _, shares in predicted]),
        probabilities=np.array([np.rint(np.array(shares) * 65535) for _, _, shares in predicted], np.uint16),
    )
    now = NOW + timedelta(hours=hour)
    with write(world.engine) as connection:
        run = runs.claim(connection, Slot(f"2026-11-23T{hour:02}:30", now), 1, now)
        new = registry.NewVersion(
            f"maturity-{hour}", "maturity", run.id, f"{hour:064}", b"", "", {}, held_out.to_bytes()
        )
        registry.register(connection, new, now)
    return run.id


def reviewed(world: World, config: Config) -> LabelReview:
    return review(config, world.engine, NOW)


def test_a_contradicted_label_is_told_with_who_said_it_and_what_speaks_against_it(
    world: World, config: Config
) -> None:
    world.land("accounts", account("Acme"))
    rate(world, "Acme", "Low")
    run_id = trained(world, 6, ("Acme", 0, (0.1, 0.2, 0.7)))
    reasons = [
        {"sentence": "Much is automated.", "direction": "up"},
        {"sentence": "Few people use it.", "direction": "down"},
    ]
    with write(world.engine) as connection:
        replace_predictions(connection, run_id, [prediction("Acme", reasons)])

    (found,) = reviewed(world, config).suspicions

    assert (found.name, found.by, found.at, found.origin) == ("Acme", EXPERT, AGO, "expert")
    assert (found.given, found.likeliest) == ("low", "high")
    assert found.p_given == pytest.approx(0.1, abs=1e-4)
    assert found.reasons == ("Much is automated.",)


def test_the_least_believed_label_comes_first_and_agreement_is_not_listed(
    world: World, config: Config
) -> None:
    for name, level in (("A", "Low"), ("B", "High"), ("C", "Medium")):
        rate(world, name, level)
    trained(world, 6, ("A", 0, (0.3, 0.6, 0.1)), ("B", 2, (0.9, 0.1, 0.0)), ("C", 1, (0.1, 0.8, 0.1)))

    found = reviewed(world, config)

    assert [each.account_id for each in found.suspicions] == [id_of("B"), id_of("A")]
    assert (found.labels, found.judged) == (3, 3)


def test_a_label_that_the_newest_model_did_not_hold_out_is_judged_by_an_older_one(
    world: World, config: Config
) -> None:
    for name in "AB":
        rate(world, name, "Low")
    trained(world, 6, ("A", 0, (0.1, 0.8, 0.1)), ("B", 0, (0.1, 0.8, 0.1)))
    trained(world, 12, ("B", 0, (0.9, 0.1, 0.0)))

    assert [each.account_id for each in reviewed(world, config).suspicions] == [id_of("A")]


def test_a_label_that_was_corrected_since_is_suspicious_no_more(world: World, config: Config) -> None:
    rate(world, "A", "Low")
    trained(world, 6, ("A", 0, (0.1, 0.1, 0.8)))
    rate(world, "A", "High", AGO + timedelta(days=8))

    found = reviewed(world, config)

    assert (found.suspicions, found.labels) == ((), 1)


def test_a_label_that_was_another_when_it_was_held_out_is_not_judged(world: World, config: Config) -> None:
    rate(world, "A", "High")
    trained(world, 6, ("A", 0, (0.1, 0.1, 0.8)))

    found = reviewed(world, config)

    assert (found.suspicions, found.judged) == ((), 0)


def test_a_review_drops_no_label(world: World, config: Config) -> None:
    rate(world, "A", "Low")
    trained(world, 6, ("A", 0, (0.0, 0.1, 0.9)))

    reviewed(world, config)

    with read(world.engine) as connection:
        (label,) = heard_until(connection, config.feedback, NOW).labels
    assert LEVELS[label.level] == "low"


def prediction(name: str, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    given = {"status": "scored", "status_reason": "", "data_as_of": NOW, "rating": "high"}
    return {"account_id": id_of(name), "reasons": reasons, **given}
