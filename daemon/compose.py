"""What commands and the daemon start from: the state, opened."""

from sqlalchemy import Engine

from daemon.config import Config
from daemon.state.engine import connect
from daemon.state.schema import migrate


def open_state(config: Config) -> Engine:
    """The state, its tables brought to this program's version."""
    engine = connect(config.url(config.state.url, "state.url"))
    migrate(engine)
    return engine
