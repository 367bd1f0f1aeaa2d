"""config.toml: as shipped it loads; what is wrong is said at once, with its key, without secrets."""

from pathlib import Path

import pytest

from daemon.config import Config, load
from daemon.errors import ConfigError

SHIPPED = Path(__file__).parents[3] / "config.toml"


def changed(tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value).splitlines()[1:]


def test_the_shipped_file_loads() -> None:
    assert load(SHIPPED).schedule.timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    "table", ["schedule", "maturity", "forecast", "monitoring", "feedback", "tiers", "upsell"]
)
def test_what_the_shipped_file_shows_is_the_default(table: str) -> None:
    """So a reader of the file knows what leaving a line out means."""
    shipped = getattr(load(SHIPPED), table).model_dump(exclude={"technologies"})

    assert shipped == type(getattr(load(SHIPPED), table))().model_dump(exclude={"technologies"})


def test_all_problems_are_said_at_once_with_their_keys(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("catch_up_h", "catchup_h"),
        ('timezone = "Europe/Berlin"', 'timezone = "Berlin"'),
        ("max_staleness_h = 2400", "max_stale_h = 2400"),
        ('"12:00"', '"noon"'),
    )

    assert problems(path) == [
        '  schedule.timezone: "Berlin" is no IANA time zone; write one like "Europe/Berlin" (got \'Berlin\')',
        '  schedule.slots[1]: "noon" is no time of day; write it like "06:30" (got \'noon\')',
        '  schedule.catchup_h: unknown key; did you mean "catch_up_h"?',
        '  sources.firmographics.max_stale_h: unknown key; did you mean "max_staleness_h"?',
    ]


def test_a_label_of_a_tier_that_is_none_is_refused(tmp_path: Path) -> None:
    (problem,) = problems(changed(tmp_path, ("levels = {}", 'levels = { Platinum = "high" }')))

    assert problem.startswith("  feedback.tier_changes.levels.Platinum: the tier is not in tiers.order")


def test_a_hold_out_refuses_a_field_that_keeps_what_was_shown(tmp_path: Path) -> None:
    entry = '[[salesforce.fields]]\noutput = "score"\nfield = "X__c"\nempty = "keep"\n\n[tiers]'
    held_out = ("hold_out_share = 0.0 ", "hold_out_share = 0.1 ")

    (problem,) = problems(changed(tmp_path, ("[tiers]", entry), held_out))

    assert problem.startswith('  salesforce.fields[0].empty: "keep" would leave score of the accounts')


def test_a_secret_written_into_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = changed(tmp_path, ("file:var/demo/secrets/sync_secret", "hunter2"))

    (problem,) = problems(path)

    assert problem.startswith("  salesforce.client_secret: a secret is never written here")
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    ("login", "given"),
    [
        ('client_secret = "env:A"\nprivate_key = "env:B"', "client_secret and private_key"),
        ('username = "sync@acme.com"', "username"),
        ('private_key = "file:sync.pem"', "private_key"),
        ("", "neither"),
    ],
)
@pytest.mark.parametrize(
    ("user", "table"), [("sync", "salesforce"), ("admin", "salesforce.admin")], ids=["sync", "admin"]
)
def test_half_a_log_in_or_two_are_refused(
    tmp_path: Path, user: str, table: str, login: str, given: str
) -> None:
    secret = f'client_secret = "file:var/demo/secrets/{user}_secret"'

    (problem,) = problems(changed(tmp_path, (secret, login)))

    assert problem.startswith(f"  {table}: log in by client_secret")
    assert problem.endswith(f"there is {given}")


def test_salesforce_is_spoken_to_over_https_only(tmp_path: Path) -> None:
    (problem,) = problems(changed(tmp_path, ("https://127.0.0.1:8443", "http://127.0.0.1:8443")))

    assert "https only" in problem


def test_a_field_name_cannot_carry_a_query(tmp_path: Path) -> None:
    entry = '[[salesforce.fields]]\noutput = "rating"\nfield = "X__c FROM User"\n\n[tiers]'

    (problem,) = problems(changed(tmp_path, ("[tiers]", entry)))

    assert problem.startswith("  salesforce.fields[0].field:")


