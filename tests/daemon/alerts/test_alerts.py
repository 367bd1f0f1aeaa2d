"""Alerts: one entry per cause, told once, resolved when the check no longer finds it."""

from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from daemon.alerts.book import Alert, open_alerts, settle
from daemon.alerts.deliver import Receiver, deliver
from daemon.state.engine import read, write
from daemon.state.tables import alerts
from integrations.errors import Retryable
from integrations.interfaces import AlertMessage
from tests.conftest import NOW, StillClock


def alert(key: str, severity: str = "warning") -> Alert:
    return Alert(key, severity, f"{key} is off", "what", "cause", "held back", "to do")


class Mailbox:
    """A channel that keeps what it is sent, or is down."""

    name = "mailbox"

    def __init__(self) -> None:
        self.down = False
        self.got: list[AlertMessage] = []

    def send(self, alert: AlertMessage) -> None:
        if self.down:
            raise Retryable("mailbox: is down")
        self.got.append(alert)


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
    receivers = [Receiver(mailbox, "warning")]
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
    deliver(engine, clock, [Receiver(mailbox, "warning")])

    mailbox.down = False
    deliver(engine, clock, [Receiver(mailbox, "warning")])

    assert len(mailbox.got) == 1


def test_a_channel_hears_nothing_below_its_severity(engine: Engine, clock: StillClock) -> None:
    mailbox = Mailbox()
    find(engine, "usage")

    deliver(engine, clock, [Receiver(mailbox, "critical")])

    assert mailbox.got == []
