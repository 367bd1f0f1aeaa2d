"""Alembic migrations of the state, run by `daemon.state.schema`."""
