"""Alerts: one entry per cause, told once, resolved when the check no longer finds it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from daemon.alerts.book import Alert, open_alerts, settle
from daemon.alerts.channels import receivers
from daemon.alerts.deliver import Receiver, deliver
from daemon.config import load
from daemon.errors import ConfigError
from daemon.state.engine import read, write
from daemon.state.tables import alerts
from integrations.errors import Retryable
from integrations.interfaces import AlertMessage
from tests.conftest import NOW, StillClock

SHIPPED = Path(__file__).parents[3] / "config.toml"
CHANNELS = """
[alerts.wrong]
kind = "webhook"
url = "file:gone"
hosts = ["hooks.example"]

[alerts.right]
kind = "webhook"
url = "file:hook"
hosts = ["hooks.example"]
"""


def alert(key: str, severity: str = "warning") -> Alert:
    return Alert(key, severity, f"{key} is off", "what", "cause", "held back", "to do")


class Mailbox:
    """A channel that keeps what it is sent, or is down."""

    name = "mailbox"

    def __init__(self) -> None:
        self.down = False
        self.tries = 0
        self.got: list[AlertMessage] = []

    def send(self, alert: AlertMessage) -> None:
        self.tries += 1
        if self.down:
            raise Retryable("mailbox: is down")
        self.got.append(alert)


def told(mailbox: Mailbox, min_severity: str = "warning") -> Receiver:
    return Receiver(mailbox.name, lambda: mailbox, min_severity)


def find(engine: Engine, *keys: str) -> None:
    with write(engine) as connection:
        settle(connection, "inputs", [alert(key) for key in keys], None, NOW)


def test_the_same_cause_is_one_alert(engine: Engine) -> None:
    find(engine, "usage")
    find(engine, "usage")

    with read(engine) as connection:
        assert [row["title"] for row in open_alerts(connection)] == ["usage is off"]


def test_the_log_holds_the_whole_alert(engine: Engine) -> None:
    """It is the channel that is always there."""
    with capture_logs() as lines:
        find(engine, "usage")

    (line,) = lines
    assert (line["event"], line["log_level"]) == ("alert.raised", "warning")
    assert (line["cause"], line["held_back"], line["to_do"]) == ("cause", "held back", "to do")


def test_a_cause_that_is_gone_is_resolved_and_may_come_back(engine: Engine) -> None:
    find(engine, "usage", "mail")
    find(engine, "mail")
    find(engine, "usage")

    with read(engine) as connection:
        rows = connection.execute(select(alerts.c.title, alerts.c.status).order_by(alerts.c.id)).all()
    assert [tuple(row) for row in rows] == [
        ("usage is off", "resolved"),
        ("mail is off", "resolved"),
        ("usage is off", "open"),
    ]


def test_a_check_resolves_nothing_of_another_check(engine: Engine) -> None:
    find(engine, "usage")

    with write(engine) as connection:
        settle(connection, "importance", [], None, NOW)

    with read(engine) as connection:
        assert len(open_alerts(connection)) == 1


def test_opening_and_resolution_are_each_told_once(engine: Engine, clock: StillClock) -> None:
    mailbox = Mailbox()
    receivers = [told(mailbox)]
    find(engine, "usage")
    deliver(engine, clock, receivers)
    deliver(engine, clock, receivers)
    find(engine)
    deliver(engine, clock, receivers)
    deliver(engine, clock, receivers)

    assert [message.status for message in mailbox.got] == ["open", "resolved"]
    assert len({message.fingerprint for message in mailbox.got}) == 1


def test_a_channel_that_was_down_is_told_later(engine: Engine, clock: StillClock) -> None:
    mailbox = Mailbox()
    mailbox.down = True
    find(engine, "usage")
    deliver(engine, clock, [told(mailbox)])

    mailbox.down = False
    clock.wait(5 * 60)
    deliver(engine, clock, [told(mailbox)])

    assert len(mailbox.got) == 1


def test_a_channel_that_is_away_is_tried_ever_more_rarely_and_not_given_up(
    engine: Engine, clock: StillClock
) -> None:
    mailbox = Mailbox()
    mailbox.down = True
    find(engine, "usage")
    for _ in range(6 * 12):
        deliver(engine, clock, [told(mailbox)])
        clock.wait(5 * 60)
    tries = mailbox.tries

    mailbox.down = False
    clock.wait(60 * 60)
    deliver(engine, clock, [told(mailbox)])

    assert tries == 13 + 4
    assert len(mailbox.got) == 1


def test_a_new_channel_hears_what_is_open_and_nothing_of_the_past(engine: Engine, clock: StillClock) -> None:
    find(engine, "usage", "mail")
    find(engine, "mail")
    mailbox = Mailbox()

    deliver(engine, clock, [told(mailbox)])

    assert [(message.title, message.status) for message in mailbox.got] == [("mail is off", "open")]


def test_an_end_is_told_only_where_the_beginning_was(engine: Engine, clock: StillClock) -> None:
    mailbox = Mailbox()
    mailbox.down = True
    find(engine, "usage")
    deliver(engine, clock, [told(mailbox)])
    find(engine)

    mailbox.down = False
    clock.wait(60 * 60)
    deliver(engine, clock, [told(mailbox)])

    assert mailbox.got == []


def test_a_channel_that_cannot_be_opened_stops_no_other(engine: Engine, clock: StillClock) -> None:
    """Its secret may be gone, or its URL no URL; the log says so without the URL."""

    def shut() -> Mailbox:
        raise ConfigError("the secret file:hook cannot be read")

    def broken() -> Mailbox:
        raise ValueError("https://hooks.example/token is no URL")

    mailbox = Mailbox()
    find(engine, "usage")
    with capture_logs() as lines:
        deliver(
            engine,
            clock,
            [Receiver("shut", shut, "warning"), Receiver("broken", broken, "warning"), told(mailbox)],
        )

    assert len(mailbox.got) == 1
    assert [(line["channel"], line["error"]) for line in lines] == [
        ("shut", "the secret file:hook cannot be read"),
        ("broken", "ValueError"),
    ]


def test_the_channels_of_config_are_told_each_on_its_own(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8") + CHANNELS
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    (tmp_path / "hook").write_text("https://hooks.example/token", encoding="utf-8")

    found = {each.name: each for each in receivers(load(tmp_path / "config.toml"))}

    assert found["right"].open().name == "right"
    with pytest.raises(ConfigError, match="gone"):
        found["wrong"].open()


def test_a_channel_hears_nothing_below_its_severity(engine: Engine, clock: StillClock) -> None:
    mailbox = Mailbox()
    find(engine, "usage")

    deliver(engine, clock, [told(mailbox, "critical")])

    assert mailbox.got == []
