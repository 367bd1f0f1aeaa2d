"""The alert channels that config.toml names."""

from functools import partial

from daemon.alerts.deliver import Receiver
from daemon.config import Config
from daemon.config.alerts import WebhookTable
from integrations.notify.webhook import WebhookChannel


def receivers(config: Config) -> list[Receiver]:
    """The configured channels, each opened when it is told something, and what it takes.

    Opening one raises ConfigError for a secret that is not there, SetupError for a URL that may not be used.
    """
    return [
        Receiver(name, partial(_webhook, name, table, config), table.min_severity)
        for name, table in config.alerts.items()
    ]


def _webhook(name: str, table: WebhookTable, config: Config) -> WebhookChannel:
    return WebhookChannel(name, config.secret(table.url), table.hosts, timeout_s=table.timeout_s)
