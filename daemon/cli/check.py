"""`check`: config.toml and every connection, looked at and left alone."""

from collections.abc import Callable
from pathlib import Path

import typer
from sqlalchemy import make_url

from daemon.alerts.channels import receivers
from daemon.alerts.deliver import Receiver
from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_table
from daemon.clock import Clock, SystemClock
from daemon.config import Config, load
from daemon.errors import ConfigError, DaemonError
from daemon.exits import Exit
from daemon.salesforce import org_of
from daemon.sources import feeds
from daemon.state.engine import connect
from daemon.state.schema import refuse_newer
from integrations.errors import IntegrationError
from integrations.salesforce.notices import notice_problems
from integrations.salesforce.schema import ACCOUNT


def register(app: typer.Typer) -> None:
    app.command()(check)


def check(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Check config.toml, secrets, the state, every source and the org; change nothing."""
    settings = load(config)
    clock = SystemClock()
    looks: list[tuple[str, Callable[[], str]]] = [
        ("state", lambda: _state(settings)),
        *((f"source {feed.name}", lambda feed=feed: feed.open().check()) for feed in feeds(settings, clock)),
        ("salesforce", lambda: _org(settings, clock)),
        *((("notices", lambda: _notices(settings, clock)),) if settings.notices.enabled else ()),
        *((f"alerts {each.name}", lambda each=each: _channel(each)) for each in receivers(settings)),
    ]
    rows = [(name, *_looked(look)) for name, look in looks]
    if json:
        print_json(checks=[{"name": name, "ok": ok, "found": found} for name, ok, found in rows])
    else:
        print_table(
            "check",
            ("what", "", "found"),
            [(name, "ok" if ok else "WRONG", found) for name, ok, found in rows],
        )
    if not all(ok for _, ok, _ in rows):
        raise typer.Exit(Exit.CONFIGURATION)


def _looked(look: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, look()
    except (DaemonError, IntegrationError) as error:
        return False, str(error)


def _state(settings: Config) -> str:
    url = settings.url(settings.state.url, "state.url")
    file = make_url(url)
    if file.get_backend_name() == "sqlite" and not Path(file.database or "").exists():
        return f"{file} is not there yet; the first run makes it"
    engine = connect(url)
    refuse_newer(engine)
    return engine.url.render_as_string()


def _channel(receiver: Receiver) -> str:
    receiver.open()
    return "can be opened; `maturityd alerts test` sends through it"


def _org(settings: Config, clock: Clock) -> str:
    org = org_of(settings, clock)
    problems = org.mapping.problems(org.client.describe(ACCOUNT))
    if problems:
        raise ConfigError("; ".join(map(str, problems)))
    usage = org.client.usage
    return f"org {org.client.org_id}, every field can be written" + (
        f", {usage.used:,} of {usage.allowed:,} API calls used today" if usage else ""
    )


def _notices(settings: Config, clock: Clock) -> str:
    table = settings.notices
    problems = notice_problems(org_of(settings, clock).client, table.approved_field, table.owner)
    if problems:
        raise ConfigError("; ".join(problems))
    return f"tasks can be made for {table.owner or 'the owners of accounts'}: {', '.join(table.kinds)}"
