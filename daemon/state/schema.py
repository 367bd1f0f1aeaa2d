"""Brings the state's tables to this program's version, and refuses a newer one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from daemon.errors import StateError
from daemon.state.engine import write


def migrate(engine: Engine) -> None:
    """Create or upgrade every table, in one transaction; nothing where they are current.

    raises: StateError when the state was written by a newer program.
    """
    config = _config()
    current = _revision(engine)
    if current == ScriptDirectory.from_config(config).get_current_head():
        return
    refuse_newer(engine)
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def refuse_newer(engine: Engine) -> None:
    """raises: StateError when the state's revision is not one of this program's, or it cannot be opened."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    current = _revision(engine)
    if current is not None and current not in known:
        raise StateError(
            f"the state at {engine.url.render_as_string()} has schema {current}, which this program "
            "does not know: it was written by a newer maturityd. Start that version, or restore a "
            "backup made before it."
        )


def _revision(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise StateError(
            f"the state at {engine.url.render_as_string()} cannot be opened ({error.orig}); "
            "see [state] url, and whether the database is up"
        ) from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
