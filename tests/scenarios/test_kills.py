"""SIGKILL on the steps that carry data, with G1 to G8 looked at after every single one."""

from pathlib import Path

import pytest

from tests.scenarios.kills import campaign

SEED = 7
KILLS_A_COMPANY = 200


def test_200_kills_of_the_steps_that_carry_data_break_no_promise(tmp_path: Path) -> None:
    fought = campaign(tmp_path / "play", SEED, KILLS_A_COMPANY)

    assert fought.violations == []


@pytest.mark.kills
def test_thousands_of_kills_break_no_promise(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """One company after the other; the seed of a failure is in its message."""
    kills = pytestconfig.getoption("--kills")
    for number, before in enumerate(range(0, kills, KILLS_A_COMPANY)):
        seed = SEED + 1 + number
        fought = campaign(tmp_path / str(seed), seed, min(KILLS_A_COMPANY, kills - before))

        print(  # noqa: T201 - a long run shows that it is alive
            f"seed {seed}: {fought.kills} kills, {fought.attempts} attempts, {fought.slots} slots, "
            f"{len(fought.play.faults.injected)} faults, {len(fought.violations)} violations"
        )
        assert fought.violations == [], f"seed {seed}"
