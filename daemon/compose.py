"""What commands and the daemon start from: the state, opened, and the alert channels."""

from sqlalchemy import Engine

from daemon.alerts.deliver import Receiver
from daemon.config import Config
from daemon.config.alerts import WebhookTable
from daemon.state.engine import connect
from daemon.state.schema import migrate
from integrations.notify.webhook import WebhookChannel


def open_state(config: Config) -> Engine:
    """The state, its tables brought to this program's version."""
    engine = connect(config.url(config.state.url))
    migrate(engine)
    return engine


def receivers(config: Config) -> list[Receiver]:
    """The configured alert channels."""
    return [
        Receiver(_webhook(name, table, config), table.min_severity) for name, table in config.alerts.items()
    ]


def _webhook(name: str, table: WebhookTable, config: Config) -> WebhookChannel:
    return WebhookChannel(name, config.secret(table.url), table.hosts, timeout_s=table.timeout_s)
