"""The maturity model on any table with a categorical target, no CRM needed: `maturityd try maturity`.

Start in `trial.py`; `columns.py` finds what a table's columns are, `report.py` writes the page. Imports what
the rest of `models/maturity` offers; nothing of it imports this.
"""
