"""What is known about each account as of a cut, as documented columns.

Start at `catalogue.py` (which features there are) and `snapshot.py` (how they are computed). A family
of features is one file; adding a feature is one entry in it, expression and documentation together.
Takes Ibis tables of facts (`models.tables.Facts`) on any engine; imports no integration, no daemon.
"""
