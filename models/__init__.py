"""Pure computation on tables: features, maturity, forecast, monitoring.

Imports neither `integrations` nor `daemon`; no network, no files, no clock. Start at tables.py.
"""
