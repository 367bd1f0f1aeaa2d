"""The state: what was run, landed, learned, decided and sent. SQLite by default, PostgreSQL in production."""
