"""config.toml as frozen models, one file per table. Start at load.py."""

from daemon.config.load import Config, load

__all__ = ["Config", "load"]