def test_a_time_zone_of_a_source_is_known_before_any_work(tmp_path: Path) -> None:
    path = changed(
        tmp_path, ('query = "queries/activity.sql"', 'query = "queries/activity.sql"\ntimezone = "Berlin"')
    )

    (problem,) = problems(path)

    assert problem.startswith('  sources.activity.timezone: "Berlin" is no IANA time zone')


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_paths_and_secrets_are_relative_to_the_file(tmp_path: Path) -> None:
    path = changed(tmp_path)
    (tmp_path / "key").write_text("s3cret\n", encoding="utf-8")
    config: Config = load(path)

    assert config.secret("file:key") == "s3cret"
    assert config.path("var/lake") == tmp_path / "var/lake"
    assert config.url("sqlite:///var/state.db", "state.url") == f"sqlite:///{tmp_path / 'var/state.db'}"


def test_a_secret_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATURITYD_NOT_SET", raising=False)
    config = load(changed(tmp_path))

    with pytest.raises(ConfigError, match="set the environment variable MATURITYD_NOT_SET"):
        config.secret("env:MATURITYD_NOT_SET")


BARRED_AND_TOLD = """
barred = ["webinar_90d"]
barred_from_explanations = ["region", "astrology"]

[maturity.talk_tracks]
webinars_90d = "Ask who attended."
trainings_90d = { up = "Well done.", down = "Invite them." }
trainings_91d = "Ask."
emails_out_90d = "Ask."

[forecast]"""


def test_features_that_do_not_exist_are_named_with_the_nearest(tmp_path: Path) -> None:
    assert problems(changed(tmp_path, ("\n[forecast]", BARRED_AND_TOLD))) == [
        '  maturity.barred: there is no feature "webinar_90d"; did you mean "webinars_90d"?',
        '  maturity.barred_from_explanations: there is no feature "astrology"; '
        "docs/reference/features.md lists the features",
        '  maturity.talk_tracks: there is no feature "trainings_91d"; did you mean "trainings_90d"?',
        '  maturity.talk_tracks: "emails_out_90d" says more of us than of the customer and is never told',
    ]


def test_a_talk_track_is_one_text_or_one_for_each_direction(tmp_path: Path) -> None:
    text = '\n[maturity.talk_tracks]\nwebinars_90d = "Ask."\ncontacts = { down = "Find more." }\n[forecast]'
    tracks = load(changed(tmp_path, ("\n[forecast]", text))).maturity.talk_tracks

    assert (tracks["webinars_90d"].up, tracks["webinars_90d"].down) == ("Ask.", "Ask.")
    assert (tracks["contacts"].up, tracks["contacts"].down) == ("", "Find more.")


@pytest.mark.parametrize("track", ["x" * 201, "two\\nlines"])
def test_a_talk_track_is_one_line_of_200_characters(tmp_path: Path, track: str) -> None:
    text = f'\n[maturity.talk_tracks]\nwebinars_90d = "{track}"\n[forecast]'

    found = problems(changed(tmp_path, ("\n[forecast]", text)))

    assert all(each.startswith("  maturity.talk_tracks.webinars_90d.") for each in found)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('feature = "open_cases"', "upsell.rules[2]: a rule names either a health or a feature"),
        ("at_least = 2", "upsell.rules[2]: at_least and at_most are the bounds of a feature"),
        ('because = "no."', "upsell.rules[2].because"),
    ],
)
def test_an_upsell_rule_is_about_one_thing(tmp_path: Path, written: str, problem: str) -> None:
    because = "" if "because" in written else '\nbecause = "it is so"'
    rule = f'\n[[upsell.rules]]\nhealth = "stable"\nthen = "lower"{because}\n{written}\n'

    (found,) = problems(changed(tmp_path, ("\n[feedback] ", f"{rule}\n[feedback] ")))

    assert found.strip().startswith(problem)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("open_case", 'there is no feature "open_case"; did you mean "open_cases"?'),
        ("region", '"region" is no number, so it has no bounds'),
    ],
)
def test_an_upsell_rule_names_a_feature_that_has_bounds(tmp_path: Path, name: str, problem: str) -> None:
    (found,) = problems(changed(tmp_path, ('feature = "open_cases_urgent"', f'feature = "{name}"')))

    assert found == f"  upsell.rules[0].feature: {problem}"


def test_the_upsell_table_names_tiers_that_leave_something_to_suggest(tmp_path: Path) -> None:
    table = '\n[upsell.strength]\nhigh = { Bussiness = "low" }\nlow = { Team = "high" }\n\n[feedback] '

    assert problems(changed(tmp_path, ("\n[feedback] ", table))) == [
        '  upsell.strength.high.Bussiness: the tier is not in tiers.order; did you mean "Business"?',
        "  upsell.strength.low.Team: Team is not below Team, the tier that tiers.upsell gives to low, so "
        "there is nothing larger to suggest; name a larger one there",
    ]
