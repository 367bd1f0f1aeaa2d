"""SIGKILL on the steps that carry data, with G1 to G8 looked at after every single one.

On PostgreSQL some of the attempts are not killed, but cut off from the state.
"""

from pathlib import Path

import pytest

from tests.postgresql import Server
from tests.scenarios.kills import campaign

SEED = 7
KILLS_A_COMPANY = 200
KILLS_ON_POSTGRESQL = 20

EVERY_NTH_ON_POSTGRESQL = 3
"""Company of `make kills`."""


def test_200_kills_of_the_steps_that_carry_data_break_no_promise(tmp_path: Path) -> None:
    fought = campaign(tmp_path / "play", SEED, KILLS_A_COMPANY)

    assert fought.violations == []


def test_20_kills_on_postgresql_break_no_promise(tmp_path: Path, postgresql: Server) -> None:
    fought = campaign(tmp_path / "play", SEED, KILLS_ON_POSTGRESQL, postgresql.new_state())

    assert fought.violations == []


@pytest.mark.kills
def test_thousands_of_kills_break_no_promise(
    tmp_path: Path, postgresql: Server, pytestconfig: pytest.Config
) -> None:
    """One company after the other; the seed of a failure is in its message."""
    kills = pytestconfig.getoption("--kills")
    for number, before in enumerate(range(0, kills, KILLS_A_COMPANY)):
        seed = SEED + 1 + number
        state = postgresql.new_state() if number % EVERY_NTH_ON_POSTGRESQL == 1 else None
        fought = campaign(tmp_path / str(seed), seed, min(KILLS_A_COMPANY, kills - before), state)

        print(  # noqa: T201 - a long run shows that it is alive
            f"seed {seed} on {fought.play.evidence.engine.dialect.name}: {fought.kills} kills, "
            f"{fought.cuts} connections cut, {fought.attempts} attempts, {fought.slots} slots, "
            f"{len(fought.play.faults.injected)} faults, {len(fought.violations)} violations"
        )
        assert fought.violations == [], f"seed {seed}"
