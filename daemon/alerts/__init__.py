"""Alerts: put on record once per cause (book.py), told to every channel (deliver.py)."""
